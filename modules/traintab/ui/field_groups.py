"""Tables of fields: which stand side by side, which are folded, which are shown only with a switch."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from .form import Form

__all__ = ["FieldGroup", "Keywords", "build_fold", "build_rows"]

Keywords = Mapping[str, Mapping[str, Any]]
"""gradio's keywords for fields that need more than their option tells, by field."""


@dataclass(frozen=True)
class FieldGroup:
    """Fields under a label; those of a row stand side by side, the buttons (id to label) below.

    `inside` are groups without folds of their own that come last; style.css shows them only while a field
    above is switched on. `sections` stand in the fold below each other, each under its label. `elem_id` is
    what styles and scripts know the group by.
    """

    label: str
    rows: tuple[tuple[str, ...], ...]
    buttons: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[FieldGroup, ...] = ()
    sections: tuple[FieldGroup, ...] = ()
    elem_id: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All fields of the group, in the order in which they stand."""
        own = tuple(name for row in self.rows for name in row)
        return own + tuple(name for group in (*self.sections, *self.inside) for name in group.names)


def build_fold(form: Form, group: FieldGroup, keywords: Keywords) -> dict[str, Any]:
    """Make a closed fold in the layout where this is called; gives its buttons by their ids."""
    with gr.Accordion(group.label, open=False, elem_id=group.elem_id or None):
        build_rows(form, group.rows, keywords)
        buttons = {}
        for section in group.sections:
            gr.HTML(f"<h4>{html.escape(section.label)}</h4>", elem_classes=["traintab-slot"])
            build_rows(form, section.rows, keywords)
            buttons.update(_buttons(section))
        for inner in group.inside:
            with gr.Column(elem_id=inner.elem_id, elem_classes=["traintab-switched"]):
                build_rows(form, inner.rows, keywords)
        return {**buttons, **_buttons(group)}


def _buttons(group: FieldGroup) -> dict[str, Any]:
    return {elem_id: gr.Button(label, elem_id=elem_id, size="sm") for elem_id, label in group.buttons.items()}


def build_rows(form: Form, rows: Iterable[tuple[str, ...]], keywords: Keywords) -> None:
    """Make rows of fields in the layout where this is called."""
    for names in rows:
        if len(names) == 1:
            form.field(names[0], **keywords.get(names[0], {}))
            continue
        with gr.Row():
            for name in names:
                form.field(name, **{"min_width": 160, **keywords.get(name, {})})
