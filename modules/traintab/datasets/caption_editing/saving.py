"""Writing captions: only what changed, each file whole, and nothing over what another program wrote."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import StorageError
from ...files import sync_folder, write_atomically
from .reading import bytes_of

__all__ = ["ChangedFile", "SaveResult", "put_file", "refusals", "save_files"]


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """One caption file that was written, with its bytes before and after; None for no file."""

    file: Path
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, kw_only=True)
class SaveResult:
    """What a save did: `written` files, the `refused` ones with the reason, a phrase, and how many are
    `remaining` because it was interrupted; `note` is a further sentence for the user.
    """

    written: tuple[Path, ...]
    refused: tuple[tuple[Path, str], ...] = ()
    remaining: int = 0
    note: str = ""

    def summary(self) -> str:
        """One or a few sentences for the page and the command line."""
        count = len(self.written)
        sentences = [f"{count} caption{'' if count == 1 else 's'} saved." if count else ""]
        if self.refused:
            named = ", ".join(f"{file.name} ({reason})" for file, reason in self.refused)
            sentences.append(f"Not saved: {named}.")
        if self.remaining:
            sentences.append(f"Stopped: {self.remaining} not saved yet.")
        sentences.append(self.note)
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


def refusals(
    wanted: Mapping[Path, bytes | None], as_read: Mapping[Path, bytes | None]
) -> tuple[tuple[Path, str], ...]:
    """The files of `wanted` that `save_files` would refuse, each with the reason."""
    reasons = ((file, _why_not(file, as_read.get(file), data)) for file, data in wanted.items())
    return tuple((file, reason) for file, reason in reasons if reason)


def save_files(
    wanted: Mapping[Path, bytes | None],
    as_read: Mapping[Path, bytes | None],
    *,
    overwrite: Collection[Path] = (),
    written: Callable[[ChangedFile], None] = lambda _: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> SaveResult:
    """Write the files `wanted` and tell each that is, as soon as it is.

    Those in `overwrite` are written whatever they hold now. Raises StorageError at the first that can't be
    written.
    """
    done: list[Path] = []
    refused: list[tuple[Path, str]] = []
    for file, data in wanted.items():
        if interrupted():
            break
        reason = "" if file in overwrite else _why_not(file, as_read.get(file), data)
        if reason:
            refused.append((file, reason))
            continue
        before = _bytes_before(file) if file in overwrite else as_read.get(file)
        put_file(file, data)
        written(ChangedFile(file=file, before=before, after=data))
        done.append(file)
    remaining = len(wanted) - len(done) - len(refused)
    return SaveResult(written=tuple(done), refused=tuple(refused), remaining=remaining)


def _bytes_before(file: Path) -> bytes | None:
    """What a file that is written over holds; raises StorageError when it can't be kept for undo."""
    try:
        return bytes_of(file)
    except OSError as error:
        raise StorageError(
            f"Replacing the caption {file} failed: {error.strerror or error}. Move it out of the way."
        ) from error


def _why_not(file: Path, as_read: bytes | None, wanted: bytes | None) -> str:
    """Why a file isn't to be written over, in a phrase; empty when it is as it was read, or as wanted."""
    try:
        now = bytes_of(file)
    except OSError as error:
        return f"it can't be read: {error.strerror or error}"
    if now in (as_read, wanted):
        return ""
    if now is None:
        return "another program deleted it meanwhile"
    return "another program changed it meanwhile"
