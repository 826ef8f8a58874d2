"""An embedding to a file that every program reads."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType

import safetensors.torch
import torch

from ...errors import EmbeddingFileError, NonFiniteError
from ...files import write_atomically
from ..card_text import webui_fields
from ..embedding import Embedding
from ..picture_card import make_card, plain_picture
from .schemas.metadata import write_metadata
from .schemas.single_tensor import EMB_PARAMS

__all__ = ["WRITERS", "write_embedding"]


def write_embedding(embedding: Embedding, path: Path) -> None:
    """Write the embedding in the format of the suffix, atomically; a file that is there is replaced.

    `.pt` A1111's dictionary, `.safetensors` for sharing, `.bin` diffusers' token, `.png` a picture card on a
    plain background. Raises EmbeddingFileError for another suffix and for two text encoders in `.pt` or
    `.bin`, NonFiniteError rather than saving NaN, StorageError when the disk refuses.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise EmbeddingFileError(
            f"Writing {path}: the suffix {path.suffix!r} is no embedding format;"
            f" use one of {', '.join(WRITERS)}."
        )
    for encoder, vectors in embedding.vectors.items():
        if vectors.ndim != 2 or not bool(torch.isfinite(vectors).all()):
            raise NonFiniteError(
                f"Writing {path}: the vectors for {encoder} aren't finite numbers [num_vectors, width];"
                " nothing was written, the file before is untouched."
            )
    write_atomically(path, writer(embedding, path))


def _webui(embedding: Embedding, path: Path) -> bytes:
    vectors = _only_vectors(embedding, path)
    return _torch_saved(webui_fields(embedding) | {"string_to_param": {"*": vectors}})


def _diffusers(embedding: Embedding, path: Path) -> bytes:
    return _torch_saved({embedding.name: _only_vectors(embedding, path)})


def _safetensors(embedding: Embedding, _: Path) -> bytes:
    tensors = {encoder: _plain(vectors) for encoder, vectors in embedding.vectors.items()}
    if len(tensors) == 1:
        tensors = {EMB_PARAMS: next(iter(tensors.values()))}
    data: bytes = safetensors.torch.save(tensors, write_metadata(embedding, date.today()))
    return data


def _card(embedding: Embedding, _: Path) -> bytes:
    return make_card(plain_picture(), embedding)


WRITERS: Mapping[str, Callable[[Embedding, Path], bytes]] = MappingProxyType(
    {".pt": _webui, ".safetensors": _safetensors, ".bin": _diffusers, ".png": _card}
)


def _only_vectors(embedding: Embedding, path: Path) -> torch.Tensor:
    if len(embedding.vectors) != 1:
        raise EmbeddingFileError(
            f"Writing {path}: {path.suffix} holds vectors of one text encoder, and {embedding.name} has"
            f" {len(embedding.vectors)} ({', '.join(embedding.vectors)}). Write it as .safetensors."
        )
    return _plain(next(iter(embedding.vectors.values())))


def _plain(vectors: torch.Tensor) -> torch.Tensor:
    """A float32 CPU copy `[num_vectors, width]` with a storage of exactly its size."""
    return vectors.detach().to(device="cpu", dtype=torch.float32, copy=True).contiguous().clone()


def _torch_saved(tree: dict[str, object]) -> bytes:
    """In the legacy layout: A1111's and reForge's checker takes the current zip layout for malicious."""
    stream = io.BytesIO()
    torch.save(tree, stream, _use_new_zipfile_serialization=False)
    return stream.getvalue()
