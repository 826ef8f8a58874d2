"""The fold *Change many captions at once*: search and replace, and tags."""

from __future__ import annotations

from typing import Any

import gradio as gr

from . import actions
from .actions import ALL_PICTURES, END, FITTING, FRONT, SELECTED, Action

__all__ = ["ManyFields"]


class ManyFields:
    """Fields and buttons, made in the layout where it is constructed."""

    def __init__(self) -> None:
        with gr.Accordion("Change many captions at once", open=False, elem_id="captions_many"):
            self.scope = gr.Radio(
                choices=[ALL_PICTURES, FITTING, SELECTED],
                value=ALL_PICTURES,
                label="In the captions of",
                elem_id="captions_scope",
            )
            self._search_fields()
            self._tag_fields()

    def _search_fields(self) -> None:
        with gr.Row(elem_classes=["traintab-tight"]):
            self.text = _box("Search for", "captions_search")
            self.replacement = _box("Replace by", "captions_replacement", "nothing: removes it")
            self.replace = _button("Replace", "captions_replace")
        with gr.Row(elem_id="captions_search_how"):
            self.how = [
                gr.Checkbox(label=label, value=False, elem_id=f"captions_{name}", min_width=120)
                for label, name in (
                    ("Whole tags only", "whole_tag"),
                    ("Match capitals", "match_case"),
                    ("Regular expression", "regex"),
                )
            ]

    def _tag_fields(self) -> None:
        with gr.Row(elem_classes=["traintab-tight"]):
            self.tag = _box("Tag", "captions_tag", "such as: red hat")
            self.place = gr.Radio(
                choices=[FRONT, END], value=END, label="Add it", elem_id="captions_tag_place", min_width=170
            )
            self.add = _button("Add", "captions_add")
            self.remove = _button("Remove", "captions_remove")
        with gr.Row(elem_classes=["traintab-tight"]):
            self.new_name = _box("New name of the tag", "captions_new_name")
            self.rename = _button("Rename", "captions_rename")
        with gr.Row(elem_classes=["traintab-actions"]):
            self.by_frequency = _button("Frequent tags first", "captions_sort_frequency", 120)
            self.by_alphabet = _button("Tags A to Z", "captions_sort_alphabet", 90)
            self.dedupe = _button("Remove double tags", "captions_dedupe", 120)
            self.suggestions = _button("File names as captions", "captions_suggestions", 140)

    @property
    def actions(self) -> list[tuple[Any, Action, list[Any]]]:
        """Each button with what it does and the fields that this takes."""
        return [
            (self.replace, actions.replace, [self.scope, self.text, self.replacement, *self.how]),
            (self.add, actions.add_tag, [self.scope, self.tag, self.place]),
            (self.remove, actions.remove_tag, [self.scope, self.tag]),
            (self.rename, actions.rename_tag, [self.scope, self.tag, self.new_name]),
            (self.by_frequency, actions.sort_tags("frequency"), [self.scope]),
            (self.by_alphabet, actions.sort_tags("alphabet"), [self.scope]),
            (self.dedupe, actions.dedupe_tags, [self.scope]),
            (self.suggestions, actions.use_suggestions, [self.scope]),
        ]


def _box(label: str, elem_id: str, placeholder: str = "") -> Any:
    return gr.Textbox(
        "", label=label, placeholder=placeholder, max_lines=1, elem_id=elem_id, min_width=140, scale=3
    )


def _button(text: str, elem_id: str, width: int = 80) -> Any:
    return gr.Button(text, elem_id=elem_id, min_width=width, scale=1)
