"""Folders of captioned pictures, and the handlers of the tab without a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.datasets.caption_editing import CaptionJournal
from traintab.ui.captions import actions
from traintab.ui.captions.desk import Desk
from traintab.ui.captions.filters import ALL
from traintab.ui.captions.handlers import PARTS, CaptionHandlers
from traintab.ui.captions.shown import Shown
from traintab.ui.captions.view import CARDS
from traintab.ui.page import Page

FolderMaker = Callable[..., Path]


class Browser:
    """One browser's components: `values` by part, as the handlers filled them, and what its user does."""

    def __init__(self, page: Page, handlers: CaptionHandlers | None = None) -> None:
        self.handlers = handlers or CaptionHandlers(page)
        self.values: dict[str, Any] = {"shown": ""}
        self.texts = [""] * CARDS
        self.filter: tuple[list[str], str, str] = ([], ALL, "")
        self.kind: str | None = None

    @property
    def shown(self) -> Shown:
        return Shown.read(self.values["shown"])

    @property
    def message(self) -> str:
        return str(self.values.get("message", ""))

    @property
    def inputs(self) -> list[Any]:
        return [self.values["shown"], *self.filter, self.kind, *self.texts]

    def open(self, folder: Path) -> None:
        self.take(self.handlers.open(str(folder), self.kind, self.values["shown"], *self.texts))

    def act(self, action: Any, *fields: Any) -> None:
        self.take(self.handlers.acted(action)(*self.inputs, *fields))

    def look(self) -> bool:
        """Whether the look that the page takes every few seconds brought anything."""
        news = self.handlers.news(self.values["shown"])
        if isinstance(news, str):
            self.act(actions.same_page)
        return isinstance(news, str)

    def type(self, index: int, text: str) -> tuple[Any, ...]:
        self.texts[index] = text
        return self.handlers.typed(index)(self.values["shown"], text)

    def take(self, sent: tuple[Any, ...]) -> bool:
        """Put what a handler sent into the components, as gradio does."""
        came = {part: value for part, value in zip(PARTS, sent, strict=True) if not _is_skip(value)}
        for part, value in came.items():
            is_update = isinstance(value, Mapping) and "__type__" in value
            old = self.values.get(part)
            old = old if isinstance(old, dict) else {}
            self.values[part] = {**old, **value} if is_update else value
            if part.startswith("caption_") and is_update and "value" in value:
                self.texts[int(part.removeprefix("caption_"))] = value["value"]
        return bool(came)


def _is_skip(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"__type__"}


@pytest.fixture
def make_folder(tmp_path: Path) -> FolderMaker:
    """`make_folder(a="red hat", b=None)`: pictures `a.png` and `b.png`, the latter without a caption file."""

    def make(**captions: str | None) -> Path:
        folder = tmp_path / "pictures"
        folder.mkdir(exist_ok=True)
        for stem, caption in captions.items():
            Image.new("RGB", (40, 30), "teal").save(folder / f"{stem}.png")
            if caption is not None:
                (folder / f"{stem}.txt").write_text(caption, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def make_desk(make_folder: FolderMaker, tmp_path: Path) -> Callable[..., Desk]:
    """The desk of such a folder."""
    return lambda **captions: Desk(make_folder(**captions), CaptionJournal(tmp_path / "journal"))


@pytest.fixture
def browser(page: Page) -> Browser:
    """A browser that has the page open and no folder yet."""
    return Browser(page)


@pytest.fixture
def second_browser(page: Page, browser: Browser) -> Browser:
    """Another one of the same program."""
    return Browser(page, browser.handlers)
