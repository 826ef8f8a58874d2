"""Pictures and captions that a browser has sent, checked and put into a folder of their own."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..errors import DatasetError, StorageError, TrainTabError
from ..files import kind_of, make_new_folder, numbered, write_atomically
from ..prompts.text_files import text_of_bytes
from .captioning import file_name_for
from .opening import KNOWN_SUFFIXES, open_source

__all__ = ["SentFiles", "destination_for", "is_made_here", "take_sent_files"]

CAPTION_SUFFIX = ".txt"
_MASK_ENDING = "-masklabel"
_MOST_BYTES = 100 << 20
_MOST_CAPTION_BYTES = 64 << 10
_TIME = "%Y-%m-%d_%H-%M-%S"
_MADE_HERE = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d( \(\d+\))?")
_READY = "-prepared"
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)  # Windows keeps them for devices
_NAMELESS = "picture"

# Two uploads into one folder look for free names one after the other.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class SentFiles:
    """What came of them: `folder` is None when nothing was taken; `refused` are sentences, one a file."""

    folder: Path | None = None
    pictures: int = 0
    captions: int = 0
    refused: tuple[str, ...] = ()


@dataclass
class _Group:
    """Files that belong together by their names: a picture, its caption, its mask.

    `ends` has what stands behind the name they share.
    """

    name: str
    ends: dict[str, Path] = field(default_factory=dict)

    @property
    def has_picture(self) -> bool:
        return any(_is_picture_end(end) for end in self.ends)


def is_made_here(folder: Path, parent: Path) -> bool:
    """Whether a folder is one that `take_sent_files` made in `parent`, so that more may go into it."""
    return (
        bool(_MADE_HERE.fullmatch(folder.name))
        and folder.parent.resolve() == parent.resolve()
        and not folder.is_symlink()
        and kind_of(folder) == "folder"
    )


def destination_for(folder: Path, destination: str) -> str:
    """Where the training pictures of such a folder go: to what is chosen, unless that is nothing, or what was
    proposed for another one of them.
    """
    chosen = Path(destination.strip())
    is_proposed = chosen.parent == folder.parent and bool(
        _MADE_HERE.fullmatch(chosen.name.removesuffix(_READY))
    )
    return str(folder.with_name(f"{folder.name}{_READY}")) if is_proposed or not chosen.name else destination


def take_sent_files(files: Sequence[Path], parent: Path, into: Path | None = None) -> SentFiles:
    """Check files, and store the sound ones in `into`, else in a new folder of `parent`.

    A file is never replaced: a picture whose name is taken gets a number, together with the caption and the
    mask that came with it. A refused file doesn't stop the others. Raises StorageError when no folder can be
    made.
    """
    sound, refused = [], []
    for file in files:
        try:
            _check(file)
            sound.append(file)
        except TrainTabError as error:
            refused.append(str(error))
    if not sound:
        return SentFiles(refused=tuple(refused))
    with _ONE_AT_A_TIME:
        folder = into or _new_folder(parent)
        written: list[Path] = []
        try:
            for group in _groups(sound):
                refused += _store(group, folder, written)
        except StorageError as error:
            refused.append(str(error))
        if not written:
            with contextlib.suppress(OSError):  # others' files are in it: then it stays
                folder.rmdir()
            return SentFiles(refused=tuple(refused))
    captions = sum(path.suffix.lower() == CAPTION_SUFFIX for path in written)
    return SentFiles(
        folder=folder, pictures=len(written) - captions, captions=captions, refused=tuple(refused)
    )


def _new_folder(parent: Path) -> Path:
    try:
        return make_new_folder(parent, f"{datetime.now():{_TIME}}")
    except OSError as error:
        raise StorageError(
            f"No folder for the pictures could be made in {parent} ({error.strerror or error}). Free some"
            " disk space, or start the program with another --data-dir."
        ) from error


def _check(file: Path) -> None:
    """Raise DatasetError with a sentence when a file is neither a picture that can be read nor a caption."""
    suffix = file.suffix.lower()
    if suffix not in KNOWN_SUFFIXES and suffix != CAPTION_SUFFIX:
        raise DatasetError(
            f"{file.name} was not taken: it is neither a picture (.png, .jpg, .webp and others) nor a .txt"
            " caption."
        )
    if suffix != CAPTION_SUFFIX:
        _check_size(file)
        open_source(file)
        return
    data = _bytes_of(file)
    if len(data) > _MOST_CAPTION_BYTES:
        raise DatasetError(
            f"{file.name} was not taken: a caption has {_MOST_CAPTION_BYTES >> 10} KiB at most. Shorten it."
        )
    try:
        text_of_bytes(data)
    except ValueError as error:
        raise DatasetError(f"{file.name} was not taken: {error}. Save it as UTF-8 text.") from error


def _check_size(file: Path) -> None:
    try:
        size = file.stat().st_size
    except OSError as error:
        raise _lost(file, error) from error
    if size > _MOST_BYTES:
        raise DatasetError(
            f"{file.name} was not taken: it is larger than {_MOST_BYTES >> 20} MiB. Make it smaller first."
        )


def _bytes_of(file: Path) -> bytes:
    _check_size(file)
    try:
        return file.read_bytes()
    except OSError as error:
        raise _lost(file, error) from error


def _lost(file: Path, error: OSError) -> DatasetError:
    return DatasetError(f"{file.name} was not taken: it did not arrive ({error.strerror}). Send it again.")


def _groups(files: Sequence[Path]) -> list[_Group]:
    """The files by the name they share; two of the same name, as phones send them, are in two groups."""
    groups: list[_Group] = []
    for file in files:
        name, end = _split(file)
        found = next((one for one in groups if one.name == name and end not in one.ends), None)
        if found is None:
            found = _Group(name)
            groups.append(found)
        found.ends[end] = file
    return groups


def _split(file: Path) -> tuple[str, str]:
    """A safe name without a folder, and its end: `.png`, `.txt`, `-masklabel.png`."""
    name = file.stem.removesuffix(_MASK_ENDING)
    end = file.name[len(name) :]
    safe = file_name_for(name)[0].strip(" .") or _NAMELESS
    return (f"{safe}-{_NAMELESS}" if _RESERVED.fullmatch(safe) else safe), end


def _store(group: _Group, folder: Path, written: list[Path]) -> list[str]:
    """Write a group by names that nothing has, and note them in `written`; gives sentences of refusal."""
    taken = {path.name.casefold() for path in folder.iterdir()}
    if not group.has_picture:
        there = [end for end in group.ends if f"{group.name}{end}".casefold() in taken]
        refused = [_there_already(group.ends.pop(end)) for end in there]
        name = group.name
    else:
        refused = []
        name = next(one for one in numbered(group.name) if _is_free(one, group, taken))
    for end, file in group.ends.items():
        target = folder / f"{name}{end}"
        write_atomically(target, _bytes_of(file))
        written.append(target)
    return refused


def _there_already(file: Path) -> str:
    return (
        f"{file.name} was not taken: the folder has a file of that name already. Send it together with its"
        " picture, or edit the caption in the tab Captions."
    )


def _is_free(name: str, group: _Group, taken: set[str]) -> bool:
    """Whether no file of the group would meet one of its name, nor the caption of another picture."""
    wanted = {f"{name}{end}".casefold() for end in group.ends}
    pictures = {f"{name}{suffix}".casefold() for suffix in KNOWN_SUFFIXES}
    return not (wanted | pictures) & taken


def _is_picture_end(end: str) -> bool:
    return end.lower() in KNOWN_SUFFIXES
