"""Why a file is refused, at first without saying which file it was."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ...errors import EmbeddingFileError
from .untrusted import shown_path

__all__ = ["NoEmbeddingInPicture", "OrdinaryPictureError", "Refusal", "naming_file"]

_REMEDY = "Download or export the file again, or remove it from the folder."


class Refusal(EmbeddingFileError):
    """What was found instead of what was expected, and what to do; `naming_file` adds the path."""

    def __init__(self, found: str, expected: str, remedy: str = _REMEDY) -> None:
        super().__init__(f"found {found}, expected {expected}. {remedy}")


class NoEmbeddingInPicture(Refusal):
    """An ordinary picture: a mistake when it was asked for by name, none when it lies in a folder."""


class OrdinaryPictureError(EmbeddingFileError):
    """The file is a picture without an embedding: no fault of its own."""


@contextlib.contextmanager
def naming_file(path: Path) -> Iterator[None]:
    """Turns a Refusal, and running out of memory, into the EmbeddingFileError that names the file."""
    try:
        yield
    except NoEmbeddingInPicture as refusal:
        raise OrdinaryPictureError(f"{shown_path(path)} was refused: {refusal}") from refusal
    except Refusal as refusal:
        raise EmbeddingFileError(f"{shown_path(path)} was refused: {refusal}") from refusal
    except MemoryError as error:
        raise EmbeddingFileError(
            f"{shown_path(path)} was refused: reading it takes too much memory. Remove it."
        ) from error
