"""Presets above the panels: one choice fills in *Create embedding* and *Train*."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..presets import Preset, find_presets, preset_named
from ..studio import Studio
from .gradio_compat import listen
from .messages import done, failed, guarded
from .page import Page

__all__ = ["PresetChoice", "apply", "preset_choices"]

_INFO = "Settings that suit a subject, or a recipe from a guide. It changes no embedding, folder or model."


def preset_choices(studio: Studio) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """(title, name) of the presets, recipes last, and a sentence for each file that can't be used."""
    found, problems = find_presets(studio.paths)
    presets = sorted(found.values(), key=lambda preset: (preset.name.startswith("recipe-"), preset.title))
    return [(preset.title or preset.name, preset.name) for preset in presets], problems


def apply(page: Page, name: str) -> tuple[Any, ...]:
    """A message, and the fields of *Create embedding* and of *Train* as the preset has them."""
    preset = preset_named(name, page.studio.paths)
    values = {page.create: preset.filled_creation_values(), page.train: preset.training_values()}
    for form, its in values.items():
        page.remembered.remember(form.section, its)
    updates = [update for form, its in values.items() for update in form.updates(its)]
    return done(_told(preset)), *updates


def _told(preset: Preset) -> str:
    source = f" From: {preset.source}" if preset.source else ""
    return f"{preset.title or preset.name}: {preset.about}{source}"


class PresetChoice:
    """The dropdown and its message, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        choices, problems = preset_choices(page.studio)
        self.dropdown = gr.Dropdown(
            choices=choices, value=None, label="Preset", info=_INFO, elem_id="train_preset"
        )
        self.message = gr.HTML(failed(" ".join(problems)) if problems else "", elem_classes=["traintab-slot"])

    def wire(self, page: Page) -> None:
        """Let a choice fill in the fields."""
        outputs = [self.message, *page.create.components, *page.train.components]
        handler = guarded(lambda name: apply(page, name), outputs=len(outputs))
        listen(self.dropdown.input, handler, [self.dropdown], outputs, at_once=True)
