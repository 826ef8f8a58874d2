"""Who is told of a drawing's progress, and who may end it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypedDict

import torch

from .generated import GeneratedImage

__all__ = ["Hooks", "Progress"]

_LOGGER = logging.getLogger(__name__)


class Hooks(TypedDict, total=False):
    """Callables for `txt2img` and `img2img`, on the thread that draws.

    `on_step` gets the steps done and their number over all batches, skipped ones counting as done.
    `interrupted` is asked before each evaluation of the UNet: when true, the pictures finished so far are
    all. `skipped` is asked then too: when true, the current batch is given up and the next begins; it is
    also asked, and has no effect, when a batch is over.
    `on_latents` gets after each step what the finished latents `[b, c, h, w]` may be, for a preview;
    making pictures of them takes time, so not each time. `on_images` gets each finished batch. `on_note` gets
    sentences that the user should know; without it they go to the log.
    """

    on_step: Callable[[int, int], None] | None
    interrupted: Callable[[], bool] | None
    skipped: Callable[[], bool] | None
    on_latents: Callable[[torch.Tensor], None] | None
    on_images: Callable[[Sequence[GeneratedImage]], None] | None
    on_note: Callable[[str], None] | None


class Progress:
    """Counts steps over all batches, and calls the hooks there are."""

    def __init__(self, hooks: Hooks, *, batches: int, steps: int) -> None:
        self.is_interrupted = False
        self._hooks = hooks
        self._steps = steps
        self._total = batches * steps
        self._batch_starts_at = 0
        self._in_batch = 0

    def may_go_on(self) -> bool:
        """Whether the current batch is still wanted; to be asked before each evaluation."""
        interrupted, skipped = self._hooks.get("interrupted"), self._hooks.get("skipped")
        self.is_interrupted = interrupted is not None and interrupted()
        return not (self.is_interrupted or (skipped is not None and skipped()))

    @property
    def shows_latents(self) -> bool:
        """Whether anybody wants to see the latents."""
        return self._hooks.get("on_latents") is not None

    def step(self, done: int) -> bool:
        """So many steps of the current batch are done; tells whether that is news."""
        if done == self._in_batch:
            return False
        self._in_batch = done
        on_step = self._hooks.get("on_step")
        if on_step is not None:
            on_step(self._batch_starts_at + done, self._total)
        return True

    def show(self, latents: torch.Tensor) -> None:
        """Latents `[b, c, h, w]` as they may become."""
        on_latents = self._hooks.get("on_latents")
        if on_latents is not None:
            on_latents(latents)

    def tell(self, sentence: str) -> None:
        """Something that the user should know of the pictures to come."""
        on_note = self._hooks.get("on_note")
        if on_note is None:
            _LOGGER.warning("%s", sentence)
        else:
            on_note(sentence)

    def end_batch(self, images: Sequence[GeneratedImage] = ()) -> None:
        """The current batch is over, with these pictures; none when it was skipped."""
        self._batch_starts_at += self._steps
        self._in_batch = 0
        on_images = self._hooks.get("on_images")
        if images and on_images is not None:
            on_images(images)
        skipped = self._hooks.get("skipped")
        if skipped is not None:
            skipped()  # What came too late for this batch isn't meant for the next.
