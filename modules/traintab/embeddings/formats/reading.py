"""An embedding from a file, whatever program wrote it and with whatever intent."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from ...errors import EmbeddingNameError
from ..embedding import Embedding
from ..names import check_name, prompt_word
from .containers import CONTAINERS, PICTURE_SUFFIXES, read_container
from .file_bytes import read_file
from .refusal import Refusal, naming_file
from .schemas import EmbeddingFormat, Parsed, parse
from .siblings import joined, second_file
from .untrusted import clean_text

__all__ = ["SUFFIXES", "EmbeddingFile", "embedding_file_in", "read_embedding", "read_embedding_file"]

SUFFIXES = tuple(CONTAINERS)


@dataclass(frozen=True, kw_only=True)
class EmbeddingFile:
    """An embedding, the layout it was found in, and the name the file gives itself, cleaned.

    `second` is the file beside it from which the second text encoder's vectors came, as diffusers does.
    """

    embedding: Embedding
    format: EmbeddingFormat
    inner_name: str | None
    second: Path | None = None


def read_embedding(path: Path, *, within: Path | None = None) -> Embedding:
    """The embedding in a file of one of `SUFFIXES`, float32 on the CPU.

    The file's stem is its name, a picture card is called by the name inside, `learned_embeds` by its token
    or folder. `within` is a folder that links must not lead out of. Raises EmbeddingFileError for anything
    else, however hostile: nothing in the file is run, and no more memory is taken than a small multiple of
    what embeddings need.
    """
    return read_embedding_file(path, within=within).embedding


def read_embedding_file(path: Path, *, within: Path | None = None) -> EmbeddingFile:
    """As `read_embedding`, with the format it was found in.

    The second of diffusers' two SDXL files is read too when it lies beside the first.
    """
    with naming_file(path):
        parsed = parse(read_container(path.suffix, read_file(path, within=within)))
    second, whole = _second(path, parsed, within)
    return _embedding_file(path, whole, second)


def embedding_file_in(data: bytes, path: Path) -> EmbeddingFile:
    """The embedding in bytes that are to lie at `path`, where nothing is looked at. Raises Refusal."""
    return _embedding_file(path, parse(read_container(path.suffix, data)), None)


def _second(path: Path, first: Parsed, within: Path | None) -> tuple[Path | None, Parsed]:
    """The file that completes `path`, None when there is none, and the whole embedding."""
    candidate = second_file(path) if first.format is EmbeddingFormat.DIFFUSERS else None
    if candidate is None or not candidate.is_file():
        return None, first
    with contextlib.suppress(
        Refusal, MemoryError
    ):  # then the first stands alone, and the other is refused by itself
        second = parse(read_container(candidate.suffix, read_file(candidate, within=within)))
        if (whole := joined(first, second)) is not None:
            return candidate, whole
    return None, first


def _embedding_file(path: Path, parsed: Parsed, second: Path | None) -> EmbeddingFile:
    is_picture = path.suffix.lower() in PICTURE_SUFFIXES
    embedding = Embedding(
        name=_name(path, parsed.inner_name, is_picture),
        vectors=parsed.vectors,
        step=parsed.step,
        sd_checkpoint=parsed.sd_checkpoint,
        sd_checkpoint_name=parsed.sd_checkpoint_name,
        comment=parsed.comment,
        source=path,
    )
    layout = EmbeddingFormat.CARD if is_picture else parsed.format
    return EmbeddingFile(embedding=embedding, format=layout, inner_name=parsed.inner_name, second=second)


def _name(path: Path, inner_name: str | None, is_picture: bool) -> str:
    """What prompts call the file, when it is a name that can be given; else the file's stem.

    In the form in which names are given, so that the name typed finds the file: file systems have others.
    """
    place = path.absolute()
    for inner in (inner_name, None):
        with contextlib.suppress(EmbeddingNameError):  # a stranger's text, no reason to refuse the vectors
            return check_name(prompt_word(place, inner, is_picture=is_picture))
    return clean_text(path.stem.encode("utf-8", "replace").decode()) or "unnamed"
