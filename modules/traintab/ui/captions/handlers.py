"""The handlers of the tab: what a browser sends in, a value for each part out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from ...errors import TrainTabError
from ..gradio_compat import skip
from ..messages import guarded
from ..page import Page
from ..token_counter import Counters
from .actions import Action
from .desk import Desks
from .filters import CaptionFilter
from .questions import KINDS
from .shown import Shown, TypedText, typed_texts
from .view import CARD_PARTS, CARDS, Asked, CaptionView

__all__ = ["PARTS", "TYPED_PARTS", "CaptionHandlers"]

SECTION = "captions"
_BAR = ("state", "save", "undo", "redo", "overwrite")
PARTS = (
    *("message", "shown", "desk", *_BAR),
    *("pages", "previous", "next", "pages_below", "previous_below", "next_below"),
    *("table", "filter_tags", "question", "question_text", "concept", "accidental"),
    *(f"{part}_{index}" for index in range(CARDS) for part in CARD_PARTS),
)
"""The names of what the handlers give values for, in order; `message` has to be the first."""
TYPED_PARTS = ("message", "note", *_BAR)
"""The same while one types: the line below the caption, and the bar."""
_ASKED = 5 + CARDS


class CaptionHandlers:
    """Handlers for the components that `PARTS` names; the desks outlive the browsers."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._view = CaptionView(Counters(page.studio))
        self._desks: Desks | None = None

    @property
    def desks(self) -> Desks:
        """The folders that are open."""
        if self._desks is None:
            self._desks = Desks(self._page.studio.paths.caption_journal_dir)
        return self._desks

    def open(
        self, folder: str | None, kind: str | None, shown_text: str = "", *texts: str | None
    ) -> tuple[Any, ...]:
        """Show a folder from its first page on; what was just typed into the one before is kept."""
        shown = Shown.read(shown_text)
        left = self.desks.known(shown.folder)
        if left is not None:
            left.type(shown, typed_texts(shown, texts))
        desk = self.desks.opened(folder or "")
        desk.follow()
        self._page.remembered.remember(SECTION, {"folder": (folder or "").strip()})
        return self._sent(self._view.of(desk, self._asked_first(kind), fresh=True), "")

    def loaded(self) -> tuple[Any, ...]:
        """When a browser opens the page: the folder's name and the kind, and what is open there already."""
        remembered = self._page.remembered.values(SECTION)
        destination = self._page.remembered.values(self._page.preprocess.section).get("destination")
        folder = str(remembered.get("folder") or destination or "")
        kind = remembered.get("kind") if remembered.get("kind") in KINDS else None
        desk = self.desks.known(folder)
        parts = {} if desk is None else self._view.of(desk, self._asked_first(kind), fresh=True)
        return folder, gr.update(value=kind), *self._sent(parts)

    def acted(self, action: Action) -> Callable[..., tuple[Any, ...]]:
        """An action as gradio calls it: with what `asked` takes, then the action's own fields."""

        def handler(*values: Any) -> tuple[Any, ...]:
            asked = self.asked(values[:_ASKED])
            desk = self.desks.opened(asked.shown.folder)
            with desk.lock:
                desk.type(asked.shown, typed_texts(asked.shown, asked.texts))
                answer = action(desk, asked, *values[_ASKED:])
                parts = self._view.of(desk, asked, page=answer.page)
            return self._sent(parts, answer.message)

        return guarded(handler, outputs=len(PARTS))

    def news(self, shown_text: str) -> Any:
        """The desk's version where it is newer than what the browser shows: by other hands, or programs.

        One value at rest instead of one for each part: gradio's page goes through all that an event sends.
        """
        shown = Shown.read(shown_text)
        desk = self.desks.known(shown.folder)
        if desk is None:
            return skip()
        with desk.lock:
            try:
                is_new = desk.follow()
            except TrainTabError:
                return skip()  # the folder is gone; what one does next with it will say so
            return str(desk.version) if is_new or desk.version > shown.version else skip()

    def typed(self, index: int) -> Callable[..., tuple[Any, ...]]:
        """The handler of field number `index`: what the browser shows and the field's text in.

        It tells only what went wrong: on a slow network the answer to the last keystroke may arrive after
        that of *Save*, whose message must stay.
        """

        def handler(shown_text: str, text: str) -> tuple[Any, ...]:
            shown = Shown.read(shown_text)
            if index >= len(shown.names):
                return tuple([skip()] * len(TYPED_PARTS))
            name, desk = shown.names[index], self.desks.opened(shown.folder)
            desk.type(shown, [TypedText(name=name, text=text or "")])
            parts = {"note": self._view.note(desk, name), **self._view.bar(desk)}
            return tuple(parts.get(part, skip()) for part in TYPED_PARTS)

        return guarded(handler, outputs=len(TYPED_PARTS))

    def chosen(self, index: int) -> Callable[[str, bool], str]:
        """The handler of tick number `index`: what the browser shows and the tick in, the bar's line out."""

        def handler(shown_text: str, is_chosen: bool) -> Any:
            shown = Shown.read(shown_text)
            if index >= len(shown.names):
                return skip()
            desk = self.desks.opened(shown.folder)
            desk.select([shown.names[index]], chosen=bool(is_chosen))
            return self._view.bar(desk)["state"]

        return handler

    def remember_kind(self, kind: str | None) -> None:
        """Keep what is learned for the next visit."""
        self._page.remembered.remember(SECTION, {"kind": kind or ""})

    def tag_clicked(self, shown_text: str, tags: Sequence[str] | None, event: gr.SelectData) -> Any:
        """A click into the table of tags: into the filter with it, or out again; and into the tag field."""
        desk = self.desks.opened(Shown.read(shown_text).folder)
        row = getattr(event, "row_value", None)
        tag = str(row[0]) if row else desk.counted().tags[event.index[0]].tag
        chosen = list(tags or ())
        changed = [one for one in chosen if one != tag] if tag in chosen else [*chosen, tag]
        return gr.update(value=changed), tag

    def asked(self, values: Sequence[Any]) -> Asked:
        """What a browser sent: what it shows, filter (tags, mode, words), kind, the fields' texts."""
        shown, tags, mode, words, kind, *texts = values
        return Asked(
            shown=Shown.read(shown),
            filter=CaptionFilter.of_fields(tags, mode, words),
            kind=kind,
            own_words=self._own_words(),
            texts=tuple(text or "" for text in texts),
        )

    def _asked_first(self, kind: str | None) -> Asked:
        """What a browser asks for that shows nothing yet."""
        return Asked(shown=Shown(), kind=kind, own_words=self._own_words())

    def _own_words(self) -> tuple[str, ...]:
        """What stands in captions for the embedding that was created or trained last."""
        values = self._page.remembered.values(self._page.train.section)
        words = (values.get("embedding_name"), values.get("token_string"))
        return tuple(str(word) for word in words if word)

    def _sent(self, parts: Mapping[str, Any], message: str | None = None) -> tuple[Any, ...]:
        told = {} if message is None else {"message": message}
        sent = {**parts, **told}
        return tuple(sent.get(part, skip()) for part in PARTS)
