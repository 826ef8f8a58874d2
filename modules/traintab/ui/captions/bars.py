"""The rows of buttons: saving and undo, the question about a tag, pages and selection."""

from __future__ import annotations

from typing import Any

import gradio as gr

from . import actions
from .actions import Action
from .questions import KINDS

__all__ = ["Bar", "Pager", "QuestionCard", "slot"]

Bound = tuple[Any, Action, list[Any]]
"""A button, what it does, and the fields that this takes."""


class Bar:
    """How much isn't saved, and what saves it or takes it back; `parts` are by `view`'s names."""

    def __init__(self) -> None:
        with gr.Row(elem_id="captions_bar"):
            self.parts = {
                "state": slot("captions_state"),
                "save": gr.Button(
                    "Saved",
                    variant="primary",
                    size="sm",
                    interactive=False,
                    elem_id="captions_save",
                    min_width=120,
                ),
                "overwrite": gr.Button(
                    "Save over them",
                    variant="stop",
                    size="sm",
                    visible=False,
                    elem_id="captions_overwrite",
                    min_width=120,
                ),
                "undo": _button("↶ Undo", "captions_undo", 70),
                "redo": _button("↷ Redo", "captions_redo", 70),
            }
            self._reload = _button("Reload", "captions_reload", 70)

    @property
    def actions(self) -> list[Bound]:
        """What each button does."""
        return [
            (self.parts["save"], actions.save, []),
            (self.parts["overwrite"], actions.save_over, []),
            (self.parts["undo"], actions.undo, []),
            (self.parts["redo"], actions.redo, []),
            (self._reload, actions.reload, []),
        ]


class QuestionCard:
    """The question about a tag that nearly all captions have; `kind` is the field of what is learned."""

    def __init__(self) -> None:
        with gr.Column(visible=False, elem_id="captions_question", elem_classes=["traintab-card"]) as card:
            text = slot("captions_question_text")
            with gr.Row(elem_id="captions_answers"):
                concept = _button("Part of the concept", "captions_concept", 140)
                accidental = _button("Accidental", "captions_accidental", 110)
                self._skip = _button("Skip", "captions_skip", 70)
            self.kind = gr.Radio(
                choices=list(KINDS), value=None, label="What the embedding learns", elem_id="captions_kind"
            )
        self.parts = {
            "question": card,
            "question_text": text,
            "concept": concept,
            "accidental": accidental,
        }

    @property
    def actions(self) -> list[Bound]:
        """What each answer does."""
        return [
            (self.parts["concept"], actions.answered("concept"), []),
            (self.parts["accidental"], actions.answered("accidental"), []),
            (self._skip, actions.skip_question, []),
        ]


class Pager:
    """Which pictures are shown and the way to the others; above the cards with the selection's buttons."""

    def __init__(self, place: str, *, selects: bool = False) -> None:
        self._selecting: list[Bound] = []
        with gr.Row(elem_classes=["traintab-caption-pager"]):
            self.parts = {f"pages{place}": slot(f"captions_pages{place}")}
            if selects:
                self._selecting = [
                    (_button("Select all", "captions_select_all", 80), actions.select_shown, []),
                    (_button("None", "captions_select_none", 60), actions.select_none, []),
                    (_button("Invert", "captions_invert", 60), actions.invert_selection, []),
                ]
            self._back = _button("‹ Previous", f"captions_previous{place}", 90)
            self._on = _button("Next ›", f"captions_next{place}", 90)
        self.parts |= {f"previous{place}": self._back, f"next{place}": self._on}

    @property
    def actions(self) -> list[Bound]:
        """What each button does."""
        return [(self._back, actions.turn(-1), []), (self._on, actions.turn(1), []), *self._selecting]


def slot(elem_id: str) -> Any:
    """A place for HTML that takes no room while it is empty."""
    return gr.HTML(elem_id=elem_id, elem_classes=["traintab-slot"])


def _button(text: str, elem_id: str, width: int) -> Any:
    return gr.Button(text, size="sm", elem_id=elem_id, min_width=width, scale=1)
