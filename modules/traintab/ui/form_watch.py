"""One look at many fields whenever one of them is left."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import gradio as gr

from .gradio_compat import copied, listen, listen_to_latest, skip
from .pulse import Pulse

__all__ = ["FormWatch", "leaving"]

_AS_TEXT = "(...values) => JSON.stringify(values)"
# The same values twice are no change of the text; after some events they have to be looked at all the same.
_AS_NEW_TEXT = "(...values) => JSON.stringify([...values, Date.now()])"


class FormWatch:
    """Calls `handler` with the values of `fields`, in order, when the user has left one and it is changed.

    The page puts the values into one text, and only its change is a request: going through the fields with
    the Tab key asks nothing. `outputs` are what the handler gives. Made at the end of the layout, outside of
    tabs, because gradio builds what is in a tab when it is opened.
    """

    def __init__(self, fields: Sequence[Any], handler: Callable[..., Any], outputs: Sequence[Any]) -> None:
        self._fields, self._outputs = list(fields), list(outputs)
        self._others: list[tuple[Callable[..., Any], list[Any]]] = []
        self._asked: list[Any] = []
        count = len(self._fields)
        self._handler: Callable[..., Any] = lambda *values: handler(*values[:count])
        self._text = gr.Textbox(show_label=False, elem_classes=["traintab-hidden"])
        events = [event for component in self._fields for event in leaving(component)]
        if not _can_gather(self._text.change):
            for event in events:
                self.after(event)
            return
        on: Any = gr.on
        on(triggers=events, **self._gathered(_AS_TEXT))
        listen_to_latest(
            self._text.change,
            lambda text: self._handler(*json.loads(text)),
            [self._text],
            self._outputs,
            at_once=True,
        )

    def also(self, handler: Callable[..., Any], outputs: Sequence[Any]) -> None:
        """Call another handler with the same values, by itself: one that takes longer holds nothing up."""
        if _can_gather(self._text.change):
            copy = copied(self._text)
            listen_to_latest(copy.change, _of_text(handler), [copy], outputs, at_once=True)
        else:
            self._others.append((handler, list(outputs)))
            for event in self._asked:
                listen(event, handler, self._fields, outputs, at_once=True)

    def follow(
        self, pulse: Pulse, version: Callable[[], object], handler: Callable[..., Any], outputs: Sequence[Any]
    ) -> None:
        """Call such a handler when `version` gives something else, as `Pulse.follow` does."""
        if _can_gather(self._text.change):
            pulse.follow(version, _of_text(handler), [self._text], outputs)
        else:
            pulse.follow(version, handler, self._fields, outputs)

    def after(self, event: Any) -> None:
        """Look after this event too, such as the `.then` of one that fills in fields."""
        if _can_gather(event):
            event(**self._gathered(_AS_NEW_TEXT))
        else:
            self._asked.append(event)
            listen(event, self._handler, self._fields, self._outputs, at_once=True)
            for handler, outputs in self._others:
                listen(event, handler, self._fields, outputs, at_once=True)

    def _gathered(self, script: str) -> dict[str, Any]:
        """The keywords of an event that is the page's alone."""
        known = inspect.signature(gr.on).parameters
        is_newer = "api_visibility" in known
        private = {"api_visibility": "private", "api_name": "private"} if is_newer else {"api_name": False}
        return {"fn": None, "inputs": self._fields, "outputs": [self._text], "js": script, **private}


def _of_text(handler: Callable[..., Any]) -> Callable[[str], Any]:
    """The handler for what the page has gathered; nothing was yet while the page is being opened."""

    def call(text: str) -> Any:
        try:
            values = json.loads(text)
        except ValueError:
            return skip()
        return handler(*values)

    return call


def leaving(component: Any) -> Iterable[Any]:
    """The events by which a user is done with a field: a choice is made at once, a text when it is left."""
    kinds = [kind for kind in ("blur", "release") if hasattr(component, kind)]
    if not kinds or isinstance(component, gr.Dropdown):
        kinds.append("input")
    return [getattr(component, kind) for kind in kinds]


def _can_gather(event: Any) -> bool:
    """Whether this gradio's events can be the page's alone, several of them one."""
    return "js" in inspect.signature(event).parameters and hasattr(gr, "on")
