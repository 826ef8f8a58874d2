"""What a folder of pictures holds: readable pictures with captions, unreadable files, duplicates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..errors import DatasetError
from ..files import kind_of
from ..pictures import UNREADABLE, open_picture
from ..prompts.captions import CaptionRules, caption_of
from .pictures import PICTURE_SUFFIXES

__all__ = ["DatasetImage", "DatasetReport", "scan"]

_NAMED_AT_MOST = 3


@dataclass(frozen=True, kw_only=True)
class DatasetImage:
    """One readable picture. `content_hash` is the sha256 of the file; sizes in pixels, upright."""

    path: Path
    caption: str
    content_hash: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class DatasetReport:
    """A scanned folder: `unreadable` are (file, reason), `duplicates` are (file, earlier file it equals)."""

    folder: Path
    images: tuple[DatasetImage, ...]
    unreadable: tuple[tuple[Path, str], ...] = ()
    duplicates: tuple[tuple[Path, Path], ...] = ()

    def summary(self) -> str:
        """One or a few sentences for the page and the command line."""
        sentences = [f"{_count(len(self.images), 'picture')} in {self.folder}."]
        if self.unreadable:
            listed = _listed(f"{path.name} ({reason})" for path, reason in self.unreadable)
            sentences.append(f"Skipped, because unreadable: {listed}.")
        if self.duplicates:
            listed = _listed(f"{path.name} is {earlier.name}" for path, earlier in self.duplicates)
            sentences.append(f"The same picture twice: {listed}.")
        return " ".join(sentences)


def scan(folder: Path, rules: CaptionRules) -> DatasetReport:
    """Look at every picture of a folder (not of its subfolders), in the order of their names.

    Each picture is decoded once, so that a file cut short is found before training begins. Files that
    aren't pictures by their suffix, and hidden files, are passed over. Raises DatasetError when the
    folder is missing or holds no readable picture.
    """
    paths = _pictures_in(folder)
    with ThreadPoolExecutor(max_workers=4) as threads:
        looked_at = list(threads.map(_size_and_hash, paths))
    images: list[DatasetImage] = []
    unreadable: list[tuple[Path, str]] = []
    duplicates: list[tuple[Path, Path]] = []
    first_with: dict[str, Path] = {}
    for path, found in zip(paths, looked_at, strict=True):
        if isinstance(found, str):
            unreadable.append((path, found))
            continue
        (width, height), content_hash = found
        if content_hash in first_with:
            duplicates.append((path, first_with[content_hash]))
        first_with.setdefault(content_hash, path)
        caption = caption_of(path, rules)
        images.append(
            DatasetImage(path=path, caption=caption, content_hash=content_hash, width=width, height=height)
        )
    if not images:
        raise _nothing_readable(folder, unreadable)
    return DatasetReport(
        folder=folder, images=tuple(images), unreadable=tuple(unreadable), duplicates=tuple(duplicates)
    )


def _pictures_in(folder: Path) -> list[Path]:
    kind = kind_of(folder)
    if kind != "folder":
        what = "is a file" if kind == "file" else "doesn't exist or can't be reached"
        raise DatasetError(f"The dataset directory {folder} {what}; give a folder that holds your pictures.")
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise DatasetError(
            f"The dataset directory {folder} can't be listed ({error.strerror}); check its permissions."
        ) from error
    return [
        path
        for path in entries
        if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    ]


def _size_and_hash(path: Path) -> tuple[tuple[int, int], str] | str:
    """Size in pixels and content hash of a readable picture; otherwise the reason it isn't one."""
    try:
        content_hash = hashlib.sha256(path.read_bytes()).hexdigest()
        return open_picture(path).size, content_hash
    except UNREADABLE as error:
        return _reason(error)


def _reason(error: BaseException) -> str:
    """Pillow's own words where they help, without the path that stands before them already."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if "cannot identify image file" in text:
        return "not a picture, or damaged"
    return text.rstrip(".")


def _nothing_readable(folder: Path, unreadable: list[tuple[Path, str]]) -> DatasetError:
    if not unreadable:
        kinds = ", ".join(sorted(PICTURE_SUFFIXES))
        return DatasetError(
            f"The dataset directory {folder} holds no pictures; put some in it ({kinds}), or choose another."
            " Subfolders aren't looked into."
        )
    listed = _listed(f"{path.name} ({reason})" for path, reason in unreadable)
    return DatasetError(
        f"None of the {len(unreadable)} pictures in {folder} can be read: {listed}. Save them again as PNG."
    )


def _listed(items: Iterable[str]) -> str:
    """The first few items, and how many more there are."""
    everything = list(items)
    shown = ", ".join(everything[:_NAMED_AT_MOST])
    more = len(everything) - _NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
