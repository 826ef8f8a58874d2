"""How the fields stand to the chosen preset: one line, a table of what differs, and marks on the groups."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..presets import DEFAULTS, Change, Preset
from .data_links import download_link
from .field_groups import FieldGroup
from .setting_places import CREATED, PLACES

__all__ = ["NOTHING_TOLD", "counts_of_groups", "preset_html", "value_text"]

NOTHING_TOLD = '<div id="train_preset_facts" data-count="0"><p>&nbsp;</p></div>'
"""The line's place while a page is opened and its fields are filled: nothing jumps, nothing wrong is told."""

_LONGEST_VALUE = 60


def preset_html(
    preset: Preset,
    found: Sequence[Change],
    groups: Mapping[str, int],
    shared: str = "",
) -> str:
    """The part of the page below the choice.

    `found` is what differs from the preset, `groups` how many settings of each group (by its element id)
    aren't the defaults, `shared` the text of the preset's file.
    """
    link = download_link("Download this preset", f"{preset.name}.yaml", shared) if shared else ""
    about = " ".join(filter(None, [preset.about, f"From: {preset.source}" if preset.source else ""]))
    told = (
        f'<p class="traintab-preset-about">{" ".join(filter(None, [html.escape(about), link]))}</p>'
        if about or link
        else ""
    )
    return (
        f'<div id="train_preset_facts" data-count="{len(found)}">{told}{_differences(preset, found)}'
        f"{_marks(groups)}</div>"
    )


def value_text(value: Any) -> str:
    """A value as one reads it, a long one cut."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "on" if value else "off"
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _differences(preset: Preset, found: Sequence[Change]) -> str:
    sentence = html.escape(_sentence(preset, len(found)))
    if not found:
        return f'<p class="traintab-preset-same">{sentence}</p>'
    whose = "Default" if preset is DEFAULTS else "Preset"
    rows = "".join(map(_row, found))
    return (
        f'<details id="train_preset_differences"><summary>{sentence}</summary>'
        '<div class="traintab-preset-table"><table><thead><tr><th scope="col">Setting</th>'
        f'<th scope="col">{whose}</th><th scope="col">Yours</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
        "</details>"
    )


def _sentence(preset: Preset, count: int) -> str:
    if preset is DEFAULTS:
        if count == 0:
            return "All settings are the defaults."
        if count == 1:
            return "1 setting differs from the defaults."
        return f"{count} settings differ from the defaults."
    title = preset.title or preset.name
    if count == 0:
        return f"All settings are those of the preset {title}."
    if count == 1:
        return f"1 setting differs from the preset {title}."
    return f"{count} settings differ from the preset {title}."


def _row(change: Change) -> str:
    option = change.option
    place = CREATED if change.is_created else PLACES[option.name]
    return (
        f'<tr><th scope="row">{place.button(option, html.escape(option.label))}</th>'
        f"<td>{html.escape(value_text(change.preset))}</td>"
        f"<td>{html.escape(value_text(change.yours))}</td></tr>"
    )


def _marks(groups: Mapping[str, int]) -> str:
    """A pencil and a number behind the labels of groups: a rule of style each, so that it needs no script and
    gradio, which makes a fold's label, can't lose it.
    """
    rules = "".join(
        f"#{elem_id} > .label-wrap > span:first-child::after"
        # The second, for screen readers, is skipped where it isn't understood.
        f' {{ content: "✎ {count}"; content: "✎ {count}" / "{count}"; }}'
        for elem_id, count in groups.items()
        if count
    )
    return f"<style>{rules}</style>"


def counts_of_groups(groups: Iterable[FieldGroup], found: Iterable[Change]) -> dict[str, int]:
    """How many of `found` stand in each group, by its element id."""
    names = {change.option.name for change in found}
    return {group.elem_id: len(names & set(group.names)) for group in groups}
