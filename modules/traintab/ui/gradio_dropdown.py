"""A dropdown in any version of gradio: before 3.43 choices were texts and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import gradio as gr

__all__ = ["dropdown", "meant_by"]

Choices = Sequence[Any]
"""Texts, or pairs of what is shown and what it means."""


def dropdown(choices: Choices, **keywords: Any) -> Any:
    """A `gr.Dropdown`; its choices may be pairs, and of several own texts may be typed, where gradio can."""
    if _knows_pairs():
        return gr.Dropdown(choices, **keywords)
    if keywords.get("multiselect"):
        keywords.pop("allow_custom_value", None)  # never both, in these versions
    return _dropdown_of_pairs()(choices, **keywords)


def meant_by(component: Any, shown: Any) -> Any:
    """The value of a component of which the page has told what it shows."""
    return component.preprocess(shown) if getattr(component, "shows_texts", False) else shown


@cache
def _knows_pairs() -> bool:
    probe = gr.Dropdown([("shown", "meant")], render=False)  # nobody is to see it
    return list(probe.choices) == [("shown", "meant")]


@cache
def _dropdown_of_pairs() -> type:
    """Made when it is needed: newer versions look into the source of every class of a component."""

    class Dropdown(gr.Dropdown):  # type: ignore[misc]
        """The browser sees what is shown, handlers what it means."""

        shows_texts = True
        is_template = True  # so that the page shows it as what it derives from

        def __init__(self, choices: Choices, **keywords: Any) -> None:
            self._meant: dict[str, Any] = {}
            super().__init__(choices=self._shown_of(choices), **keywords)

        def _shown_of(self, choices: Choices) -> list[str]:
            """Kept for good: another page may still show what was offered before."""
            pairs = [one if isinstance(one, (tuple, list)) else (one, one) for one in choices]
            self._meant.update({str(shown): meant for shown, meant in pairs})
            return [str(shown) for shown, _ in pairs]

        def get_specific_update(self, generic_update: dict[str, Any]) -> dict[str, Any]:
            if generic_update.get("choices") is not None:
                shown = self._shown_of(generic_update["choices"])
                generic_update = {**generic_update, "choices": shown}
            found: dict[str, Any] = super().get_specific_update(generic_update)
            return found

        def preprocess(self, x: Any) -> Any:
            if isinstance(x, list):
                return [self._meant.get(one, one) for one in x]
            return self._meant.get(x, x)

        def postprocess(self, y: Any) -> Any:
            # What was offered last stands last, and its text is what the page shows now.
            shown = {meant: text for text, meant in self._meant.items()}
            return super().postprocess(
                [shown.get(one, one) for one in y] if isinstance(y, list) else shown.get(y, y)
            )

    return Dropdown
