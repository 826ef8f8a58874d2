"""What is wrong with a field of the tab *Settings*, told below it when it is left: it has no button near."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from ..configs import TrainingConfig, check, replace_fields
from ..prompts.captions import word_pattern
from .form import Form
from .form_watch import leaving
from .gradio_compat import listen
from .messages import guarded

__all__ = ["SettingsCheck", "checked"]

_CAN_BE_WRONG = ("filename_word_regex", "write_csv_every")


def checked(name: str, value: Any) -> tuple[Any, ...]:
    """No message; raises ConfigError for a value of this field that no training would take."""
    config = replace_fields(TrainingConfig(), {name: value})
    check(config.outputs)
    word_pattern(config.dataset.filename_word_regex)
    return ("",)


class SettingsCheck:
    """A message for each field that can be wrong; `place` makes it in the layout where it is called."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._messages: dict[str, Any] = {}

    def place(self, name: str) -> None:
        """Make the message of the field above, if that can be wrong."""
        if name in _CAN_BE_WRONG:
            self._messages[name] = gr.HTML(elem_id=f"settings_{name}_message", elem_classes=["traintab-slot"])

    def wire(self, selected: Any) -> None:
        """Look when a field was left, and at all when the tab is opened (`selected`)."""
        for name, message in self._messages.items():
            field = self._form[name]
            listen(leaving(field)[0], self._look(name), [field], [message], at_once=True)
        fields, messages = [self._form[name] for name in self._messages], list(self._messages.values())
        listen(selected, self._look_at_all, fields, messages, at_once=True)

    @staticmethod
    def _look(name: str) -> Callable[..., tuple[Any, ...]]:
        return guarded(lambda value: checked(name, value), outputs=1)

    def _look_at_all(self, *values: Any) -> tuple[Any, ...]:
        looked = (self._look(name)(value) for name, value in zip(self._messages, values, strict=True))
        return tuple(message for (message,) in looked)
