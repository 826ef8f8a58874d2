"""Which files belong to an embedding's file: its preview, its notes, its optimizer state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import EmbeddingFileError
from .formats import PICTURE_SUFFIXES, SUFFIXES, read_embedding_file

__all__ = ["companions_of", "second_half"]

_OPTIMIZER_ENDING = ".optim"
# What web UIs and their extensions write beside a file, less the stem.
_ENDINGS = (
    *(f".preview{suffix}" for suffix in (".png", ".jpg", ".jpeg", ".webp", ".avif")),
    *(".jpg", ".jpeg", ".json", ".txt", ".civitai.info"),
)


def second_half(path: Path, *, within: Path | None = None) -> Path | None:
    """The file with the vectors of SDXL's second text encoder, where diffusers wrote two; else None.

    No link is followed out of the folder `within`.
    """
    try:
        return read_embedding_file(path, within=within).second
    except EmbeddingFileError:
        return None


def companions_of(path: Path, is_ordinary_picture: Callable[[Path], bool]) -> list[Path]:
    """The files beside `path` that are of use only with it.

    What goes by the stem is left to another embedding of the same stem while there is one. A picture of the
    same name is a companion when `is_ordinary_picture` says that it holds no embedding itself.
    """
    try:
        neighbours = sorted(path.parent.iterdir())
    except OSError:
        return []
    beside = [other for other in neighbours if other.name.startswith(path.stem) and other.name != path.name]
    own = [other for other in beside if other.name == path.name + _OPTIMIZER_ENDING]
    pictures = [
        other
        for other in beside
        if other.stem == path.stem and other.suffix.lower() in PICTURE_SUFFIXES and is_ordinary_picture(other)
    ]
    has_twin = any(
        other.stem == path.stem and other.suffix.lower() in SUFFIXES and other not in pictures
        for other in beside
    )
    if not has_twin:
        own += [other for other in beside if other.name[len(path.stem) :].lower() in _ENDINGS]
        own += pictures
    return own
