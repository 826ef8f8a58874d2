"""The inner tab *Captions*, put together."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..gradio_compat import listen, poll
from ..messages import guarded
from ..page import Page
from . import actions
from .actions import Action
from .cards import Cards
from .filters import ALL, MODES
from .handlers import PARTS, CaptionHandlers
from .many import ManyFields
from .questions import KINDS

__all__ = ["CaptionsPart"]

_SECONDS = 2.0


class CaptionsPart:
    """The tab's parts, made in the layout where it is constructed; `folder` is the field of the folder."""

    def __init__(self, page: Page) -> None:
        self._handlers = CaptionHandlers(page)
        self.parts: dict[str, Any] = {}
        with gr.Row(elem_classes=["traintab-tight"]):
            self.folder = gr.Textbox(
                "",
                label="Folder of training pictures",
                placeholder="such as the destination of Preprocess",
                max_lines=1,
                elem_id="captions_folder",
                scale=6,
            )
            self.open_button = gr.Button("Open", elem_id="captions_open", min_width=80, scale=1)
        self.parts["message"] = _html("captions_message")
        self.parts["shown"] = gr.Textbox("", visible=False)
        with gr.Column(visible=False, elem_id="captions_desk") as desk:
            self.parts["desk"] = desk
            self._bar()
            self._question()
            self.many = ManyFields()
            self._tags()
            self._pager("")
            self.cards = Cards()
            self._pager("_below")
        self.parts |= self.cards.parts

    def wire(self, page: Page, load: Any) -> None:
        """Let everything work from the page's `load` on."""
        handlers, outputs = self._handlers, self._outputs
        listen(load, handlers.loaded, None, [self.folder, self.kind, *outputs], at_once=True)
        self.opened_by(self.open_button.click)
        self.opened_by(self.folder.submit)
        self.cards.wire(handlers, self.parts)
        look = guarded(handlers.look, outputs=len(PARTS))
        poll(look, self._asked, outputs, seconds=_SECONDS)
        for button, action, fields in (*self._buttons(), *self.many.actions):
            self._acts(button.click, action, fields)
        kind = self._acts(self.kind.input, actions.same_page)
        listen(kind.then, handlers.remember_kind, [self.kind], None, at_once=True)
        for event in (self.words.submit, self.words.blur, self.filter_tags.input, self.mode.input):
            self._acts(event, actions.first_page)
        clicked = listen(
            self.parts["table"].select,
            handlers.tag_clicked,
            [self.parts["shown"], self.filter_tags],
            [self.filter_tags, self.many.tag],
            at_once=True,
        )
        self._acts(clicked.then, actions.first_page)

    def opened_by(self, event: Any) -> Any:
        """Open the folder that stands in the field, after `event` (such as `button.click`)."""
        handler = guarded(self._handlers.open, outputs=len(PARTS))
        return listen(event, handler, [self.folder, self.kind], self._outputs, at_once=True)

    def _acts(self, event: Any, action: Action, fields: list[Any] | None = None) -> Any:
        inputs = [*self._asked, *(fields or [])]
        return listen(event, self._handlers.acted(action), inputs, self._outputs, at_once=True)

    @property
    def _asked(self) -> list[Any]:
        """What every action takes; see `CaptionHandlers.asked`."""
        return [
            *(self.parts["shown"], self.filter_tags, self.mode, self.words, self.kind),
            *self.cards.texts,
        ]

    @property
    def _outputs(self) -> list[Any]:
        return [self.parts[part] for part in PARTS]

    def _buttons(self) -> list[tuple[Any, Action, list[Any]]]:
        parts = self.parts
        turns: list[tuple[Any, Action, list[Any]]] = [
            (parts[f"{name}{place}"], actions.turn(by), [])
            for name, by in (("previous", -1), ("next", 1))
            for place in ("", "_below")
        ]
        return [
            *turns,
            (parts["save"], actions.save, []),
            (parts["overwrite"], actions.save_over, []),
            (parts["undo"], actions.undo, []),
            (parts["redo"], actions.redo, []),
            (self.reload, actions.reload, []),
            (parts["concept"], actions.answered("concept"), []),
            (parts["accidental"], actions.answered("accidental"), []),
            (self.skip, actions.skip_question, []),
            (self.select_all, actions.select_shown, []),
            (self.select_none, actions.select_none, []),
            (self.invert, actions.invert_selection, []),
        ]

    def _bar(self) -> None:
        with gr.Row(elem_id="captions_bar"):
            self.parts["state"] = _html("captions_state")
            self.parts["save"] = gr.Button(
                "Saved",
                variant="primary",
                size="sm",
                interactive=False,
                elem_id="captions_save",
                min_width=120,
            )
            self.parts["overwrite"] = gr.Button(
                "Save over them", variant="stop", size="sm", visible=False, min_width=120
            )
            self.parts["undo"] = _button("↶ Undo", "captions_undo", 70)
            self.parts["redo"] = _button("↷ Redo", "captions_redo", 70)
            self.reload = _button("Reload", "captions_reload", 70)

    def _question(self) -> None:
        with gr.Column(visible=False, elem_id="captions_question", elem_classes=["traintab-card"]) as card:
            self.parts["question"] = card
            self.parts["question_text"] = _html("captions_question_text")
            with gr.Row(elem_id="captions_answers"):
                self.parts["concept"] = _button("Part of the concept", "captions_concept", 140)
                self.parts["accidental"] = _button("Accidental", "captions_accidental", 110)
                self.skip = _button("Skip", "captions_skip", 70)
            self.kind = gr.Radio(
                choices=list(KINDS), value=None, label="The embedding learns a", elem_id="captions_kind"
            )

    def _tags(self) -> None:
        with gr.Accordion("Tags, and which pictures are shown", open=False, elem_id="captions_tags"):
            with gr.Row(elem_classes=["traintab-tight"]):
                self.filter_tags = gr.Dropdown(
                    choices=[],
                    value=[],
                    multiselect=True,
                    allow_custom_value=True,
                    label="Show pictures that have",
                    elem_id="captions_filter_tags",
                    min_width=200,
                    scale=3,
                )
                self.words = gr.Textbox(
                    "",
                    label="and these words",
                    placeholder="anywhere in the caption",
                    max_lines=1,
                    elem_id="captions_words",
                    min_width=140,
                    scale=2,
                )
            self.mode = gr.Radio(
                choices=list(MODES), value=ALL, label="Of several tags", elem_id="captions_mode"
            )
            gr.HTML('<p class="traintab-hint">Click a tag to show the pictures that have it.</p>')
            self.parts["filter_tags"] = self.filter_tags
            self.parts["table"] = gr.Dataframe(
                headers=["Tag", "Pictures", "Share"],
                datatype=["str", "number", "str"],
                interactive=False,
                type="array",
                elem_id="captions_table",
                show_label=False,
            )

    def _pager(self, place: str) -> None:
        with gr.Row(elem_classes=["traintab-caption-pager"]):
            self.parts[f"pages{place}"] = _html(f"captions_pages{place}")
            if not place:
                self.select_all = _button("Select all", "captions_select_all", 80)
                self.select_none = _button("None", "captions_select_none", 60)
                self.invert = _button("Invert", "captions_invert", 60)
            self.parts[f"previous{place}"] = _button("‹ Previous", f"captions_previous{place}", 90)
            self.parts[f"next{place}"] = _button("Next ›", f"captions_next{place}", 90)


def _button(text: str, elem_id: str, width: int) -> Any:
    return gr.Button(text, size="sm", elem_id=elem_id, min_width=width, scale=1)


def _html(elem_id: str) -> Any:
    return gr.HTML(elem_id=elem_id, elem_classes=["traintab-slot"])
