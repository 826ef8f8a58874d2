"""One look at many fields whenever one of them is left."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from .gradio_compat import (
    AS_TEXT,
    copied,
    hidden_text,
    listen_in_page,
    listen_in_page_to_any,
    listen_to_latest,
    skip,
)
from .gradio_dropdown import meant_by
from .pulse import Pulse

__all__ = ["FormWatch", "gathered_when_left", "leaving"]

# The same values twice are no change of the text; after some events they have to be looked at all the same.
_AS_NEW_TEXT = "(...values) => JSON.stringify([...values, Date.now()])"


class FormWatch:
    """Calls `handler` with the values of `fields`, in order, when the user has left one and it is changed.

    The page puts the values into one text, `text`, and only its change is a request: going through the
    fields with the Tab key asks nothing. `outputs` are what the handler gives. Made at the end of the layout,
    outside of tabs, because gradio builds what is in a tab when it is opened.
    """

    def __init__(self, fields: Sequence[Any], handler: Callable[..., Any], outputs: Sequence[Any]) -> None:
        self._fields, self._outputs = list(fields), list(outputs)
        self.text = hidden_text()
        count = len(self._fields)
        events = [event for component in self._fields for event in leaving(component)]
        listen_in_page_to_any(events, AS_TEXT, self._fields, [self.text])
        look = self._of_text(lambda *values: handler(*values[:count]), self._outputs)
        listen_to_latest(self.text.change, look, [self.text], self._outputs, at_once=True)

    def also(self, handler: Callable[..., Any], outputs: Sequence[Any]) -> None:
        """Call another handler with the same values, by itself: one that takes longer holds nothing up."""
        copy = copied(self.text)
        listen_to_latest(copy.change, self._of_text(handler, outputs), [copy], outputs, at_once=True)

    def follow(
        self, pulse: Pulse, version: Callable[[], object], handler: Callable[..., Any], outputs: Sequence[Any]
    ) -> None:
        """Call such a handler when `version` gives something else, as `Pulse.follow` does."""
        pulse.follow(version, self._of_text(handler, outputs), [self.text], outputs)

    def after(self, event: Any) -> None:
        """Look after this event too, such as the `.then` of one that fills in fields."""
        listen_in_page(event, _AS_NEW_TEXT, self._fields, [self.text])

    def has(self, fields: Sequence[Any]) -> bool:
        """Whether it looks at all of these."""
        return set(fields) <= set(self._fields)

    def places(self, fields: Sequence[Any]) -> list[int]:
        """Where the values of these fields of it stand in its `text`."""
        return [self._fields.index(field) for field in fields]

    def _of_text(self, handler: Callable[..., Any], outputs: Sequence[Any]) -> Callable[[str], Any]:
        """The handler for what the page has gathered; nothing was yet while the page is being opened."""

        def call(text: str) -> Any:
            try:
                values = json.loads(text)
            except ValueError:
                return (skip(),) * len(outputs) if len(outputs) > 1 else skip()
            count = len(self._fields)
            meant = (meant_by(field, value) for field, value in zip(self._fields, values, strict=False))
            return handler(*meant, *values[count:])

        return call


def gathered_when_left(fields: Sequence[Any]) -> Any:
    """A hidden text with the values of `fields`, in order, new whenever the user is done with one of them."""
    text = hidden_text()
    listen_in_page_to_any([leaving(field)[0] for field in fields], _AS_NEW_TEXT, list(fields), [text])
    return text


def leaving(component: Any) -> list[Any]:
    """The events by which a user is done with a field: a choice is made at once, a text when it is left."""
    kinds = [kind for kind in ("blur", "release") if hasattr(component, kind)]
    if not kinds or isinstance(component, gr.Dropdown):
        kinds.append("input")
    return [getattr(component, kind) for kind in kinds]
