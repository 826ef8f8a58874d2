"""Why a file is refused, before anyone says which file it was."""

from __future__ import annotations

from ...errors import EmbeddingFileError

__all__ = ["NoEmbeddingInPicture", "Refusal"]

_REMEDY = "Download or export the file again, or remove it from the folder."


class Refusal(EmbeddingFileError):
    """What was found instead of what was expected, and what to do; `reading` adds the path."""

    def __init__(self, found: str, expected: str, remedy: str = _REMEDY) -> None:
        super().__init__(f"found {found}, expected {expected}. {remedy}")


class NoEmbeddingInPicture(Refusal):
    """An ordinary picture: a mistake when it was asked for by name, none when it lies in a folder."""
