"""*Add to queue* in the panels Train and Preprocess, and what their own buttons say while a job runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from ..configs import PreprocessConfig, TrainingConfig, from_mapping
from ..errors import BusyError
from .messages import done
from .page import Page

__all__ = ["queue_button", "queue_offered", "queue_preprocessing", "queue_training"]

_OFFER = "Or press Add to queue: then it starts by itself when its turn has come."


def queue_button(name: str) -> Any:
    """The button, in the current layout, beside the one that starts at once."""
    return gr.Button("Add to queue", elem_id=f"{name}_add_to_queue", min_width=135, scale=1)


def queue_offered(handler: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    """`handler`, whose refusal because something runs names the queue too."""

    @wraps(handler)
    def call(*values: Any) -> tuple[Any, ...]:
        try:
            return handler(*values)
        except BusyError as error:
            raise BusyError(f"{error} {_OFFER}") from error

    return call


def queue_training(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Put a training with these settings into the queue; a message."""
    page.remembered.remember(page.train.section, values)
    config = from_mapping(TrainingConfig, {**values, "model": page.studio.model_status.spec})
    page.studio.queue.add_training(config)
    return (done(f"Training of {config.embedding_name} is in the queue. {_when(page)}"),)


def queue_preprocessing(page: Page, values: dict[str, Any]) -> tuple[Any, ...]:
    """Put a preprocessing into the queue; a message, and the destination for the Train panel."""
    page.remembered.remember(page.preprocess.section, values)
    config = from_mapping(PreprocessConfig, values)
    page.studio.queue.add_preprocessing(config, page.studio.model_status.spec)
    page.remembered.remember(page.train.section, {"data_dir": config.destination})
    return done(f"Preprocessing is in the queue. {_when(page)}"), config.destination


def _when(page: Page) -> str:
    if page.studio.queue.snapshot().held:
        return "The queue is held: press Release the queue beside its list."
    if page.studio.snapshot().status.is_active:
        return "It starts when its turn has come; the list on the right shows it."
    return "It starts in a moment."
