"""What the fields hold when the program is started: what they held last, or defaults that the user chose.

They are filled once, when the page is made: reloading it, or a second browser, changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..configs import Option, StartingConfig, check_value
from ..configs.starting import AS_LEFT, BUILT_IN, MINE, OF_A_PRESET
from ..errors import ConfigError
from ..presets.values import NEVER, NEVER_CREATED, as_typed
from .form import Form
from .page import Page
from .preset_choices import chosen_preset, preset_choices, remember_choice, remembered_choice
from .train_groups import IN_SETTINGS

__all__ = [
    "StartingValue",
    "choose_start",
    "chosen_start",
    "fill",
    "fill_at_start",
    "make_mine",
    "start_choices",
    "starting_values",
]

_SECTION, _FIELD, _MINE, _PRESET = "starting", "start_with", "my_defaults", "preset"
_LOGGER = logging.getLogger(__name__)

# What one works on, and what is a setting of the program, stays as it was left.
_KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "create": NEVER_CREATED,
        "preprocess": ("source", "destination"),
        "train": (*NEVER, *IN_SETTINGS),
        "txt2img": (),
        "img2img": (),
    }
)


@dataclass(frozen=True, kw_only=True)
class StartingValue:
    """A field that starts with another value than the built-in one; `section` is that of its form."""

    section: str
    option: Option
    value: Any


def start_choices(page: Page) -> list[tuple[str, str]]:
    """(what is shown, `start_with`) of everything that fields can start with."""
    mine = [("My defaults", MINE)] if page.remembered.values(_MINE) else []
    presets = [
        (f"Preset: {title}", OF_A_PRESET + name) for title, name in preset_choices(page.studio)[0] if name
    ]
    return [("What they held last", AS_LEFT), ("Built-in defaults", BUILT_IN), *mine, *presets]


def chosen_start(page: Page) -> str:
    """What was chosen, as far as it is still there."""
    chosen = page.remembered.config(_SECTION, StartingConfig).start_with
    return chosen if chosen in {start for _, start in start_choices(page)} else AS_LEFT


def choose_start(page: Page, start: str) -> None:
    """Keep the choice for the next start; raises ConfigError for one that doesn't exist."""
    known = [start for _, start in start_choices(page)]
    if start not in known:
        raise ConfigError(f"Fields can't start with {start!r}; choose one of the list.", field=_FIELD)
    page.remembered.remember(_SECTION, {_FIELD: start})


def starting_values(page: Page, start: str) -> list[StartingValue]:
    """The fields that start with another value than the built-in one; nobody knows for `AS_LEFT`."""
    if start.startswith(OF_A_PRESET):
        preset = chosen_preset(page, start.removeprefix(OF_A_PRESET))
        found: Mapping[str, Any] = {"create": preset.creation_values(), "train": preset.training_values()}
    else:
        found = page.remembered.values(_MINE) if start == MINE else {}
    return [
        StartingValue(section=form.section, option=form.options[name], value=value)
        for form in _forms(page)
        for name, value in _differing(form, found.get(form.section)).items()
    ]


def make_mine(page: Page) -> int:
    """Make what the fields hold the user's defaults and choose them; how many aren't the built-in ones.

    Raises ConfigError for a value that is none: a training would refuse it.
    """
    mine: dict[str, Any] = {}
    for form in _forms(page):
        found = _differing(form, page.remembered_values(form))
        for name, value in found.items():
            check_value(form.options[name], value)
        mine[form.section] = found
    page.remembered.replace(_MINE, {**mine, _PRESET: remembered_choice(page)})
    choose_start(page, MINE)
    return sum(map(len, mine.values()))


def fill(page: Page, start: str) -> None:
    """Let the fields hold what they start with: what is remembered of them becomes that."""
    remembered = page.remembered
    if start.startswith(OF_A_PRESET):
        name = start.removeprefix(OF_A_PRESET)
        preset = chosen_preset(page, name)
        remembered.remember(page.create.section, preset.filled_creation_values())
        values = preset.training_values()
        settings = {setting: values[setting] for setting in values if setting not in IN_SETTINGS}
        remembered.remember(page.train.section, settings)
        remember_choice(page, name)
    elif start != AS_LEFT:
        mine = remembered.values(_MINE) if start == MINE else {}
        for form in _forms(page):
            last = remembered.values(form.section)
            kept = {name: last[name] for name in _KEPT[form.section] if name in last}
            remembered.replace(form.section, {**_differing(form, mine.get(form.section)), **kept})
        remember_choice(page, str(mine.get(_PRESET, "")))


def fill_at_start(page: Page) -> None:
    """Do so for what was chosen; a preset that can't be used leaves everything as it was left."""
    try:
        fill(page, chosen_start(page))
    except ConfigError as error:
        _LOGGER.warning("The fields hold what they held last. %s", error)


def _forms(page: Page) -> list[Form]:
    return [form for form in page.forms if form.section in _KEPT]


def _differing(form: Form, values: object) -> dict[str, Any]:
    """Those of the values that aren't the built-in ones, without what stays; a broken file has none."""
    if not isinstance(values, Mapping):
        return {}
    typed = as_typed(form.config_type, values)
    kept = _KEPT[form.section]
    return {
        name: value
        for name, value in typed.items()
        if name not in kept and value != form.options[name].default
    }
