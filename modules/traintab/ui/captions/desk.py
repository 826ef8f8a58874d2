"""A folder's captions while people edit them; it outlives the page, so that a refresh loses nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from ...datasets.caption_editing import (
    CaptionEditor,
    CaptionJournal,
    CaptionSet,
    SaveResult,
    SharedTag,
    TagCount,
    shared_tags,
)
from ...errors import InputError
from ...files import user_path
from .shown import Shown, TypedText

__all__ = ["Counted", "Desk", "Desks"]

_SECONDS_BETWEEN_LOOKS = 3.0
_SHARE_OF_TIME = 40.0  # a large folder, or one on a slow disk, is looked at the more seldom


class Counted(NamedTuple):
    """Each tag with the number of its pictures, and those that nearly all pictures have."""

    tags: list[TagCount]
    shared: list[SharedTag]


class Desk:
    """One folder's editor, with what is selected and what was answered.

    Of the tags that nearly all pictures have, `skipped` aren't asked about any more, and `accidental` aren't
    while all captions have them: undo, or a picture without them, asks again.
    `version` grows with each change that isn't typing, so that a browser can tell that it shows older
    captions. Whoever calls several methods in a row holds `lock`.
    """

    def __init__(self, folder: Path, journal: CaptionJournal) -> None:
        """Read the folder; raises DatasetError."""
        self.lock = threading.RLock()
        self.editor = CaptionEditor(folder, journal=journal)
        self.selected: set[str] = set()
        self.skipped: set[str] = set()
        self.accidental: set[str] = set()
        self.refused: tuple[Path, ...] = ()
        self.version = 1
        self._changed_in: dict[str, int] = {}
        self._typed_last = ""
        self._folder_time = _time_of(folder)
        self._next_look = 0.0
        self._counted: tuple[CaptionSet, Counted] | None = None

    @property
    def captions(self) -> CaptionSet:
        """The captions as edited."""
        return self.editor.captions

    def counted(self) -> Counted:
        """The tags of the captions as they are now, counted once."""
        with self.lock:
            if self._counted is None or self._counted[0] is not self.captions:
                found = Counted(self.captions.tag_counts(), shared_tags(self.captions))
                self._counted = self.captions, found
            return self._counted[1]

    def type(self, shown: Shown, typed: Iterable[TypedText]) -> tuple[str, ...]:
        """Take what was typed into fields; gives the names of the pictures whose captions it changed.

        What is typed into one caption without a pause for others is one step of undo. A text that belongs
        to an older caption than there is by now comes too late and is left out.
        """
        changed: list[str] = []
        with self.lock:
            for one in typed:
                if shown.version >= self._changed_in.get(one.name, 0) and one.name in self.captions.names:
                    changed += self._typed(one)
        return tuple(changed)

    def edit(self, change: Callable[[CaptionSet], CaptionSet], label: str) -> tuple[str, ...]:
        """As `CaptionEditor.edit`."""
        return self._stepped(lambda: self.editor.edit(change, label))

    def undo(self) -> tuple[str, ...]:
        """As `CaptionEditor.undo`."""
        return self._stepped(self.editor.undo)

    def redo(self) -> tuple[str, ...]:
        """As `CaptionEditor.redo`."""
        return self._stepped(self.editor.redo)

    def save(self, *, overwrite: bool = False) -> SaveResult:
        """Write what changed; with `overwrite` those files too that the last save refused."""
        with self.lock:
            result = self.editor.save(overwrite=self.refused if overwrite else ())
            self.refused = tuple(file for file, _ in result.refused)
            self._typed_last = ""
            self._folder_time = _time_of(self.editor.folder)
            return result

    def reload(self) -> tuple[str, ...]:
        """As `CaptionEditor.reload`."""
        with self.lock:
            self._folder_time = _time_of(self.editor.folder)
            before = self.captions
            replaced = self.editor.reload()
            self.selected &= set(self.captions.names)
            self.refused = ()
            self._touched((*replaced, *self.captions.changed_since(before)))
            return replaced

    def follow(self) -> bool:
        """Reload when other programs changed captions or pictures; False when nothing new is shown.

        Captions with edits that aren't saved are not given up for that: `save` will refuse them and say so.
        """
        with self.lock:
            if time.monotonic() < self._next_look:
                return False
            began = time.monotonic()
            try:
                is_new = self._is_new()
                if is_new:
                    self.reload()
                return is_new
            finally:
                taken = time.monotonic() - began
                pause = max(_SECONDS_BETWEEN_LOOKS, taken * _SHARE_OF_TIME)
                self._next_look = time.monotonic() + pause

    def select(self, names: Iterable[str], *, chosen: bool = True) -> None:
        """Select pictures, or leave them out of the selection again."""
        with self.lock:
            wanted = set(names) & set(self.captions.names)
            self.selected = self.selected | wanted if chosen else self.selected - wanted

    def select_only(self, names: Iterable[str]) -> None:
        """Select these and no others."""
        with self.lock:
            self.selected = set(names) & set(self.captions.names)
            self.version += 1

    def _is_new(self) -> bool:
        changed = set(self.editor.changed_on_disk())
        if changed & {self.captions[name].file for name in self.editor.unsaved}:
            return False
        return bool(changed) or _time_of(self.editor.folder) != self._folder_time

    def _typed(self, one: TypedText) -> tuple[str, ...]:
        """A keystroke takes the place of the one before it: undo takes back what was typed at once."""
        before = self.captions[one.name].text
        if self._typed_last == one.name:
            self.editor.undo()
        self._typed_last = ""
        label = f"typing below {one.name}"
        if self.editor.edit(lambda captions: captions.set_caption(one.name, one.text), label):
            self._typed_last = one.name
        return (one.name,) if self.captions[one.name].text != before else ()

    def _stepped(self, step: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
        with self.lock:
            changed = step()
            self._typed_last = ""
            self._touched(changed)
            return changed

    def _touched(self, names: Iterable[str]) -> None:
        self.version += 1
        self._changed_in.update(dict.fromkeys(names, self.version))


class Desks:
    """The desks of all folders that were opened since the program began."""

    def __init__(self, journals: Path) -> None:
        """`journals` is the folder that remembers what was saved."""
        self._journal = CaptionJournal(journals)
        self._desks: dict[Path, Desk] = {}
        self._lock = threading.Lock()

    def opened(self, folder: str) -> Desk:
        """The desk of a folder as the user typed it; raises InputError and DatasetError."""
        if not folder.strip():
            raise InputError("No folder is open. Give the folder of your training pictures, and press Open.")
        path = user_path(folder.strip()).resolve()
        with self._lock:
            if path not in self._desks:
                self._desks[path] = Desk(path, self._journal)
            return self._desks[path]

    def known(self, folder: str) -> Desk | None:
        """The desk of a folder if it is open."""
        return self._desks.get(user_path(folder.strip()).resolve()) if folder.strip() else None


def _time_of(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
