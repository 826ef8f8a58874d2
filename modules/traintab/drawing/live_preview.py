"""Pictures of what latents show while they are drawn, no more of them than cost little time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from PIL import Image

    from ..models.model import Model

__all__ = ["LivePreview"]

_LEAST_SECONDS = 0.5
_SHARE = 10


class LivePreview:
    """Called with the latents after every step; makes a picture at most twice a second.

    Where that takes long, on a slow machine, a tenth of the time at most goes into it.
    """

    def __init__(
        self,
        model: Model,
        show: Callable[[Image.Image], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._model = model
        self._show = show
        self._clock = clock
        self._next_at = clock() + _LEAST_SECONDS

    def __call__(self, latents: torch.Tensor) -> None:
        """Show `latents` `[b, c, h, w]`, or not."""
        began = self._clock()
        if began < self._next_at:
            return
        from ..sampling.latent_preview import preview_image

        self._show(preview_image(latents, self._model))
        ended = self._clock()
        self._next_at = ended + max(_LEAST_SECONDS, _SHARE * (ended - began))
