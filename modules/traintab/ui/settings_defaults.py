"""*Defaults* in the tab *Settings*: what the fields start with, to see and to choose."""

from __future__ import annotations

import html
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import gradio as gr

from ..configs import StartingConfig, options_of
from ..configs.starting import AS_LEFT, OF_A_PRESET
from .gradio_compat import listen
from .gradio_dropdown import dropdown
from .messages import done, guarded
from .page import Page
from .preset_html import value_text
from .settings_reset import ResetFields
from .starting_values import (
    StartingValue,
    choose_start,
    chosen_start,
    make_mine,
    start_choices,
    starting_values,
)

__all__ = ["DefaultsSettings", "choose", "make_present_the_defaults", "start_html"]

_PANELS = MappingProxyType(
    {
        "create": "Create embedding",
        "preprocess": "Preprocess images",
        "train": "Train",
        "txt2img": "txt2img",
        "img2img": "img2img",
    }
)
_OF_A_PRESET = "Create embedding and Train start as the preset has them, all other fields as you left them."


def start_html(start: str, found: Sequence[StartingValue]) -> str:
    """What the fields start with, in a sentence, and those in a table that aren't as built in."""
    if start == AS_LEFT:
        return _sentence("Every field starts as you left it, in every browser.")
    about = _sentence(_OF_A_PRESET) if start.startswith(OF_A_PRESET) else ""
    if not found:
        return about or _sentence("Every field starts with its built-in default.")
    rows = "".join(map(_row, found))
    counted = "1 field starts with another value than the built-in one."
    if len(found) > 1:
        counted = f"{len(found)} fields start with another value than the built-in one."
    return (
        f'{about}<details id="settings_defaults_list"><summary>{counted}</summary>'
        '<div class="traintab-preset-table"><table><thead><tr><th scope="col">Panel</th>'
        '<th scope="col">Setting</th><th scope="col">Built in</th><th scope="col">Starts with</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _sentence(text: str) -> str:
    return f'<p class="traintab-hint">{html.escape(text)}</p>'


def _row(found: StartingValue) -> str:
    own = "" if found.option.choices or not isinstance(found.value, str) else ' translate="no"'
    return (
        f'<tr><th scope="row">{_PANELS[found.section]}</th><td>{html.escape(found.option.label)}</td>'
        f"<td>{html.escape(value_text(found.option.default))}</td>"
        f"<td{own}>{html.escape(value_text(found.value))}</td></tr>"
    )


def _facts(page: Page, start: str) -> str:
    return start_html(start, starting_values(page, start))


def choose(page: Page, start: str | None) -> tuple[Any, ...]:
    """Keep the choice for the next start; no message any more, and what the fields start with."""
    choose_start(page, start or AS_LEFT)
    return "", _facts(page, start or AS_LEFT)


def make_present_the_defaults(page: Page) -> tuple[Any, ...]:
    """What the fields hold becomes what they start with: a message, the choice, and what they start with."""
    count = make_mine(page)
    told = f"The fields start as they are now; fields that aren't as built in: {count}."
    return done(told), *_shown(page)


def _shown(page: Page) -> tuple[Any, ...]:
    """The choice and what the fields start with; a preset that is broken is told."""
    start = chosen_start(page)
    offered = gr.update(choices=start_choices(page), value=start)
    facts = guarded(lambda: (_facts(page, start),), outputs=1)()
    return offered, *facts


class DefaultsSettings:
    """A choice, what it comes to, and two buttons, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        declared = options_of(StartingConfig)["start_with"]
        self.choice = dropdown(
            choices=start_choices(page),
            value=chosen_start(page),
            label=declared.label,
            info=declared.help,
            elem_id=declared.elem_id,
            elem_classes=["traintab-choices"],
        )
        self.facts = gr.HTML(elem_id="settings_defaults_facts", elem_classes=["traintab-slot"])
        with gr.Row(elem_classes=["traintab-actions"]):
            self.make = gr.Button(
                "Make the present fields the defaults", elem_id="settings_defaults_make", min_width=160
            )
            ask = gr.Button("Reset all fields", elem_id="settings_reset", min_width=120)
        self.message = gr.HTML(elem_id="settings_defaults_message", elem_classes=["traintab-slot"])
        self.reset = ResetFields(ask)

    def wire(self, page: Page, selected: Any) -> None:
        """Let everything work, and look again whenever the tab is opened."""
        shown = [self.choice, self.facts]
        listen(selected, lambda: _shown(page), None, shown, at_once=True)
        chosen = guarded(lambda start: choose(page, start), outputs=2)
        listen(self.choice.input, chosen, [self.choice], [self.message, self.facts], at_once=True)
        made = guarded(lambda: make_present_the_defaults(page), outputs=3)
        listen(self.make.click, made, None, [self.message, *shown], at_once=True)
        self.reset.wire(page)
