"""Reading the captions of a folder, and remembering the files as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import DatasetError
from ...files import kind_of
from ...prompts.captions import Caption, CaptionRules
from ...prompts.text_files import MAX_TEXT_BYTES, text_of_bytes
from ..folders import DatasetFolder, FoundPicture, pictures_in
from ..own_captions import OwnCaptions
from .caption_set import CaptionSet
from .picture_caption import PictureCaption, caption_text

__all__ = ["ReadCaptions", "bytes_of", "read_captions"]

_NO_REGULAR_FILE = "it is no regular file"


@dataclass(frozen=True, kw_only=True)
class ReadCaptions:
    """A folder's captions, and the bytes of each caption file as it was read; None for no file."""

    captions: CaptionSet
    files: Mapping[Path, bytes | None]


def read_captions(
    folder: Path, *, rules: CaptionRules | None = None, subfolders: bool = False
) -> ReadCaptions:
    """The captions of all pictures in a folder, in the order of training.

    Captions are the text files of the pictures' stems, with the ending and the lines of `rules`. A caption
    file that can't be read is told by its picture's `problem`. Raises DatasetError when the folder is
    missing, can't be listed or holds no pictures.
    """
    rules = rules or CaptionRules()
    where = DatasetFolder(path=folder, subfolders=subfolders)
    found = pictures_in(where)
    if not found:
        raise DatasetError(
            f"The captions of {folder} can't be edited: there are no pictures in it"
            f"{'' if subfolders else ' itself'}; choose the folder that your training pictures are in."
        )
    otherwise = OwnCaptions(where, rules)
    pictures, files = [], {}
    for picture in found:
        file = picture.path.with_suffix(rules.extension)
        read = _Read.of(file)
        files[file] = read.data
        pictures.append(_picture(picture, file, read, rules, otherwise))
    captions = CaptionSet(folder=folder, pictures=tuple(pictures), lines_are_variants=rules.one_line)
    return ReadCaptions(captions=captions, files=files)


def bytes_of(file: Path) -> bytes | None:
    """What a caption file holds now, up to more than captions may have; None where there is none.

    Raises OSError when it can't be read, and for what is no regular file.
    """
    if not kind_of(file):
        return None
    if not file.is_file():
        raise OSError(_NO_REGULAR_FILE)
    with file.open("rb") as stream:
        return stream.read(MAX_TEXT_BYTES + 1)


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A caption file: its bytes, and its text or the reason why there is none."""

    data: bytes | None = None
    text: str = ""
    problem: str = ""

    @classmethod
    def of(cls, file: Path) -> _Read:
        try:
            data = bytes_of(file)
        except OSError as error:
            return cls(problem=error.strerror or str(error))
        if data is None:
            return cls()
        try:
            return cls(data=data, text=text_of_bytes(data).text)
        except ValueError as error:
            return cls(data=data, problem=str(error))


def _picture(
    picture: FoundPicture, file: Path, read: _Read, rules: CaptionRules, otherwise: OwnCaptions
) -> PictureCaption:
    is_missing = read.data is None and not read.problem
    suggested = otherwise.of(picture.path) if is_missing else Caption("", "")
    return PictureCaption(
        path=picture.path,
        name=picture.name,
        file=file,
        text=caption_text(read.text, rules.one_line),
        is_missing=is_missing,
        is_joined=not rules.one_line and "\n" in caption_text(read.text, lines_are_variants=True),
        suggestion=caption_text(suggested.text, rules.one_line),
        suggested_by=suggested.source,
        problem=read.problem,
    )
