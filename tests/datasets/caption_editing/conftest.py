"""Folders of pictures with captions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from traintab.datasets.caption_editing import CaptionSet, read_captions
from traintab.prompts.captions import CaptionRules

FolderMaker = Callable[..., Path]
SetMaker = Callable[..., CaptionSet]


@pytest.fixture
def make_folder(tmp_path: Path) -> FolderMaker:
    """`make_folder(a="red hat", b=None)`: pictures `a.png` and `b.png`, the latter without a caption file."""

    def make(**captions: str | bytes | None) -> Path:
        folder = tmp_path / "pictures"
        folder.mkdir(exist_ok=True)
        for stem, caption in captions.items():
            Image.new("RGB", (4, 4)).save(folder / f"{stem}.png")
            if caption is not None:
                data = caption.encode("utf-8") if isinstance(caption, str) else caption
                (folder / f"{stem}.txt").write_bytes(data)
        return folder

    return make


@pytest.fixture
def make_set(make_folder: FolderMaker) -> SetMaker:
    """The same, read; `variants=True` takes lines as variants of a caption."""

    def make(*, variants: bool = False, **captions: str | bytes | None) -> CaptionSet:
        return read_captions(make_folder(**captions), rules=CaptionRules(one_line=variants)).captions

    return make
