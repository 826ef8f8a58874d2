"""The buttons *Sample now* and *Save now*."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr

from ..studio import Studio
from .gradio_compat import listen
from .messages import done, guarded

__all__ = ["NowButtons", "sample_now", "save_now"]


class NowButtons(NamedTuple):
    """Two buttons that can be pressed while steps are counted; the job view switches them on and off."""

    sample: Any
    save: Any

    @classmethod
    def build(cls) -> NowButtons:
        """Make the buttons in the current layout."""
        return cls(
            gr.Button("Sample now", elem_id="train_sample_now", interactive=False, min_width=105),
            gr.Button("Save now", elem_id="train_save_now", interactive=False, min_width=105),
        )

    def wire(self, studio: Studio, message: Any) -> list[Any]:
        """Let them work; what they say goes to `message`. Gives the events after which the job changes."""
        return [
            listen(button.click, guarded(handler, outputs=1), None, [message], at_once=True)
            for button, handler in ((self.sample, sample_now(studio)), (self.save, save_now(studio)))
        ]


def sample_now(studio: Studio) -> Callable[[], tuple[Any, ...]]:
    """The handler: asks for the previews, which appear in the gallery when they are drawn; a message."""

    def handler() -> tuple[Any, ...]:
        studio.training_requests.sample()
        return (done("After this step the previews are drawn; they appear below."),)

    return handler


def save_now(studio: Studio) -> Callable[[], tuple[Any, ...]]:
    """The handler: asks for a copy, which the job tells of when it is there; a message."""

    def handler() -> tuple[Any, ...]:
        studio.training_requests.save()
        return (done("After this step the embedding is saved, with a copy that stays."),)

    return handler
