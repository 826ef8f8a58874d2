"""What folders of pictures hold: readable pictures with captions, unreadable files, duplicates."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..errors import DatasetError
from ..pictures import UNREADABLE, open_picture
from ..prompts.captions import FROM_FILE_NAME, Caption, CaptionRules
from .folders import (
    DatasetFolder,
    FoundPicture,
    check_distinct,
    pictures_in,
    repeats_of_name,
    subfolders_with_pictures,
)
from .metadata import METADATA_NAME
from .own_captions import CLASS_TOKENS, OwnCaptions
from .pictures import PICTURE_SUFFIXES
from .showings import weighted_repeats

__all__ = ["DatasetImage", "DatasetReport", "Look", "PictureFacts", "reason_of", "scan", "scan_folders"]

PictureFacts = tuple[tuple[int, int], str]
"""Width and height in pixels, upright, and the sha256 of the file."""
Look = Callable[[Path], PictureFacts | str]
"""Gives a file's facts, or the reason why it is no picture; asked by several threads at once."""

_NAMED_AT_MOST = 3
# How the report calls caption sources that aren't files beside the pictures.
_KINDS = {FROM_FILE_NAME: "file names", METADATA_NAME: METADATA_NAME, CLASS_TOKENS: CLASS_TOKENS}


@dataclass(frozen=True, kw_only=True)
class DatasetImage:
    """One readable picture. `content_hash` is the sha256 of the file; sizes in pixels, upright.

    `place` is its path below its dataset directory, where that is more than its file name; `repeats` is how
    often its own folder shows it in an epoch, before any weights. `folder` counts the report's folders.
    `caption_source` names where the caption comes from: a file, `file name` or `class_tokens`. `mask_path` is
    the file that tells which places count in the loss, `mask_hash` its sha256; None and empty without one.
    """

    path: Path
    caption: str
    content_hash: str
    width: int
    height: int
    place: str = ""
    repeats: int = 1
    folder: int = 0
    caption_source: str = ""
    mask_path: Path | None = None
    mask_hash: str = ""

    @property
    def name(self) -> str:
        """What tells it from all others of the data set, whatever machine that lies on."""
        return self.place or self.path.name


@dataclass(frozen=True, kw_only=True)
class DatasetReport:
    """Scanned folders: `unreadable` are (file, reason), `duplicates` are (file, earlier file it equals).

    `folder` is the first of `folders`. `notes` are further sentences for the user.
    """

    folder: Path
    images: tuple[DatasetImage, ...]
    unreadable: tuple[tuple[Path, str], ...] = ()
    duplicates: tuple[tuple[Path, Path], ...] = ()
    folders: tuple[DatasetFolder, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def repeats(self) -> tuple[int, ...]:
        """How often an epoch shows each of `images`, with the folders' weights reckoned in."""
        plain = tuple(image.repeats for image in self.images)
        weights = {number: folder.weight for number, folder in enumerate(self.folders)}
        if not plain or all(weight is None for weight in weights.values()):
            return plain
        known = {number: 1.0 if weight is None else weight for number, weight in weights.items()}
        return tuple(weighted_repeats(plain, [image.folder for image in self.images], known))

    def summary(self) -> str:
        """One or a few sentences for the page and the command line."""
        sentences = [self._counted(), self._captions(), *self.notes]
        if self.unreadable:
            listed = named_some(f"{path.name} ({reason})" for path, reason in self.unreadable)
            sentences.append(f"Skipped, because unreadable: {listed}.")
        if self.duplicates:
            listed = named_some(f"{path.name} is {earlier.name}" for path, earlier in self.duplicates)
            sentences.append(f"The same picture twice: {listed}.")
        return " ".join(filter(None, sentences))

    def _counted(self) -> str:
        """How many pictures lie where, and how often each is shown where that isn't once."""
        repeats = self.repeats
        by_place: dict[tuple[Path, int], int] = {}
        for image, count in zip(self.images, repeats, strict=True):
            by_place[image.path.parent, count] = by_place.get((image.path.parent, count), 0) + 1
        pictures = _count(len(self.images), "picture")
        if len(by_place) <= 1:
            folder, often = next(iter(by_place), (self.folder, 1))
            return f"{pictures} in {folder}{f', each shown {_times(often)} an epoch' if often > 1 else ''}."
        places = len({folder for folder, _ in by_place})
        is_once = set(repeats) == {1}
        listed = named_some(
            f"{number} in {folder}{'' if is_once else f' ({_times(often)} each)'}"
            for (folder, often), number in by_place.items()
        )
        showings = "" if is_once else f", {sum(repeats)} showings an epoch"
        return f"{pictures} in {_count(places, 'folder')}{showings}: {listed}."

    def _captions(self) -> str:
        """Where captions come from, when that isn't the same for all, or not beside the pictures."""
        sources = Counter(_KINDS.get(image.caption_source, "caption files") for image in self.images)
        if len(sources) == 1 and not {METADATA_NAME, CLASS_TOKENS} & set(sources):
            return ""
        return f"Captions: {', '.join(f'{number} from {kind}' for kind, number in sources.most_common())}."


def scan(folder: Path, rules: CaptionRules) -> DatasetReport:
    """Look at every picture of one folder (not of its subfolders); see `scan_folders`."""
    return scan_folders([DatasetFolder(path=folder)], rules)


def scan_folders(
    folders: Sequence[DatasetFolder], rules: CaptionRules, look: Look | None = None
) -> DatasetReport:
    """Look at every picture of some folders, one folder after another, each in the order of names.

    Each picture is decoded once, so that a file cut short is found before training begins; `look` stands in
    for that. Files that aren't pictures by their suffix, and hidden files, are passed over. Raises
    DatasetError when a folder is missing, is given twice or holds no picture, and when none can be read but
    class pictures.
    """
    found_in = [(folder, _some_in(folder)) for folder in folders]
    check_distinct(found_in)
    found = [(number, picture) for number, (_, own) in enumerate(found_in) for picture in own]
    with ThreadPoolExecutor(max_workers=4) as threads:
        looked_at = list(threads.map(look or _size_and_hash, [picture.path for _, picture in found]))
    captions = [OwnCaptions(folder, rules) for folder in folders]
    images: list[DatasetImage] = []
    unreadable: list[tuple[Path, str]] = []
    for (number, picture), facts in zip(found, looked_at, strict=True):
        if isinstance(facts, str):
            unreadable.append((picture.path, facts))
            continue
        image = _image(picture, facts, captions[number].of(picture.path))
        place = image.place if number == 0 else f"{folders[number].path.name}/{image.place}"
        images.append(dataclasses.replace(image, folder=number, place=place))
    if all(folders[image.folder].is_class for image in images):
        raise _nothing_readable(folders[0].path, unreadable)
    return DatasetReport(
        folder=folders[0].path,
        images=_with_names_of_their_own(images),
        unreadable=tuple(unreadable),
        duplicates=_duplicates(images),
        folders=tuple(folders),
        notes=(
            *(note for own in captions for note in own.notes()),
            *(note for folder in folders for note in _passed_over(folder)),
        ),
    )


def named_some(items: Iterable[str]) -> str:
    """The first few items, and how many more there are."""
    everything = list(items)
    shown = ", ".join(everything[:_NAMED_AT_MOST])
    more = len(everything) - _NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown


def _some_in(folder: DatasetFolder) -> list[FoundPicture]:
    """The pictures of a folder; raises DatasetError when there are none, and says where some may be."""
    found = pictures_in(folder)
    if found:
        return found
    below = [] if folder.subfolders else subfolders_with_pictures(folder.path)
    if below:
        repeated = " or Repeats by folder name" if any(map(repeats_of_name, below)) else ""
        raise DatasetError(
            f"{folder.called} holds no pictures itself, only in subfolders"
            f" ({named_some(below)}); switch on Look into subfolders{repeated}, or choose one of those."
        )
    kinds = ", ".join(sorted(PICTURE_SUFFIXES))
    raise DatasetError(f"{folder.called} holds no pictures; put some in it ({kinds}), or choose another.")


def _passed_over(folder: DatasetFolder) -> Iterator[str]:
    """A sentence about subfolders that hold pictures and aren't looked into."""
    if folder.subfolders:
        return
    below = subfolders_with_pictures(folder.path)
    unseen = [name for name in below if not (folder.name_repeats and repeats_of_name(name))]
    if unseen:
        yield f"Not looked into: {named_some(unseen)} in {folder.path} (Look into subfolders is off)."


def _image(picture: FoundPicture, facts: PictureFacts, caption: Caption) -> DatasetImage:
    """A picture of the first folder, with its size in pixels and its sha256."""
    (width, height), content_hash = facts
    return DatasetImage(
        path=picture.path,
        caption=caption.text,
        content_hash=content_hash,
        width=width,
        height=height,
        place=picture.name,
        repeats=picture.repeats,
        caption_source=caption.source,
    )


def _size_and_hash(path: Path) -> PictureFacts | str:
    """Size in pixels and content hash of a readable picture; otherwise the reason it isn't one."""
    try:
        content_hash = hashlib.sha256(path.read_bytes()).hexdigest()
        return open_picture(path).size, content_hash
    except UNREADABLE as error:
        return reason_of(error)


def reason_of(error: BaseException) -> str:
    """Pillow's own words where they help, without the path that stands before them already."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if "cannot identify image file" in text:
        return "not a picture, or damaged"
    return text.rstrip(".")


def _duplicates(images: Sequence[DatasetImage]) -> tuple[tuple[Path, Path], ...]:
    first_with: dict[str, Path] = {}
    found = []
    for image in images:
        first = first_with.setdefault(image.content_hash, image.path)
        if first != image.path:
            found.append((image.path, first))
    return tuple(found)


def _with_names_of_their_own(images: Sequence[DatasetImage]) -> tuple[DatasetImage, ...]:
    """Two folders may be called alike: then their whole paths tell pictures apart."""
    names = Counter(image.name for image in images)
    return tuple(
        dataclasses.replace(image, place=image.path.as_posix()) if names[image.name] > 1 else image
        for image in images
    )


def _nothing_readable(folder: Path, unreadable: Sequence[tuple[Path, str]]) -> DatasetError:
    listed = named_some(f"{path.name} ({reason})" for path, reason in unreadable)
    return DatasetError(
        f"None of the {len(unreadable)} pictures in {folder} can be read: {listed}. Save them again as PNG."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
