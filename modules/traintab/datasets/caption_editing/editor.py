"""Captions while they are edited: what is on the disk, what isn't saved, and the way back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...prompts.captions import CaptionRules
from .caption_set import CaptionSet, PictureCaption, caption_of
from .journal import CaptionJournal
from .reading import ReadCaptions, bytes_of, read_captions
from .saving import ChangedFile, SaveResult, save_files

__all__ = ["CaptionEditor"]

_Captions = Mapping[str, str | None]  # by name; None for no caption file
_MOST_STEPS = 200


@dataclass(frozen=True, kw_only=True)
class _Step:
    """An edit, as the captions that it changed."""

    label: str
    before: _Captions
    after: _Captions


class CaptionEditor:
    """The captions of one folder with undo, redo and save; its methods may be called from any thread.

    `captions` is the immutable set as edited, `saved` the one on the disk as far as it is known. Undo and
    redo go on past a save: they change the captions, and the next save writes them. With a `journal` each
    save can be taken back in another session too.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rules: CaptionRules | None = None,
        subfolders: bool = False,
        journal: CaptionJournal | None = None,
    ) -> None:
        """Read the folder; raises DatasetError as `read_captions` does."""
        self._folder, self._rules, self._subfolders, self._journal = folder, rules, subfolders, journal
        self._lock = threading.RLock()
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []
        read = self._read()
        self.captions: CaptionSet = read.captions
        self.saved: CaptionSet = read.captions
        self._files = dict(read.files)

    @property
    def folder(self) -> Path:
        """The folder that it was made for."""
        return self._folder

    @property
    def undo_label(self) -> str:
        """What *Undo* takes back; empty when there is nothing."""
        return self._undo[-1].label if self._undo else ""

    @property
    def redo_label(self) -> str:
        """What *Redo* does again; empty when there is nothing."""
        return self._redo[-1].label if self._redo else ""

    @property
    def unsaved(self) -> tuple[str, ...]:
        """The names of the pictures whose captions aren't on the disk as they are here."""
        return self.captions.changed_since(self.saved)

    def edit(self, change: Callable[[CaptionSet], CaptionSet], label: str) -> tuple[str, ...]:
        """Do one edit, that undo takes back as a whole; gives the names of the pictures it changed.

        `label` tells it in the user's words: `add the tag smile`. Raises what `change` raises, with nothing
        changed.
        """
        with self._lock:
            old, new = self.captions, change(self.captions)
            names = new.changed_since(old)
            if names:
                self._undo.append(_Step(label=label, before=_some(old, names), after=_some(new, names)))
                del self._undo[:-_MOST_STEPS]
                self._redo.clear()
                self.captions = new
            return names

    def undo(self) -> tuple[str, ...]:
        """Take the last edit back; gives the names of the pictures it changed, none without one."""
        return self._step(self._undo, self._redo, lambda step: step.before)

    def redo(self) -> tuple[str, ...]:
        """Do the edit again that undo took back; gives the names of the pictures it changes."""
        return self._step(self._redo, self._undo, lambda step: step.after)

    def save(
        self,
        *,
        overwrite: Collection[Path] = (),
        label: str = "",
        interrupted: Callable[[], bool] = lambda: False,
    ) -> SaveResult:
        """Write the caption files that changed, each whole; UTF-8 whatever they were in.

        A file that another program changed since it was read is refused and stays unsaved, unless it is in
        `overwrite`. `label` stands in the journal. `interrupted` is asked before each file. Raises
        StorageError when a file can't be written; those before it are, and are known to be saved.
        """
        changed: list[ChangedFile] = []
        with self._lock:
            wanted = {
                picture.file: _bytes(picture) for picture in map(self.captions.__getitem__, self.unsaved)
            }
            try:
                return save_files(
                    wanted,
                    self._files,
                    overwrite=overwrite,
                    written=changed.append,
                    interrupted=interrupted,
                )
            finally:
                self._note(changed, label or ", ".join(step.label for step in self._undo[-3:]))

    def changed_on_disk(self) -> tuple[Path, ...]:
        """The caption files that another program changed, made or removed since they were read."""
        return tuple(file for file, data in self._files.items() if not _is_as_read(file, data))

    def reload(self) -> tuple[str, ...]:
        """Read the folder again, with the pictures that are there now.

        Edits that aren't saved stay, but for captions that another program changed: those are as they are on
        the disk now, their names are given, and undo brings the edits back. Raises DatasetError as
        `read_captions` does, with nothing changed.
        """
        with self._lock:
            edited, files = self.captions, self._files
            unsaved = set(self.unsaved)
            read = self._read()
            self._take(read)
            kept = {
                name: caption_of(edited[name])
                for name in unsaved & set(read.captions.names)
                if read.files[read.captions[name].file] == files[edited[name].file]
            }
            self.captions = read.captions.with_captions(kept)
            replaced = tuple(name for name in read.captions.names if name in unsaved and name not in kept)
            if replaced:
                before, after = _some(edited, replaced), _some(self.captions, replaced)
                self._undo.append(_Step(label="reload", before=before, after=after))
                self._redo.clear()
            return replaced

    def _step(
        self, taken: list[_Step], put: list[_Step], side: Callable[[_Step], _Captions]
    ) -> tuple[str, ...]:
        with self._lock:
            if not taken:
                return ()
            step, old = taken.pop(), self.captions
            put.append(step)
            self.captions = old.with_captions(side(step))
            return self.captions.changed_since(old)

    def _take(self, read: ReadCaptions) -> None:
        self.captions = self.saved = read.captions
        self._files = dict(read.files)

    def _note(self, changed: list[ChangedFile], label: str) -> None:
        """Remember what was written, also when the writing of others failed."""
        self._files.update({change.file: change.after for change in changed})
        written = {change.file for change in changed}
        done = [picture.name for picture in self.captions.pictures if picture.file in written]
        self.saved = self.saved.with_captions(_some(self.captions, done))
        if changed and self._journal is not None:
            self._journal.add(self.folder, changed, label)

    def _read(self) -> ReadCaptions:
        return read_captions(self._folder, rules=self._rules, subfolders=self._subfolders)


def _some(captions: CaptionSet, names: Collection[str]) -> _Captions:
    return {name: caption_of(captions[name]) for name in names}


def _bytes(picture: PictureCaption) -> bytes | None:
    caption = caption_of(picture)
    return None if caption is None else caption.encode("utf-8")


def _is_as_read(file: Path, as_read: bytes | None) -> bool:
    try:
        return bytes_of(file) == as_read
    except OSError:
        return as_read is None  # what couldn't be read before either
