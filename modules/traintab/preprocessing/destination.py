"""The folder that training pictures are written to: nobody's work there is replaced unasked."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import StorageError
from ..files import kind_of, write_atomically
from .record import Entry, Stamp, stamp_of

__all__ = ["Destination", "NameInUse", "Placed", "Text", "Wanted", "sha256_of_file"]


class NameInUse(Exception):
    """A file of somebody else has the name; the text says which, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file to be written, by its name in the destination; `encode` makes its bytes."""

    name: str
    encode: Callable[[], bytes]


@dataclass(frozen=True, kw_only=True)
class Text:
    """A caption to be written, by its name in the destination; "" for none."""

    name: str
    caption: str


@dataclass
class Placed:
    """What lies in the destination now, as an `Entry` has it; sentences; how many captions are others' work.

    `is_new` tells whether anything had to be written.
    """

    files: dict[str, Stamp] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    kept_captions: int = 0
    is_new: bool = False


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where files go; with `overwrite` others' files of the same name are replaced.

    On a dry run nothing is written, and everything is told as if it were.
    """

    folder: Path
    overwrite: bool = False
    dry_run: bool = False

    def place(self, wanted: Sequence[Wanted], texts: Sequence[Text], before: Entry | None) -> Placed:
        """Write files and captions, and remove what `before`, the last run, wrote in their place.

        Raises NameInUse, and then nothing was written, where a file is neither as the last run left it nor as
        it is to be; StorageError when the disk is full.
        """
        placed = Placed()
        known = before.files if before else {}
        ready = [(file, self._ready(file, known.get(file.name))) for file in wanted]
        for file, data in ready:
            placed.files[file.name] = self._put(file.name, data, known.get(file.name), placed)
        for text in texts:
            placed.texts[text.name] = self._put_text(text, before, placed)
        if before is not None:
            self._remove_what_is_left_over(before, placed)
        return placed

    def _ready(self, file: Wanted, known: Stamp | None) -> bytes | None:
        """The file's bytes, which a dry run needs only to compare; raises NameInUse."""
        path = self.folder / file.name
        is_free = not kind_of(path) or self.overwrite or (known is not None and known.fits(path))
        if is_free and self.dry_run:
            return None
        data = file.encode()
        if not is_free and sha256_of_file(path) != hashlib.sha256(data).hexdigest():
            why = "was changed since this program wrote it" if known else "is there, and not by this program"
            raise NameInUse(
                f"{file.name} {why}: it was left alone. Move it away, or switch on Replace files of the same"
                " name."
            )
        return data

    def _put(self, name: str, data: bytes | None, known: Stamp | None, placed: Placed) -> Stamp:
        path = self.folder / name
        if data is None:
            placed.is_new = True
            return Stamp(size=0, mtime_ns=0, sha256="")
        digest = hashlib.sha256(data).hexdigest()
        if sha256_of_file(path) != digest:
            placed.is_new = True
            if not self.dry_run:
                write_atomically(path, data)
        try:
            written = path.stat()
        except OSError:  # of a dry run, or gone again: the next run finds out
            return Stamp(size=len(data), mtime_ns=0, sha256=digest)
        return Stamp(size=written.st_size, mtime_ns=written.st_mtime_ns, sha256=digest)

    def _put_text(self, text: Text, before: Entry | None, placed: Placed) -> str:
        """SHA-256 of the caption as this program wrote it last, "" when it never did."""
        path, data = self.folder / text.name, text.caption.encode("utf-8", "replace")
        written = before.texts.get(text.name, "") if before else ""
        digest, there = hashlib.sha256(data).hexdigest(), sha256_of_file(path)
        if there == (digest if text.caption else ""):
            return digest if text.caption else ""
        if not text.caption:
            placed.notes.append(
                f"An older caption, {text.name}, stays beside the picture; delete it if it is wrong."
            )
            return written
        if there and there != written and not self.overwrite:
            placed.kept_captions += 1
            placed.notes.append(
                f"The caption {text.name} is somebody's own and was kept; the one for it would have been"
                f" {text.caption!r}."
            )
            return written
        placed.is_new = True
        if not self.dry_run:
            write_atomically(path, data)
        return digest

    def _remove_what_is_left_over(self, before: Entry, placed: Placed) -> None:
        """Old pictures would stay in the training set beside those that replace them."""
        stale: Mapping[str, bool] = {
            **{name: stamp.fits(self.folder / name) for name, stamp in before.files.items()},
            **{
                name: bool(sha) and sha256_of_file(self.folder / name) == sha
                for name, sha in before.texts.items()
            },
        }
        for name, is_ours in stale.items():
            path = self.folder / name
            if name in placed.files or name in placed.texts or not kind_of(path):
                continue
            if not is_ours:
                placed.notes.append(
                    f"{name} of an earlier run was changed since and stays; delete it if unused."
                )
            elif not self.dry_run:
                self._remove(path)

    def _remove(self, path: Path) -> None:
        try:
            path.unlink()
        except OSError as error:
            raise StorageError(
                f"Removing {path}, which an earlier run wrote, failed: {error.strerror or error}. Make the"
                " destination writable and try again."
            ) from error


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's content, "" when there is no file that can be read."""
    with contextlib.suppress(OSError):  # a name that is too long for the system, say
        if path.is_file():
            return stamp_of(path).sha256
    return ""
