"""The tensors of a single file, by name: their shapes at once, their numbers one at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from ..errors import ModelError
from .families import Shapes
from .pickled_checkpoint import PickleRefused, read_pickled
from .tensor_reading import TensorReader

__all__ = ["StoredTensors", "open_tensors"]

_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"
_OTHER_BEGINNINGS = (
    (b"GGUF", "a GGUF file, whose quantised weights this program can't use"),
    (b"version https://git-lfs", "a Git LFS pointer and not the file it stands for; run `git lfs pull`"),
    (b"<", "a web page and not a model: the download failed"),
)
_CLIP = "cond_stage_model.transformer."
_CLIP_PARTS = ("embeddings.", "encoder.", "final_layer_norm.")


@dataclass(frozen=True, kw_only=True)
class StoredTensors:
    """What a file holds: `shapes` and `metadata` (a stranger's texts), and `read` for one tensor's numbers.

    Each tensor that is read has memory of its own, which lasts after the file is closed.
    """

    path: Path
    shapes: Shapes
    metadata: Mapping[str, str]
    read: Callable[[str], torch.Tensor]


@contextmanager
def open_tensors(path: Path) -> Iterator[StoredTensors]:
    """The tensors of a `.safetensors` or `.ckpt` file, told apart by its content; closed after the block.

    A pickled file is loaded by torch's weights-only mode, which runs no code of the file. Raises
    ModelError for a file that is missing, broken, or of another format.
    """
    start = _first_bytes(path)
    with contextlib.ExitStack() as stack:
        try:
            if _is_safetensors(start):
                stored = _safetensors(path, stack)
            else:
                stored = _pickled(path, is_zip=start.startswith(_ZIP))
        except PickleRefused as error:
            raise ModelError(f"The file {path} was not loaded: {error}.") from error
        except (OSError, ValueError, RuntimeError, EOFError, SafetensorError) as error:
            told = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
            raise ModelError(
                f"The file {path} can't be read as a model, because it is broken or cut off ({told});"
                " copy or download it again."
            ) from error
        yield stored


def _first_bytes(path: Path) -> bytes:
    """Enough to tell the format; raises ModelError for what is no format of a model."""
    try:
        if not path.is_file():
            raise ModelError(f"There is no file {path}; check the path.")
        with path.open("rb") as stream:
            start = stream.read(32)
    except OSError as error:
        raise ModelError(f"Opening the model {path} failed: {error.strerror or error}.") from error
    if _is_safetensors(start) or start.startswith((_ZIP, _PICKLE)):
        return start
    for beginning, kind in _OTHER_BEGINNINGS:
        if start.startswith(beginning):
            raise ModelError(f"The file {path} can't be loaded as a model: it is {kind}.")
    raise ModelError(
        f"The file {path} can't be loaded as a model: it is neither a safetensors file nor one of torch;"
        " copy or download it again, or choose another."
    )


def _is_safetensors(start: bytes) -> bool:
    """The header's length, below 4 GiB, and the brace that opens it: no pickle or zip begins so."""
    return start[4:9] == b"\0\0\0\0{"


def _safetensors(path: Path, stack: contextlib.ExitStack) -> StoredTensors:
    file: Any = stack.enter_context(safe_open(str(path), framework="pt"))
    names = {_usual_name(name): name for name in file.keys()}  # noqa: SIM118
    reader = TensorReader.of(stack.enter_context(path.open("rb")))
    # Not from the library: to ask its older versions for one tensor takes them a look at all.
    shapes = {usual: tuple(reader.entries[name]["shape"]) for usual, name in names.items()}
    return StoredTensors(
        path=path,
        shapes=shapes,
        metadata=dict(file.metadata() or {}),
        read=lambda usual: reader.read(names[usual]),
    )


def _pickled(path: Path, *, is_zip: bool) -> StoredTensors:
    tensors = {_usual_name(name): t for name, t in read_pickled(path, is_zip=is_zip).items()}
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return StoredTensors(path=path, shapes=shapes, metadata={}, read=lambda name: tensors[name].clone())


def _usual_name(name: str) -> str:
    """Old SD1 files lack `text_model.` in the names of the text encoder."""
    inner = name.removeprefix(_CLIP)
    return f"{_CLIP}text_model.{inner}" if inner != name and inner.startswith(_CLIP_PARTS) else name
