"""Pictures from a picture and a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

from ..configs import GenerationConfig, check
from ..embeddings.embedding import Embedding
from ..models.model import Model
from .batches import draw_batches, filled_in, shortage_told
from .generated import GeneratedImage

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .hooks import Hooks

__all__ = ["img2img", "size_for"]

_MULTIPLE = 8
_SMALLEST, _LARGEST = 64, 2048


def img2img(
    model: Model,
    config: GenerationConfig,
    image: Image.Image,
    embeddings: Mapping[str, Embedding],
    **hooks: Unpack[Hooks],
) -> list[GeneratedImage]:
    """Draw over `image`, upright and RGB as `open_picture` gives it, by `config.denoising_strength`.

    The picture is stretched to the width and height of `config`; where these are None, `size_for` tells
    them. As in the web UI, a strength of 0.5 goes through the last half of the steps and one more. The
    rest is as in `txt2img`.
    """
    check(config)
    width, height = size_for(image, config, model)
    config = filled_in(replace(config, width=width, height=height), model)
    with shortage_told(model, config, batch_size=1):
        original = _latents_of(image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS), model)
    return draw_batches(model, config, embeddings, hooks, original)


def size_for(image: Image.Image, config: GenerationConfig, model: Model) -> tuple[int, int]:
    """Width and height in pixels: the config's, else as many pixels as the model is used to draw, in the
    proportions of `image`; if the config tells one of them, the other follows.
    """
    proportion = image.width / image.height
    if config.width and config.height:
        return config.width, config.height
    if config.width:
        return config.width, _side(config.width / proportion)
    if config.height:
        return _side(config.height * proportion), config.height
    return _side(model.default_size * proportion**0.5), _side(model.default_size / proportion**0.5)


def _side(pixels: float) -> int:
    """The nearest length that can be drawn."""
    return min(max(round(pixels / _MULTIPLE) * _MULTIPLE, _SMALLEST), _LARGEST)


def _latents_of(image: Image.Image, model: Model) -> torch.Tensor:
    """Clean latents `[1, c, h, w]` on the model's device: the mean, because its spread can't be seen."""
    levels = torch.from_numpy(np.asarray(image, dtype=np.float32).copy())
    pixels = (levels / 127.5 - 1).permute(2, 0, 1).unsqueeze(0)
    mean, _ = model.encode_images(pixels)
    return mean.to(model.device)
