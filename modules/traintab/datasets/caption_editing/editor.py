"""Captions while they are edited: what is on the disk, what isn't saved, and the way back."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import StorageError
from ...prompts.captions import CaptionRules
from .caption_set import CaptionSet
from .journal import CaptionJournal
from .picture_caption import PictureCaption, caption_of
from .reading import ReadCaptions, bytes_of, read_captions
from .saving import ChangedFile, SaveResult, save_files

__all__ = ["CaptionEditor"]

_Captions = Mapping[str, str | None]  # by name; None for no caption file
_Bytes = Mapping[Path, bytes | None]  # of caption files
_MOST_STEPS = 200
_LABELS_TOLD = 3


@dataclass(frozen=True, kw_only=True)
class _Step:
    """An edit, as the captions that it changed."""

    label: str
    before: _Captions
    after: _Captions


class _Noted:
    """A save in the journal: as planned before it begins, and as it was done when it isn't that.

    That the journal can't be written stops no save; `problem` tells it.
    """

    def __init__(
        self,
        journal: CaptionJournal | None,
        folder: Path,
        planned: _Bytes,
        as_read: _Bytes,
        label: str,
    ) -> None:
        self._journal, self._folder = journal if planned else None, folder
        self._planned = [
            ChangedFile(file=file, before=as_read.get(file), after=data) for file, data in planned.items()
        ]
        self.changed: list[ChangedFile] = []
        self.problem = ""
        self._try(lambda journal: journal.add(folder, self._planned, label))

    def add(self, change: ChangedFile) -> None:
        """One file is written."""
        self.changed.append(change)

    def close(self) -> None:
        """Nothing more will be."""
        if self.changed != self._planned:
            self._try(lambda journal: journal.correct_last(self._folder, self.changed))

    def _try(self, write: Callable[[CaptionJournal], None]) -> None:
        if self._journal is None:
            return
        try:
            write(self._journal)
        except StorageError as error:
            self._journal = None
            self.problem = f"This save can't be taken back in another session: {error}"


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
        self._labels: list[str] = []  # of what was done since all was saved
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
                self._labels.append(label)
                self.captions = new
            return names

    def undo(self) -> tuple[str, ...]:
        """Take the last edit back; gives the names of the pictures it changed, none without one."""
        return self._step(self._undo, self._redo, lambda step: step.before, "undo ")

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
        with self._lock:
            pictures = [self.captions[name] for name in self.unsaved]
            planned = {picture.file: _bytes(picture) for picture in pictures}
            noted = _Noted(self._journal, self.folder, planned, self._files, label or self._told())
            try:
                result = save_files(
                    planned, self._files, overwrite=overwrite, written=noted.add, interrupted=interrupted
                )
            finally:
                self._know(noted.changed)
                noted.close()
            return dataclasses.replace(result, note=noted.problem)

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
            self.saved, self._files = read.captions, dict(read.files)
            kept = {
                name: caption_of(edited[name])
                for name in unsaved & set(read.captions.names)
                if read.files[read.captions[name].file] == files[edited[name].file]
            }
            self.captions = read.captions.with_captions(kept)
            replaced = tuple(name for name in self.captions.changed_since(edited) if name in unsaved)
            if replaced:
                before, after = _some(edited, replaced), _some(self.captions, replaced)
                self._undo.append(_Step(label="reload", before=before, after=after))
                self._redo.clear()
            return replaced

    def _step(
        self, taken: list[_Step], put: list[_Step], side: Callable[[_Step], _Captions], verb: str = ""
    ) -> tuple[str, ...]:
        with self._lock:
            if not taken:
                return ()
            step, old = taken.pop(), self.captions
            put.append(step)
            if verb and self._labels[-1:] == [step.label]:
                self._labels.pop()
            else:
                self._labels.append(verb + step.label)
            self.captions = old.with_captions(side(step))
            return self.captions.changed_since(old)

    def _know(self, changed: Sequence[ChangedFile]) -> None:
        """Remember what was written, also when the writing of others failed."""
        self._files.update({change.file: change.after for change in changed})
        written = {change.file for change in changed}
        done = [picture.name for picture in self.captions.pictures if picture.file in written]
        self.saved = self.saved.with_captions(_some(self.captions, done))
        if not self.unsaved:
            self._labels.clear()

    def _told(self) -> str:
        """What was done since all was saved."""
        labels = list(dict.fromkeys(self._labels))
        more = len(labels) - _LABELS_TOLD
        return ", ".join(labels[:_LABELS_TOLD]) + (f" and {more} more" if more > 0 else "")

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
