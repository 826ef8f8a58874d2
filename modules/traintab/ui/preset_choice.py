"""Presets above the panels: one choice fills in *Create embedding* and *Train*, and one line tells what of
them differs from it since.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from ..errors import ConfigError
from ..presets import DEFAULTS, changes, changes_from_defaults, preset_text
from .form_watch import FormWatch
from .gradio_compat import listen, listen_to_form
from .gradio_dropdown import dropdown
from .messages import done, failed, guarded
from .own_presets import OwnPresets
from .page import Page
from .preset_choices import chosen_preset, preset_choices, remember_choice, remembered_choice
from .preset_html import NOTHING_TOLD, counts_of_groups, preset_html
from .shown_run import ShownRun, shown_html
from .train_groups import GROUPS

__all__ = ["PresetChoice", "apply", "preset_facts", "reset"]

_INFO = "Settings that suit a subject, or a recipe from a guide. It changes no embedding, folder or model."

Values = Mapping[str, Any]


def apply(page: Page, name: str | None) -> tuple[Any, ...]:
    """No message any more, and the fields of *Create embedding* and of *Train* as the preset has them.

    What it is and that nothing differs from it is told below the choice.
    """
    preset = chosen_preset(page, name)
    remember_choice(page, name)
    values = {page.create: preset.filled_creation_values(), page.train: preset.training_values()}
    for form, its in values.items():
        page.remembered.remember(form.section, its)
    updates = [update for form, its in values.items() for update in form.updates(its)]
    return "", *updates


def reset(page: Page, name: str | None, create: Values, train: Values) -> tuple[Any, ...]:
    """A message, and the fields that differ from the preset as it has them; the others stay."""
    preset = chosen_preset(page, name)
    found = changes(preset, create, train)
    created = {change.option.name: change.preset for change in found if change.is_created}
    trained = {change.option.name: change.preset for change in found if not change.is_created}
    page.remembered.remember(page.create.section, created)
    page.remembered.remember(page.train.section, trained)
    labels = ", ".join(change.option.label for change in found)
    told = f"Reset: {labels}." if found else "There was nothing to reset."
    return done(told), *page.create.updates(created), *page.train.updates(trained)


def preset_facts(page: Page, name: str | None, create: Values, train: Values) -> str:
    """What stands below the choice, for these values of the fields."""
    try:
        preset = chosen_preset(page, name)
        shared = "" if preset is DEFAULTS else preset_text(preset)
    except ConfigError as error:
        return failed(str(error))
    groups = counts_of_groups(GROUPS, changes_from_defaults(train))
    return preset_html(preset, changes(preset, create, train), groups, shared)


class PresetChoice:
    """The choice and all that goes with it, made in the layout where it is constructed."""

    def __init__(self, page: Page) -> None:
        choices, problems = preset_choices(page.studio)
        chosen = remembered_choice(page)
        with gr.Column(elem_id="train_presets"):
            with gr.Row(elem_classes=["traintab-tight"]):
                self.dropdown = dropdown(
                    choices=choices,
                    value=chosen,
                    label="Preset",
                    info=_INFO,
                    elem_id="train_preset",
                    elem_classes=["traintab-choices"],
                    scale=6,
                )
                self.reset = gr.Button(
                    "Reset to preset", elem_id="train_preset_reset", size="sm", min_width=120, scale=1
                )
            self.facts = gr.HTML(NOTHING_TOLD, elem_id="train_preset_state", elem_classes=["traintab-slot"])
            self.message = gr.HTML(
                failed(" ".join(problems)) if problems else "",
                elem_id="train_preset_message",
                elem_classes=["traintab-slot"],
            )
            self.own = OwnPresets()

    def offer_after(self, page: Page, filled: Any) -> Any:
        """When the fields of an opened page are filled: what there is, and which was chosen; gives the event.

        By gradio's own way, because it takes no choice that it has not sent out itself.
        """
        return listen(
            filled.then,
            lambda: gr.update(choices=preset_choices(page.studio)[0], value=remembered_choice(page)),
            None,
            [self.dropdown],
            at_once=True,
        )

    def wire(self, page: Page, shown: ShownRun) -> FormWatch:
        """Let a choice fill in the fields, and tell what differs; gives what looks at the fields.

        `shown` tells what the fields would run. What fills in fields besides has to be looked at `after`.
        """
        fields = [*page.create.components, *page.train.components]
        watch = self._watch(page, fields, shown)
        outputs = [self.message, *fields]
        chosen = listen(
            self.dropdown.input,
            guarded(lambda name: apply(page, name), outputs=len(outputs)),
            [self.dropdown],
            outputs,
            at_once=True,
        )
        undone = listen_to_form(
            self.reset.click,
            guarded(self._of_fields(page, reset), outputs=len(outputs)),
            [self.dropdown, *fields],
            outputs,
        )
        for event in (chosen, undone, *self.own.wire(page, self.dropdown, self.message)):
            watch.after(event.then)
        return watch

    def _watch(self, page: Page, fields: list[Any], shown: ShownRun) -> FormWatch:
        def look(name: str | None, create: Values, train: Values) -> tuple[str, str]:
            return preset_facts(page, name, create, train), shown_html(page, train)

        handler = self._of_fields(page, lambda _, *values: look(*values))
        return FormWatch([self.dropdown, *fields], handler, [self.facts, shown.shown])

    @staticmethod
    def _of_fields(page: Page, handler: Any) -> Any:
        """`handler(page, name, create, train)` as gradio calls it: with the choice and all fields."""
        count = len(page.create.components)

        def call(name: str | None, *values: Any) -> Any:
            return handler(page, name, page.create.values(values[:count]), page.train.values(values[count:]))

        return call
