"""What the VAE makes of a picture: at hand with every model, and all there is without an image encoder.

It sees colours and where they are, no faces: near in these vectors means alike in tone and composition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from ..models.memory import on_device
from ..models.model import Model

__all__ = ["VaeFeatures"]

_BATCH = 4
_CELLS = 4
_LARGEST_SIDE = 512
_UNIT = 64


class VaeFeatures:
    """Mean and spread of the latents' channels in 4 x 4 fields, by the model in use.

    `between(task)` runs a task on the thread that may use the model, `model()` gives it there: a training
    goes on between two batches.
    """

    def __init__(
        self, between: Callable[[Callable[[], Any]], Future[Any]], model: Callable[[], Model]
    ) -> None:
        self._between = between
        self._model = model

    def features(self, images: Sequence[Image.Image]) -> torch.Tensor:
        """float32 `[pictures, channels * 32]` on the CPU, of the pictures' middle squares.

        Raises what the model raises.
        """
        batches = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
        found = [self._between(partial(self._encoded, batch)).result() for batch in batches]
        return torch.cat(found)

    @property
    def key(self) -> str:
        """By the VAE's weights; waits for the model."""
        fingerprint = self._between(lambda: self._model().vae_fingerprint).result()
        return f"VAE {fingerprint}"

    def close(self) -> None:
        """The model is the program's own, and stays."""

    def _encoded(self, images: Sequence[Image.Image]) -> torch.Tensor:
        model = self._model()
        side = max(_UNIT, min(model.default_size, _LARGEST_SIDE))
        pixels = torch.stack([_square(image, side) for image in images])
        with on_device(model.vae, model.device):
            mean, _ = model.encode_images(pixels)
        return field_statistics(mean.float().cpu())


def field_statistics(latents: torch.Tensor) -> torch.Tensor:
    """Mean and standard deviation of each channel in 4 x 4 fields: `[b, c, h, w]` to `[b, c * 32]`."""
    mean = functional.adaptive_avg_pool2d(latents, _CELLS)
    square = functional.adaptive_avg_pool2d(latents**2, _CELLS)
    spread = (square - mean**2).clamp(min=0).sqrt()
    return torch.cat([mean.flatten(1), spread.flatten(1)], dim=1)


def _square(image: Image.Image, side: int) -> torch.Tensor:
    """The middle of a picture as float32 `[3, side, side]` in -1…1."""
    edge = min(image.size)
    left, top = (image.width - edge) // 2, (image.height - edge) // 2
    middle = image.convert("RGB").crop((left, top, left + edge, top + edge))
    small = middle.resize((side, side), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(small, dtype=np.float32) / 127.5 - 1).permute(2, 0, 1)
