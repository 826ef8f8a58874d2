"""Writing captions: only what changed, each file whole, and nothing over what another program wrote."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import StorageError
from ...files import sync_folder, write_atomically
from .reading import bytes_of

__all__ = ["ChangedFile", "SaveResult", "put_file", "save_files"]


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """One caption file that was written, with its bytes before and after; None for no file."""

    file: Path
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, kw_only=True)
class SaveResult:
    """What a save did: `written` files, and the `refused` ones with the reason, a phrase."""

    written: tuple[Path, ...]
    refused: tuple[tuple[Path, str], ...] = ()

    def summary(self) -> str:
        """One or a few sentences for the page and the command line."""
        count = len(self.written)
        sentences = [f"{count} caption{'' if count == 1 else 's'} saved." if count else ""]
        if self.refused:
            named = ", ".join(f"{file.name} ({reason})" for file, reason in self.refused)
            sentences.append(f"Not saved: {named}.")
        return " ".join(filter(None, sentences)) or "There was nothing to save."


def put_file(file: Path, data: bytes | None) -> None:
    """Write a caption file, or remove it for None; raises StorageError.

    Where the file is a link, the link is replaced and what it leads to stays.
    """
    if data is not None:
        write_atomically(file, data)
        return
    try:
        file.unlink(missing_ok=True)
        sync_folder(file.parent)
    except OSError as error:
        raise StorageError(
            f"Removing the caption {file} failed: {error.strerror or error}. Check the folder's permissions."
        ) from error


def save_files(
    wanted: Mapping[Path, bytes | None],
    as_read: Mapping[Path, bytes | None],
    *,
    overwrite: Collection[Path] = (),
    written: Callable[[ChangedFile], None],
) -> tuple[tuple[Path, str], ...]:
    """Write the files `wanted` and tell each that is; gives those refused with the reason.

    Those in `overwrite` are written whatever they hold now. Raises StorageError at the first that can't be
    written.
    """
    refused = []
    for file, data in wanted.items():
        reason = "" if file in overwrite else _why_not_as_read(file, as_read.get(file))
        if reason:
            refused.append((file, reason))
            continue
        before = as_read.get(file)
        if file in overwrite:
            before = bytes_of(file)
        put_file(file, data)
        written(ChangedFile(file=file, before=before, after=data))
    return tuple(refused)


def _why_not_as_read(file: Path, as_read: bytes | None) -> str:
    """Why a file isn't to be written over, in a phrase; empty when it is as it was read."""
    try:
        now = bytes_of(file)
    except OSError as error:
        return f"it can't be read: {error.strerror or error}"
    if now == as_read:
        return ""
    if now is None:
        return "it was deleted by another program since it was read"
    return "it was changed by another program since it was read"
