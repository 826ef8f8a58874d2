"""An embedding from a file, whatever program wrote it and with whatever intent."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from ...errors import EmbeddingFileError, EmbeddingNameError
from ..embedding import Embedding
from ..names import check_name
from .containers import CONTAINERS, read_container
from .file_bytes import read_file
from .refusal import NoEmbeddingInPicture, Refusal
from .schemas import EmbeddingFormat, Parsed, parse
from .untrusted import clean_text

__all__ = [
    "PICTURE_SUFFIXES",
    "SUFFIXES",
    "EmbeddingFile",
    "OrdinaryPictureError",
    "read_embedding",
    "read_embedding_file",
]

SUFFIXES = tuple(CONTAINERS)
PICTURE_SUFFIXES = (".png",)


class OrdinaryPictureError(EmbeddingFileError):
    """The file is a picture without an embedding: no fault of its own."""


@dataclass(frozen=True, kw_only=True)
class EmbeddingFile:
    """An embedding, the layout it was found in, and the name the file gives itself, cleaned."""

    embedding: Embedding
    format: EmbeddingFormat
    inner_name: str | None


def read_embedding(path: Path) -> Embedding:
    """The embedding in a `.pt`, `.bin`, `.safetensors` or `.png` file, float32 on the CPU.

    The file's stem is its name; a picture card is called by the name inside. Raises EmbeddingFileError for
    anything else, however hostile: nothing in the file is run, and no more memory is taken than a small
    multiple of what embeddings need.
    """
    return read_embedding_file(path).embedding


def read_embedding_file(path: Path) -> EmbeddingFile:
    """As `read_embedding`, with the format it was found in."""
    shown = str(path).encode("utf-8", "replace").decode()
    try:
        parsed = parse(read_container(path.suffix, read_file(path)))
    except NoEmbeddingInPicture as refusal:
        raise OrdinaryPictureError(f"{shown} was refused: {refusal}") from refusal
    except Refusal as refusal:
        raise EmbeddingFileError(f"{shown} was refused: {refusal}") from refusal
    except MemoryError as error:
        raise EmbeddingFileError(
            f"{shown} was refused: reading it takes too much memory. Remove it."
        ) from error
    is_picture = path.suffix.lower() in PICTURE_SUFFIXES
    embedding = Embedding(
        name=_name(path, parsed, is_picture),
        vectors=parsed.vectors,
        step=parsed.step,
        sd_checkpoint=parsed.sd_checkpoint,
        sd_checkpoint_name=parsed.sd_checkpoint_name,
        source=path,
    )
    return EmbeddingFile(
        embedding=embedding,
        format=EmbeddingFormat.CARD if is_picture else parsed.format,
        inner_name=parsed.inner_name,
    )


def _name(path: Path, parsed: Parsed, is_picture: bool) -> str:
    """A picture's inner name, when it is one that can be given; else the file's stem.

    In the form in which names are given, so that the name typed finds the file: file systems have others.
    """
    for wanted in (parsed.inner_name if is_picture else None, path.stem):
        with contextlib.suppress(EmbeddingNameError):  # a stranger's text, no reason to refuse the vectors
            return check_name(wanted or "")
    return clean_text(path.stem.encode("utf-8", "replace").decode()) or "unnamed"
