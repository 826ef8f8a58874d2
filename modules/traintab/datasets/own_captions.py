"""The captions of one folder's pictures, from wherever they are given."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from ..prompts.captions import FROM_FILE_NAME, Caption, CaptionRules, find_caption
from .folders import DatasetFolder
from .metadata import METADATA_NAME, read_kohya_metadata, read_metadata

__all__ = ["CLASS_TOKENS", "OwnCaptions"]

CLASS_TOKENS = "class_tokens"
_NAMED_AT_MOST = 3


class OwnCaptions:
    """Finds a picture's caption: in the folder's `metadata_file`, in the file beside the picture, in
    `metadata.jsonl` of its folder or one above, in the folder's `class_tokens`, and else in the picture's
    file name; the first that there is.
    """

    def __init__(self, folder: DatasetFolder, rules: CaptionRules) -> None:
        self._folder = folder
        own = folder.caption_extension
        self._rules = dataclasses.replace(rules, extension=own) if own else rules
        file = folder.metadata_file
        self._listed = read_kohya_metadata(file, folder.path) if file else {}
        self._noted: dict[Path, Mapping[Path, str]] = {}
        self._unused: set[Path] = set()

    def of(self, picture: Path) -> Caption:
        """The caption of a picture of the folder; raises DatasetError when a file of captions is broken."""
        found = self._found(picture)
        parts = (self._folder.caption_prefix, found.text, self._folder.caption_suffix)
        return Caption(" ".join(filter(None, parts)), found.source)

    def _found(self, picture: Path) -> Caption:
        noted = self._noted_of(picture)
        self._unused.discard(picture)
        if self._folder.metadata_file and picture.with_suffix("") in self._listed:
            return Caption(self._listed[picture.with_suffix("")], self._folder.metadata_file.name)
        found = find_caption(picture, self._rules)
        if found.source != FROM_FILE_NAME:
            return found
        if noted is not None:
            return Caption(noted, METADATA_NAME)
        return Caption(self._folder.class_tokens, CLASS_TOKENS) if self._folder.class_tokens else found

    def notes(self) -> list[str]:
        """What is to be said once all pictures have been asked for."""
        if not self._unused:
            return []
        names = sorted(self._told(path) for path in self._unused)
        shown, more = ", ".join(names[:_NAMED_AT_MOST]), len(names) - _NAMED_AT_MOST
        return [
            f"{METADATA_NAME} names pictures that aren't there or can't be read:"
            f" {shown}{f' and {more} more' if more > 0 else ''}."
        ]

    def _told(self, picture: Path) -> str:
        """The path as it is in the folder; whole for one that lies elsewhere."""
        root = self._folder.path
        return (picture.relative_to(root) if picture.is_relative_to(root) else picture).as_posix()

    def _noted_of(self, picture: Path) -> str | None:
        """The caption in the nearest `metadata.jsonl`, from the picture's folder up to the data set's own."""
        for folder in picture.parents:
            caption = self._read(folder).get(picture)
            if caption is not None:
                return caption
            if folder == self._folder.path:
                break
        return None

    def _read(self, folder: Path) -> Mapping[Path, str]:
        if folder not in self._noted:
            self._noted[folder] = read_metadata(folder)
            self._unused.update(self._noted[folder])
        return self._noted[folder]
