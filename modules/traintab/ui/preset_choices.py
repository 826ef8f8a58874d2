"""Which presets can be chosen, and which one is."""

from __future__ import annotations

from ..presets import DEFAULTS, Preset, find_presets, is_own, preset_named
from ..studio import Studio
from .page import Page

__all__ = ["chosen_preset", "preset_choices", "remember_choice", "remembered_choice"]

_SECTION, _NAME = "preset", "name"


def preset_choices(studio: Studio) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """(title, name) of the presets, and a sentence for each file that can't be used.

    The defaults first, then the user's own, recipes of guides last.
    """
    paths = studio.paths
    found, problems = find_presets(paths)

    def place(preset: Preset) -> tuple[bool, bool, str]:
        return not is_own(preset, paths), preset.name.startswith("recipe-"), preset.title

    presets = [DEFAULTS, *sorted(found.values(), key=place)]
    return [(preset.title or preset.name, preset.name) for preset in presets], problems


def chosen_preset(page: Page, name: str | None) -> Preset:
    """The preset of this name, the defaults where none is chosen; raises ConfigError when it is gone."""
    return preset_named(name, page.studio.paths) if name else DEFAULTS


def remember_choice(page: Page, name: str | None) -> None:
    """Keep the choice for the next visit."""
    page.remembered.remember(_SECTION, {_NAME: name or ""})


def remembered_choice(page: Page) -> str:
    """The choice of the last visit, as far as it is still there."""
    name = str(page.remembered.values(_SECTION).get(_NAME, ""))
    return name if name in {known for _, known in preset_choices(page.studio)[0]} else ""
