"""An embedding to a file that every program reads."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import safetensors.torch
import torch
from PIL import Image

from ...errors import EmbeddingFileError, NonFiniteError
from ...files import write_atomically
from ..card_text import webui_fields
from ..embedding import Embedding
from ..picture_card import make_card, plain_picture
from .modelspec import modelspec_metadata
from .schemas.encoder_keys import ENCODER_KEYS
from .schemas.parsed import encoder_of_width
from .schemas.single_tensor import EMB_PARAMS
from .siblings import second_file
from .stored import MAX_ROWS

__all__ = ["TARGETS", "EmbeddingWriter", "torch_saved", "write_embedding"]

TARGETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "webui": (".pt",),
        "emb_params": (".safetensors",),
        "diffusers": (".bin", ".safetensors"),
        "card": (".png", ".webp"),
    }
)
"""The formats that are written, each with its suffixes; the first is the usual one.

`webui` is A1111's dictionary; `emb_params` the file for sharing, which has `clip_l` and `clip_g` for two text
encoders; `diffusers` a tensor under the prompt word, in a file for each text encoder; `card` a picture.
"""

_BY_SUFFIX: Mapping[str, str] = MappingProxyType(
    {
        ".pt": "webui",
        ".safetensors": "emb_params",
        ".bin": "diffusers",
        ".png": "card",
        ".webp": "card",
    }
)
# Models run in half precision, which ends at 65504; readers refuse larger numbers, ours too.
_TOO_LARGE = 6e4
_MOST_DIFFUSERS_FILES = 2


def write_embedding(embedding: Embedding, path: Path, target: str = "") -> tuple[Path, ...]:
    """Write the embedding atomically and give what was written; a file that is there is replaced.

    `target` is one of `TARGETS`, by default what the suffix stands for: `.pt` A1111's dictionary,
    `.safetensors` for sharing, `.bin` diffusers' token, `.png` and `.webp` a picture card on a plain
    background. diffusers has a second file `<stem>_2` for a second text encoder. Raises EmbeddingFileError
    for another suffix, for two text encoders in `.pt` and for too many vectors; NonFiniteError rather than
    saving NaN or numbers that no model can use; StorageError when the disk refuses.
    """
    return EmbeddingWriter(embedding).write(path, target)


@dataclass(frozen=True)
class EmbeddingWriter:
    """An embedding with what its files show besides.

    `dtype` is the number format of `.pt`, `.bin` and `.safetensors` files; cards have float32 always.
    `preview` is the picture of a card, in any mode and size; None gives a plain background. Name and facts
    are drawn on it unless `caption` is off. `metadata` are further fields for safetensors files, by their
    full keys (`modelspec.resolution`).
    """

    embedding: Embedding
    preview: Image.Image | None = None
    caption: bool = True
    metadata: Mapping[str, str] = field(default_factory=dict)
    dtype: torch.dtype = torch.float32

    def write(self, path: Path, target: str = "") -> tuple[Path, ...]:
        """As `write_embedding`."""
        files = self.encoded(path, target)
        for each, data in files.items():
            write_atomically(each, data)
        return tuple(files)

    def encoded(self, path: Path, target: str = "") -> dict[Path, bytes]:
        """The files that `write` would write. Raises EmbeddingFileError and NonFiniteError."""
        wanted = _checked_target(path, target)
        dtype = torch.float32 if wanted == "card" else self.dtype
        _check_rows(self.embedding, path)
        encoders = sorted(self.embedding.vectors, key=lambda name: (*ENCODER_KEYS, name).index(name))
        plain = {
            encoder: _plain(self.embedding.vectors[encoder], encoder, path).to(dtype) for encoder in encoders
        }
        return _ENCODERS[wanted](replace(self, embedding=replace(self.embedding, vectors=plain)), path)


def _checked_target(path: Path, target: str) -> str:
    suffix = path.suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise EmbeddingFileError(
            f"Writing {path}: the suffix {path.suffix!r} is no embedding format;"
            f" use one of {', '.join(_BY_SUFFIX)}."
        )
    wanted = target or _BY_SUFFIX[suffix]
    if wanted not in TARGETS:
        raise EmbeddingFileError(f"Writing {path}: {target!r} is no format; use one of {', '.join(TARGETS)}.")
    if suffix not in TARGETS[wanted]:
        raise EmbeddingFileError(
            f"Writing {path}: {wanted} is written to {' or '.join(TARGETS[wanted])}; change the format or the"
            " suffix."
        )
    return wanted


def _check_rows(embedding: Embedding, path: Path) -> None:
    """Raise EmbeddingFileError for what no program would read again."""
    rows = {encoder: len(vectors) for encoder, vectors in embedding.vectors.items()}
    if len(set(rows.values())) != 1 or not 1 <= min(rows.values()) <= MAX_ROWS:
        counts = " and ".join(f"{count} for {encoder}" for encoder, count in rows.items()) or "none"
        raise EmbeddingFileError(
            f"Writing {path}: {embedding.name}'s vectors are {counts}; programs read 1 to {MAX_ROWS}, equally"
            " many for each text encoder. Drop some."
        )


def _plain(vectors: torch.Tensor, encoder: str, path: Path) -> torch.Tensor:
    """A float32 CPU copy `[num_vectors, width]` with a storage of exactly its size."""
    if vectors.ndim != 2 or not bool((vectors.detach().abs() < _TOO_LARGE).all()):  # NaN isn't less either
        raise NonFiniteError(
            f"Writing {path}: the vectors for {encoder} aren't numbers [num_vectors, width] below"
            f" {_TOO_LARGE:g}; nothing was written, the file before is untouched."
        )
    return vectors.detach().to(device="cpu", dtype=torch.float32, copy=True).contiguous().clone()


def _webui(writer: EmbeddingWriter, path: Path) -> dict[Path, bytes]:
    name, vectors = writer.embedding.name, writer.embedding.vectors
    if len(vectors) != 1:
        raise EmbeddingFileError(
            f"Writing {path}: .pt holds vectors of one text encoder, and {name} has {len(vectors)}"
            f" ({' and '.join(vectors)}). Write it as .safetensors."
        )
    tree = webui_fields(writer.embedding) | {"string_to_param": {"*": next(iter(vectors.values()))}}
    return {path: torch_saved(tree)}


def _emb_params(writer: EmbeddingWriter, path: Path) -> dict[Path, bytes]:
    tensors = writer.embedding.vectors
    encoder, vectors = next(iter(tensors.items()))
    if len(tensors) == 1 and encoder_of_width(vectors.shape[1]) == encoder:
        tensors = {EMB_PARAMS: vectors}
    return {path: _safetensors(tensors, writer)}


def _diffusers(writer: EmbeddingWriter, path: Path) -> dict[Path, bytes]:
    """The tensor under the token; diffusers itself adds `<token>_1`, ... for further vectors."""
    name, vectors = writer.embedding.name, list(writer.embedding.vectors.values())
    if len(vectors) > _MOST_DIFFUSERS_FILES:
        raise EmbeddingFileError(
            f"Writing {path}: diffusers has files for one or two text encoders, and {name} has {len(vectors)}"
            f" ({' and '.join(writer.embedding.vectors)}). Write it as .safetensors, format emb_params."
        )
    paths = [path, second_file(path)][: len(vectors)]
    files = {}
    for file, tensor in zip(paths, vectors, strict=True):
        if file is None:
            raise EmbeddingFileError(
                f"Writing {path}: diffusers gives this name to the second of two files. Choose another one."
            )
        is_pickled = path.suffix.lower() == ".bin"
        files[file] = torch_saved({name: tensor}) if is_pickled else _safetensors({name: tensor}, writer)
    return files


def _card(writer: EmbeddingWriter, path: Path) -> dict[Path, bytes]:
    picture = plain_picture() if writer.preview is None else writer.preview
    return {path: make_card(picture, writer.embedding, path.suffix, caption=writer.caption)}


_ENCODERS: Mapping[str, Callable[[EmbeddingWriter, Path], dict[Path, bytes]]] = MappingProxyType(
    {"webui": _webui, "emb_params": _emb_params, "diffusers": _diffusers, "card": _card}
)


def _safetensors(tensors: Mapping[str, torch.Tensor], writer: EmbeddingWriter) -> bytes:
    metadata = modelspec_metadata(writer.embedding, date.today(), writer.metadata)
    data: bytes = safetensors.torch.save(dict(tensors), metadata)
    return data


def torch_saved(tree: Mapping[str, object]) -> bytes:
    """A file by torch.save in its legacy layout.

    A1111's and reForge's checker takes the current zip layout for malicious; every program reads this one.
    """
    stream = io.BytesIO()
    torch.save(dict(tree), stream, _use_new_zipfile_serialization=False)
    return stream.getvalue()
