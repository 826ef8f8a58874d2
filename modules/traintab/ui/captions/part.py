"""The inner tab *Captions*, put together."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..gradio_compat import hidden_text, listen
from ..messages import guarded
from ..page import Page
from . import actions
from .actions import Action
from .bars import Bar, Pager, QuestionCard, slot
from .cards import Cards
from .handlers import PARTS, CaptionHandlers
from .many import ManyFields
from .tags_fold import TagsFold

__all__ = ["CaptionsPart"]


class CaptionsPart:
    """The tab's parts, made in the layout where it is constructed; `folder` is the field of the folder."""

    def __init__(self, page: Page) -> None:
        self._handlers = CaptionHandlers(page)
        with gr.Row(elem_classes=["traintab-tight"]):
            self.folder = gr.Textbox(
                "",
                label="Folder of training pictures",
                placeholder="such as the destination of Preprocess",
                max_lines=1,
                elem_id="captions_folder",
                scale=6,
            )
            self._open = gr.Button("Open", elem_id="captions_open", min_width=80, scale=1)
        shown = gr.Textbox("", visible=False)
        self._news = hidden_text("")
        with gr.Column(visible=False, elem_id="captions_desk") as desk:
            # The page's script presses it now and then while it is in sight: elsewhere nobody asks for news.
            self._look = gr.Button("Look", elem_classes=["traintab-hidden", "traintab-look"])
            self._bar = Bar()
            self._question = QuestionCard()
            self._many = ManyFields()
            self._tags = TagsFold()
            self._pager = Pager("", selects=True)
            self._cards = Cards()
            self._pager_below = Pager("_below")
        message = slot("captions_message")
        made = (self._bar, self._question, self._tags, self._pager, self._cards, self._pager_below)
        self.parts = {"message": message, "shown": shown, "desk": desk}
        self.parts |= {name: component for each in made for name, component in each.parts.items()}

    def wire(self, load: Any) -> None:
        """Let everything work from the page's `load` on."""
        handlers, outputs = self._handlers, self._outputs
        kind = self._question.kind
        listen(load, handlers.loaded, None, [self.folder, kind, *outputs], at_once=True)
        for event in (self._open.click, self.folder.submit):
            self.opened_by(event)
        listen(self._look.click, handlers.news, [self.parts["shown"]], [self._news], at_once=True)
        self._acts(self._news.change, actions.same_page)
        self._cards.wire(handlers, self.parts)
        for group in (self._bar, self._question, self._many, self._pager, self._pager_below):
            for button, action, fields in group.actions:
                self._acts(button.click, action, fields)
        chosen = self._acts(kind.input, actions.same_page)
        listen(chosen.then, handlers.remember_kind, [kind], None, at_once=True)
        clicked = listen(
            self._tags.table.select,
            handlers.tag_clicked,
            [self.parts["shown"], self._tags.tags],
            [self._tags.tags, self._many.tag],
            at_once=True,
        )
        for event in (*self._tags.changes, clicked.then):
            self._acts(event, actions.first_page)

    def opened_by(self, event: Any) -> Any:
        """Open the folder that stands in the field, after `event` (such as `button.click`)."""
        handler = guarded(self._handlers.open, outputs=len(PARTS))
        inputs = [self.folder, self._question.kind, self.parts["shown"], *self._cards.texts]
        return listen(event, handler, inputs, self._outputs, at_once=True)

    def _acts(self, event: Any, action: Action, fields: list[Any] | None = None) -> Any:
        inputs = [*self._asked, *(fields or [])]
        return listen(event, self._handlers.acted(action), inputs, self._outputs, at_once=True)

    @property
    def _asked(self) -> list[Any]:
        """What every action takes; see `CaptionHandlers.asked`."""
        tags = self._tags
        filters = (tags.tags, tags.mode, tags.words)
        return [self.parts["shown"], *filters, self._question.kind, *self._cards.texts]

    @property
    def _outputs(self) -> list[Any]:
        return [self.parts[part] for part in PARTS]
