"""Tables of fields: which stand side by side, which are folded, which are shown only with a switch."""

from __future__ import annotations

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

    `inside` are groups without folds of their own that come last. `elem_id` is what style.css knows the group
    by: it shows some only while a field above them is switched on.
    """

    label: str
    rows: tuple[tuple[str, ...], ...]
    buttons: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[FieldGroup, ...] = ()
    elem_id: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All fields of the group, in the order in which they stand."""
        own = tuple(name for row in self.rows for name in row)
        return own + tuple(name for group in self.inside for name in group.names)


def build_fold(form: Form, group: FieldGroup, keywords: Keywords) -> dict[str, Any]:
    """Make a closed fold in the layout where this is called; gives its buttons by their ids."""
    with gr.Accordion(group.label, open=False):
        build_rows(form, group.rows, keywords)
        for inner in group.inside:
            with gr.Column(elem_id=inner.elem_id, elem_classes=["traintab-switched"]):
                build_rows(form, inner.rows, keywords)
        return {
            elem_id: gr.Button(label, elem_id=elem_id, size="sm") for elem_id, label in group.buttons.items()
        }


def build_rows(form: Form, rows: Iterable[tuple[str, ...]], keywords: Keywords) -> None:
    """Make rows of fields in the layout where this is called."""
    for names in rows:
        if len(names) == 1:
            form.field(names[0], **keywords.get(names[0], {}))
            continue
        with gr.Row():
            for name in names:
                form.field(name, **{"min_width": 160, **keywords.get(name, {})})
