"""*Find a setting*: a list of all settings of a training, searched in the page itself."""

from __future__ import annotations

import html

import gradio as gr

from ..configs import Option, TrainingConfig, all_options
from .setting_places import PLACES, SettingPlace

__all__ = ["SettingSearch", "search_html"]


class SettingSearch:
    """The search box, made in the layout where it is constructed; the page's script makes it work."""

    def __init__(self) -> None:
        self.box = gr.HTML(search_html(), elem_id="train_find", elem_classes=["traintab-slot"])


def search_html() -> str:
    """A search field, and a line for each setting, hidden until it is looked for.

    Each names the tab, the fold and the field to which a click goes.
    """
    options = all_options(TrainingConfig)
    lines = "".join(_line(options[name], place) for name, place in PLACES.items())
    return (
        '<div class="traintab-find" role="search"><label for="train_find_text">Find a setting</label>'
        '<input id="train_find_text" type="search" autocomplete="off" spellcheck="false"'
        ' placeholder="such as noise, memory, tags" aria-controls="train_find_list">'
        f'<ul id="train_find_list" hidden>{lines}</ul>'
        '<p id="train_find_none" role="status" hidden>'
        "No setting has this in its name or its help; try another word.</p></div>"
    )


def _line(option: Option, place: SettingPlace) -> str:
    """The line holds the English words and the name in run.yaml too, in whatever language the page is."""
    words = html.escape(f"{option.name} {option.name.replace('_', ' ')} {option.label} {option.help}".lower())
    label, where, told = (html.escape(text) for text in (option.label, place.label, option.help))
    text = f"<b>{label}</b><i>{where}</i><span>{told}</span>"
    return f'<li hidden data-words="{words}">{place.button(option, text)}</li>'
