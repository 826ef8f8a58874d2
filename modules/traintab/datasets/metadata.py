"""Captions of many pictures in one file: `metadata.jsonl` of the datasets library, and kohya's JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import DatasetError
from ..prompts.text_files import read_text
from .suffixes import PICTURE_SUFFIXES

__all__ = ["METADATA_NAME", "read_kohya_metadata", "read_metadata"]

METADATA_NAME = "metadata.jsonl"
_MAX_BYTES = 64 << 20  # captions of some hundred thousand pictures
_CAPTION_KEYS = ("text", "caption")
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")
_NO_TEXT = "holds a character that is none (\\u0000, or one of \\ud800 to \\udfff alone); write it anew"


def read_metadata(folder: Path) -> dict[Path, str]:
    """The captions in a folder's `metadata.jsonl`, by the picture's path; none where there is no such file.

    It holds one JSON object a line, with `file_name` (a path from there on) and `text` or `caption`. Lines
    without a caption say nothing. Raises DatasetError, naming the line, when the file can't be read or names
    a picture twice with different captions.
    """
    path = folder / METADATA_NAME
    if not path.is_file():
        return {}
    captions: dict[Path, str] = {}
    for number, line in enumerate(_text(path, "Save it as UTF-8 text or delete it").split("\n"), start=1):
        if not line.strip():
            continue
        for picture, caption in _pair(path, number, line):
            if captions.setdefault(folder / picture, caption) != caption:
                raise _refused(path, number, f"names {picture} again, with another caption; keep one of them")
    return captions


def read_kohya_metadata(path: Path, folder: Path) -> dict[Path, str]:
    """The captions in a `metadata_file` of kohya's fine-tuning, by the picture's path without its suffix.

    It is one JSON object whose keys are pictures, by path or by their name in `folder`, with or without the
    suffix, and whose values are objects with `caption`, `tags`, or both, which are joined. Raises
    DatasetError when the file can't be read or is something else.
    """
    try:
        loaded: Any = json.loads(_text(path, "Correct metadata_file in the dataset config, or take it out"))
    except (ValueError, RecursionError) as error:
        raise _refused(path, 1, f"begins no JSON object ({error}); give kohya's metadata file") from error
    if not isinstance(loaded, dict) or not all(isinstance(each, dict) for each in loaded.values()):
        raise _refused(path, 1, 'begins no object of pictures; write {"a.png": {"caption": "a red hat"}}')
    captions = {}
    for key, entry in loaded.items():
        texts = [_on_one_line(entry[n]) for n in ("caption", "tags") if isinstance(entry.get(n), str)]
        if any(texts):
            if not _is_text(key, *texts):
                raise DatasetError(f"Reading the captions in {path} failed: that of {key!a} {_NO_TEXT}.")
            picture = folder / key
            stem = picture.with_suffix("") if picture.suffix.lower() in PICTURE_SUFFIXES else picture
            captions[stem] = ", ".join(filter(None, texts))
    return captions


def _text(path: Path, remedy: str) -> str:
    try:
        return read_text(path, most_bytes=_MAX_BYTES)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DatasetError(
            f"Reading the captions in {path} failed: {reason}. {remedy}; without it captions come from text"
            " files and file names."
        ) from error


def _pair(path: Path, number: int, line: str) -> Iterator[tuple[str, str]]:
    """Picture and caption of a line, or nothing where it has no caption."""
    try:
        entry: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _refused(
            path, number, f"is no JSON ({error}); write one object with file_name and text"
        ) from error
    if not isinstance(entry, dict) or not isinstance(entry.get("file_name"), str):
        raise _refused(path, number, 'has no file_name; write {"file_name": "a.png", "text": "a red hat"}')
    for key in _CAPTION_KEYS:
        if isinstance(entry.get(key), str):
            if not _is_text(entry["file_name"], entry[key]):
                raise _refused(path, number, _NO_TEXT)
            yield entry["file_name"], _on_one_line(entry[key])
            return


def _on_one_line(text: str) -> str:
    return " ".join(part.strip() for part in text.splitlines() if part.strip())


def _is_text(*texts: str) -> bool:
    """JSON can write half of a character, which no tokenizer and no file takes, and zeros."""
    return not any(map(_NO_CHARACTER.search, texts))


def _refused(path: Path, number: int, what: str) -> DatasetError:
    return DatasetError(f"Reading the captions in {path} failed: line {number} {what}.")
