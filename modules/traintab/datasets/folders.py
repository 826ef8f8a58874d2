"""Where pictures lie: one folder or several, with or without what is below them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DatasetError
from ..files import kind_of
from .mask_files import is_mask, is_mask_folder
from .suffixes import PICTURE_SUFFIXES

__all__ = [
    "DatasetFolder",
    "FoundPicture",
    "check_distinct",
    "pictures_in",
    "repeats_of_name",
    "subfolders_with_pictures",
]

_REPEATED = re.compile(r"(\d{1,6})_.*")


@dataclass(frozen=True, kw_only=True)
class DatasetFolder:
    """A folder of pictures, and how it is looked into.

    With `subfolders` everything below counts, with `name_repeats` the subfolders called `10_name`, whose
    pictures are shown 10 times an epoch; `repeats` goes for all others. `weight` is its part of an epoch
    against other folders, None where pictures count as they are. `is_class` marks regularisation pictures.
    `caption_extension` is its own caption files' ending, `metadata_file` a file of captions as kohya's
    fine-tuning has it, and `class_tokens` the caption of pictures that have none; `caption_prefix` and
    `caption_suffix` become parts of each caption. All may be missing.
    """

    path: Path
    subfolders: bool = False
    name_repeats: bool = False
    repeats: int = 1
    weight: float | None = None
    is_class: bool = False
    caption_extension: str = ""
    metadata_file: Path | None = None
    class_tokens: str = ""
    caption_prefix: str = ""
    caption_suffix: str = ""

    @property
    def called(self) -> str:
        """The beginning of a sentence about it."""
        return f"The {'class pictures' if self.is_class else 'dataset'} directory {self.path}"


@dataclass(frozen=True, kw_only=True)
class FoundPicture:
    """A file that is a picture by its name. `name` is its path below the folder, with forward slashes."""

    path: Path
    name: str
    repeats: int


def repeats_of_name(name: str) -> int | None:
    """10 for a folder called `10_name`; None for other names, and for `0_name`."""
    match = _REPEATED.fullmatch(name)
    return int(match[1]) or None if match else None


def pictures_in(folder: DatasetFolder) -> list[FoundPicture]:
    """The pictures of a folder in the order of their names, then those of its subfolders, where wanted.

    Files that aren't pictures by their suffix are passed over, and so are masks and what is hidden. Raises
    DatasetError when a folder is missing or can't be listed.
    """
    kind = kind_of(folder.path)
    if kind != "folder":
        what = "is a file" if kind == "file" else "doesn't exist or can't be reached"
        toml = " A dataset config of kohya goes into dataset_config." if folder.path.suffix == ".toml" else ""
        raise DatasetError(f"{folder.called} {what}; give a folder that holds your pictures.{toml}")
    own = repeats_of_name(folder.path.name) if folder.name_repeats else None
    return list(_found(folder, folder.path, own or folder.repeats, {folder.path.resolve()}))


def subfolders_with_pictures(folder: Path) -> list[str]:
    """The names of those folders right below that hold pictures themselves; hidden ones and masks aside."""
    found = []
    for path in _listed(folder):
        if path.name.startswith(".") or is_mask_folder(path) or not path.is_dir():
            continue
        try:
            has_pictures = any(True for _ in _found(DatasetFolder(path=path), path, 1, set()))
        except DatasetError:
            continue  # a closed folder: what can't be looked at can't be advised
        found += [path.name] if has_pictures else []
    return found


def check_distinct(found: Sequence[tuple[DatasetFolder, Sequence[FoundPicture]]]) -> None:
    """Raise DatasetError when two folders, given with their pictures, have found the same ones.

    So it is with a folder that is given twice, and with one that lies in another that is looked into.
    """
    seen: dict[Path, DatasetFolder] = {}
    for folder, pictures in found:
        for place in {picture.path.parent.resolve() for picture in pictures}:
            if place in seen:
                raise _counted_twice(folder, seen[place])
        seen.update({picture.path.parent.resolve(): folder for picture in pictures})


def _counted_twice(one: DatasetFolder, other: DatasetFolder) -> DatasetError:
    """Two folders that share pictures."""
    inner, outer = (one, other) if other.path.resolve() in one.path.resolve().parents else (other, one)
    is_same = inner.path.resolve() == outer.path.resolve()
    twice = "is given twice" if is_same else f"has pictures of {outer.path}, which is given too"
    return DatasetError(
        f"{inner.called} {twice}: they would count twice. Take one of the two out; to"
        " show pictures more often use repeats."
    )


def _found(wanted: DatasetFolder, folder: Path, repeats: int, above: set[Path]) -> Iterator[FoundPicture]:
    """The pictures of one folder and of those below; `above` are the folders on the way, so that a link
    back to one of them doesn't go round for ever.
    """
    entries = [path for path in _listed(folder) if not path.name.startswith(".")]
    for path in entries:
        if path.suffix.lower() in PICTURE_SUFFIXES and not is_mask(path) and path.is_file():
            yield FoundPicture(path=path, name=path.relative_to(wanted.path).as_posix(), repeats=repeats)
    if not (wanted.subfolders or (wanted.name_repeats and folder == wanted.path)):
        return
    for path in entries:
        told = repeats_of_name(path.name) if wanted.name_repeats else None
        is_looked_into = (wanted.subfolders or told) and path.is_dir() and not is_mask_folder(path)
        if is_looked_into and path.resolve() not in above:
            yield from _found(wanted, path, told or repeats, above | {path.resolve()})


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise DatasetError(
            f"The dataset directory {folder} can't be listed ({error.strerror}); check its permissions."
        ) from error
