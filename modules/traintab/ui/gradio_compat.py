"""What differs between gradio 3.41, 4.40 and 6, in one place."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import gradio as gr

__all__ = [
    "AS_TEXT",
    "Ticker",
    "api_prefix",
    "blocks",
    "copied",
    "goes_on_after_page_events",
    "hidden_text",
    "launch_keywords",
    "listen",
    "listen_in_page",
    "listen_in_page_to_any",
    "listen_to_form",
    "listen_to_latest",
    "listen_to_script",
    "skip",
    "value_in_page",
]

POLL_BUTTON_CLASS = "traintab-poll"
AS_TEXT = "(...values) => JSON.stringify(values)"


def listen(
    event: Any,
    handler: Callable[..., Any] | None,
    inputs: Any = None,
    outputs: Any = None,
    *,
    api_name: str | None = None,
    at_once: bool = False,
) -> Any:
    """Bind `handler` to an event such as `button.click`, and return what can be chained with `.then`.

    Without `api_name` the event is no public endpoint. `at_once` leaves the queue aside and shows no
    progress: for handlers that answer in a moment.
    """
    details = _at_once(event) if at_once else _progress(event, outputs)
    if api_name:
        details["api_name"] = api_name
        if "api_description" in inspect.signature(event).parameters:
            details["api_description"] = inspect.getdoc(handler)
    else:
        details |= _not_public(event)
    return event(fn=_answering(handler, outputs), inputs=inputs, outputs=outputs, **details)


def listen_to_latest(
    event: Any, handler: Callable[..., Any], inputs: Any, outputs: Any, *, at_once: bool = False
) -> Any:
    """As `listen`, but of what is asked for while the handler is at work only the newest is answered."""
    details = _not_public(event) | (_at_once(event) if at_once else _progress(event, outputs))
    if "trigger_mode" in inspect.signature(event).parameters:
        details["trigger_mode"] = "always_last"
    return event(fn=_answering(handler, outputs), inputs=inputs, outputs=outputs, **details)


def _answering(handler: Callable[..., Any] | None, outputs: Any) -> Callable[..., Any] | None:
    """The handler; gradio shows the answer to a single output as it is, a tuple of one too."""
    count = len(outputs) if isinstance(outputs, (list, tuple)) else 1
    if handler is None or count != 1:
        return handler
    asked = handler

    @wraps(handler)
    def call(*values: Any) -> Any:
        found = asked(*values)
        return found[0] if isinstance(found, tuple) and len(found) == 1 else found

    return call


def listen_in_page(event: Any, script: str, inputs: Any, outputs: Any, *, each: bool = False) -> Any:
    """Bind a JavaScript function to an event: the server isn't asked; `each` never waits for the last one."""
    known = inspect.signature(event).parameters
    details = {"js" if "js" in known else "_js": script, **_not_public(event)}
    if each and "trigger_mode" in known:
        details["trigger_mode"] = "multiple"
    return event(fn=None, inputs=inputs, outputs=outputs, **details)


def listen_to_script(event: Any, script: str, handler: Callable[..., Any], text: Any, outputs: Any) -> Any:
    """As `listen` at once, for what a JavaScript function gives; `text` is a component that stands for it."""
    key = "js" if "js" in inspect.signature(event).parameters else "_js"
    details = {key: script, **_not_public(event), **_at_once(event)}
    return event(fn=_answering(handler, outputs), inputs=[text], outputs=outputs, **details)


def listen_in_page_to_any(events: Iterable[Any], script: str, inputs: Any, outputs: Any) -> None:
    """As `listen_in_page` for several events: one of the page's where this version can put them together."""
    if not hasattr(gr, "on"):
        for event in events:
            listen_in_page(event, script, inputs, outputs)
        return
    on: Any = gr.on
    on(triggers=list(events), fn=None, inputs=inputs, outputs=outputs, js=script, **_not_public(on))


def value_in_page(value: Any) -> Any:
    """A component's value as a script of the page may give it, which older versions tell otherwise there."""
    if not isinstance(value, dict) or value.get("__type__") != "generic_update":
        return value
    found = {**value, "__type__": "update"}
    if "interactive" in found:
        found["mode"] = "dynamic" if found.pop("interactive") else "static"
    return found


def hidden_text(value: str | None = None, **keywords: Any) -> Any:
    """A text that handlers and scripts read and write, and nobody sees.

    It is a part of the page all the same: of what is none gradio tells nobody that it changed.
    """
    return gr.Textbox(value, show_label=False, elem_classes=["traintab-hidden"], **keywords)


def copied(component: Any) -> Any:
    """A hidden text that the page keeps equal to that of `component`.

    gradio 6 must not be asked for the latest (`always_last`, what `change` events are by themselves) by two
    listeners of one event: what waited for the one repeats the event for both, and so they go on for ever.
    The second listens to a copy.
    """
    copy = hidden_text()
    listen_in_page(component.change, "(text) => text", [component], [copy], each=True)
    return copy


def listen_to_form(
    event: Any, handler: Callable[..., Any], fields: Any, outputs: Any, *, at_once: bool = False
) -> Any:
    """As `listen`, for a handler of very many fields.

    gradio 6 keeps a progress for every input too, as `_progress` says: the page itself makes one text of the
    fields, and that alone is the input.
    """
    if not goes_on_after_page_events(event):
        return listen(event, handler, fields, outputs, at_once=at_once)
    text = hidden_text()
    gathered = listen_in_page(event, AS_TEXT, fields, [text])
    return listen(
        gathered.then, lambda values: handler(*json.loads(values)), [text], outputs, at_once=at_once
    )


def goes_on_after_page_events(event: Any) -> bool:
    """Whether `.then` happens after an event that is the page's alone: in older versions it never does."""
    return "show_progress_on" in inspect.signature(event).parameters


def _at_once(event: Any) -> dict[str, Any]:
    """The keywords of an event without queue and progress."""
    nowhere: dict[str, Any] = {"show_progress": "hidden", "queue": False}
    if "show_progress_on" in inspect.signature(event).parameters:
        nowhere["show_progress_on"] = []
    return nowhere


def _progress(event: Any, outputs: Any) -> dict[str, Any]:
    """The keyword that shows an event's progress on the first of its outputs alone.

    gradio 3 has none: its queue drops an event without a word when the page takes five seconds to send the
    values, so nothing waits there. gradio 6 keeps a progress for every output of any event that has happened,
    shown or not, and searches the whole page for each of them at every event that follows: after one with a
    hundred outputs a page that only polls would keep a processor busy.
    """
    known = inspect.signature(event).parameters
    if "trigger_mode" not in known:
        return {"queue": False}
    if not outputs or "show_progress_on" not in known:
        return {}
    return {"show_progress_on": outputs[0] if isinstance(outputs, (list, tuple)) else outputs}


def _not_public(event: Any) -> dict[str, Any]:
    """The keywords that keep an event out of the page's API.

    gradio 6 names private events too, after their handlers: one called `interrupt` would take the name of
    the public endpoint.
    """
    if "api_visibility" in inspect.signature(event).parameters:
        return {"api_visibility": "private", "api_name": "private"}
    return {"api_name": False}


class Ticker:
    """`event` happens every so often while the page is open.

    `every(seconds)` is the value of `component` that makes it another pace. Where gradio has no timer, the
    page's script presses a button instead.
    """

    def __init__(self, seconds: float) -> None:
        self._has_timer = hasattr(gr, "Timer")
        if self._has_timer:
            self.component = gr.Timer(seconds)
            self.event = self.component.tick
        else:
            self.event = gr.Button("Look", elem_classes=["traintab-hidden", POLL_BUTTON_CLASS]).click
            self.component = gr.HTML(self.every(seconds), elem_classes=["traintab-hidden"])

    def every(self, seconds: float) -> Any:
        """What an event gives for `component`."""
        if self._has_timer:
            return gr.update(value=seconds)
        return f'<i class="traintab-pace" data-seconds="{seconds}"></i>'


def skip() -> Any:
    """The value that leaves a component as it is."""
    return gr.skip() if hasattr(gr, "skip") else gr.update()


def blocks(*, title: str, look: Mapping[str, Any]) -> Any:
    """A page; `look` holds `css`, `head` and `theme`, which newer versions want at the launch instead."""
    known = inspect.signature(gr.Blocks.__init__).parameters
    return gr.Blocks(title=title, analytics_enabled=False, **{key: look[key] for key in look if key in known})


def launch_keywords(look: Mapping[str, Any], **wanted: Any) -> dict[str, Any]:
    """Those of `look` and `wanted` that this version's `launch` knows."""
    known = inspect.signature(gr.Blocks.launch).parameters
    return {key: value for key, value in {**look, **wanted}.items() if key in known}


def api_prefix() -> str:
    """What stands before the addresses of all that gradio answers itself; older versions have nothing."""
    if find_spec("gradio.route_utils") is None:
        return ""
    return str(getattr(import_module("gradio.route_utils"), "API_PREFIX", "")).strip("/")
