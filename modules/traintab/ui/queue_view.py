"""The queue in the Train tab: there whenever something is in it, with what orders it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ..errors import InputError
from ..jobs import QueueEntry, QueueSnapshot, QueueStatus
from ..studio import Studio
from .gradio_compat import listen, skip
from .messages import done, guarded
from .page import Page
from .queue_html import queue_choices, queue_html

__all__ = ["QueueView", "acted", "cleared_queue", "toggled_queue", "view"]

Seen = dict[str, str]
_ENDED = (QueueStatus.FAILED, QueueStatus.INTERRUPTED)


@dataclass(frozen=True)
class QueueView:
    """A box that nobody sees while the queue is empty. `parts` are in the order of what `view` gives."""

    parts: tuple[Any, ...]
    entries: Any
    up: Any
    down: Any
    hold: Any
    retry: Any
    cancel: Any
    hold_all: Any
    clear: Any
    message: Any

    @classmethod
    def build(cls) -> QueueView:
        """Make the components in the current layout."""
        with gr.Column(visible=False, elem_id="train_queue", elem_classes=["traintab-card"]) as box:
            with gr.Row(elem_id="train_queue_head"):
                head = gr.HTML(elem_id="train_queue_state", elem_classes=["traintab-slot"])
                hold_all = _button("Hold the queue", "queue_hold_all", 130)
            entries = gr.Radio(choices=[], show_label=False, container=False, elem_id="train_queue_entries")
            with gr.Row(elem_classes=["traintab-actions"]):
                up, down = _button("↑ Earlier", "queue_up"), _button("↓ Later", "queue_down")
                hold, retry = _button("Hold", "queue_hold"), _button("Try again", "queue_retry")
                cancel = _button("Remove", "queue_cancel")
                clear = _button("Remove finished", "queue_clear")
            message = gr.HTML(elem_id="train_queue_message", elem_classes=["traintab-slot"])
        parts = (box, head, entries, up, down, hold, retry, cancel, hold_all, clear)
        return cls(parts, entries, up, down, hold, retry, cancel, hold_all, clear, message)

    def wire(self, page: Page) -> None:
        """Follow the queue, and look right after each button."""
        # What is chosen is kept apart: a list that has just changed would refuse its own old choice.
        seen, chosen = gr.State({}), gr.State(None)
        studio = page.studio
        look, inputs, outputs = view(studio), [seen, chosen], [seen, *self.parts]
        page.pulse.follow(lambda: _version(studio), look, inputs, outputs)
        page.pulse.after(*self._wire_buttons(studio, chosen))
        choice = listen(self.entries.input, lambda entry: entry, [self.entries], [chosen], at_once=True)
        listen(choice.then, look, inputs, outputs, at_once=True)

    def _wire_buttons(self, studio: Studio, chosen: Any) -> list[Any]:
        queue = studio.queue
        actions = {
            self.up: lambda chosen: queue.move(chosen, -1),
            self.down: lambda chosen: queue.move(chosen, 1),
            self.hold: lambda chosen: _hold_or_release(studio, chosen),
            self.retry: queue.retry,
            self.cancel: queue.cancel,
        }
        events = [
            listen(button.click, guarded(acted(action), outputs=1), [chosen], [self.message], at_once=True)
            for button, action in actions.items()
        ]
        for button, handler in ((self.hold_all, toggled_queue(studio)), (self.clear, cleared_queue(studio))):
            act = guarded(handler, outputs=1)
            events.append(listen(button.click, act, None, [self.message], at_once=True))
        return events


def _version(studio: Studio) -> object:
    """Of what runs its percent: a line of the queue needn't follow each step."""
    job = studio.snapshot()
    return studio.queue.snapshot(), job.id, 100 * job.step // max(job.total_steps, 1)


def view(studio: Studio) -> Callable[[Seen, str | None], tuple[Any, ...]]:
    """A function of what a browser has seen and chosen: what it sees then, and each part that changed."""

    def look(seen: Seen, chosen: str | None) -> tuple[Any, ...]:
        queue = studio.queue.snapshot()
        values = _values(queue, queue_choices(queue, studio.snapshot()), chosen)
        now = {str(index): repr(value) for index, value in enumerate(values)}
        if now == seen:
            return tuple([skip()] * (len(values) + 1))
        changed = (
            value if now[key] != seen.get(key) else skip() for key, value in zip(now, values, strict=True)
        )
        return now, *changed

    return look


def _values(queue: QueueSnapshot, choices: list[tuple[str, str]], chosen: str | None) -> tuple[Any, ...]:
    """Each part as its component's value; a button that makes no sense for what is chosen is out of reach."""
    entry = next((one for one in queue.entries if one.id == chosen), None)
    status = None if entry is None else entry.status
    is_pending = status is not None and status.is_pending
    entries = gr.update(choices=choices) if entry or not chosen else gr.update(choices=choices, value=None)
    return (
        gr.update(visible=bool(queue.entries)),
        queue_html(queue),
        entries,
        gr.update(interactive=is_pending),
        gr.update(interactive=is_pending),
        gr.update(value="Release" if status is QueueStatus.HELD else "Hold", interactive=is_pending),
        gr.update(interactive=status in _ENDED),
        gr.update(
            value="Interrupt" if status is QueueStatus.RUNNING else "Remove", interactive=entry is not None
        ),
        gr.update(value="Release the queue" if queue.held else "Hold the queue"),
        gr.update(visible=any(one.status is QueueStatus.FINISHED for one in queue.entries)),
    )


def acted(action: Callable[[str], QueueEntry | None]) -> Callable[[str | None], tuple[Any, ...]]:
    """The action on the chosen entry as a button's handler: its success is seen in the list."""

    def handler(chosen: str | None) -> tuple[Any, ...]:
        if not chosen:
            raise InputError("Choose an entry of the queue first.")
        action(chosen)
        return ("",)

    return handler


def toggled_queue(studio: Studio) -> Callable[[], tuple[Any, ...]]:
    """Hold the whole queue, or let it go on."""

    def handler() -> tuple[Any, ...]:
        if studio.queue.snapshot().held:
            studio.queue.release()
            return ("",)
        studio.queue.hold()
        return (done("What runs goes on; nothing else is started until you press Release the queue."),)

    return handler


def cleared_queue(studio: Studio) -> Callable[[], tuple[Any, ...]]:
    """Take what is finished out of the list."""

    def handler() -> tuple[Any, ...]:
        count = studio.queue.remove_finished()
        told = "1 finished entry is removed" if count == 1 else f"{count} finished entries are removed"
        return (done(f"{told}; their runs are in Past runs."),)

    return handler


def _hold_or_release(studio: Studio, chosen: str) -> None:
    held = [one.id for one in studio.queue.snapshot().entries if one.status is QueueStatus.HELD]
    (studio.queue.release if chosen in held else studio.queue.hold)(chosen)


def _button(text: str, name: str, width: int = 80) -> Any:
    return gr.Button(text, elem_id=f"train_{name}", min_width=width, size="sm")
