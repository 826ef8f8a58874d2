"""How a picture becomes the numbers an image encoder takes, as its `preprocessor_config.json` says.

Pillow and torch alone: transformers' own picture processors differ between its versions, and some need
torchvision.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

__all__ = ["PictureInput"]

_FILE = "preprocessor_config.json"
# CLIP's own, for folders that don't say: those that come with Stable Diffusion hold the weights alone.
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_LARGEST_SIDE = 2048


@dataclass(frozen=True, kw_only=True)
class PictureInput:
    """Resize (`shortest` side, or to `size` exactly), cut `crop` from the middle, scale, normalise.

    Sizes are `(width, height)` in pixels; of `shortest` and `size` one is set, `crop` may be None.
    """

    shortest: int | None = None
    size: tuple[int, int] | None = None
    crop: tuple[int, int] | None = None
    resample: int = int(Image.Resampling.BICUBIC)
    mean: tuple[float, float, float] = _CLIP_MEAN
    std: tuple[float, float, float] = _CLIP_STD

    @classmethod
    def of_folder(cls, folder: Path, side: int) -> PictureInput:
        """What the folder's file says; without one CLIP's way, to pictures of `side` pixels.

        Raises ValueError when the file can't be used.
        """
        if not (folder / _FILE).is_file():
            return cls(shortest=side, crop=(side, side))
        content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"{_FILE} holds no settings")
        resizing = _resizing(content)
        # Else pictures of different sizes couldn't be looked at together.
        otherwise = None if "size" in resizing else (side, side)
        return cls(
            **resizing,
            crop=_crop(content, side) if _is_cropped(content) else otherwise,
            resample=int(content.get("resample", Image.Resampling.BICUBIC)),
            mean=_three(content, "image_mean", _CLIP_MEAN),
            std=_three(content, "image_std", _CLIP_STD),
        )

    def tensor(self, images: Sequence[Image.Image]) -> torch.Tensor:
        """float32 `[batch, 3, height, width]` on the CPU, for pictures of any size and mode."""
        return torch.stack([self._one(image.convert("RGB")) for image in images])

    def _one(self, image: Image.Image) -> torch.Tensor:
        resized = image.resize(self._resized(image.size), Image.Resampling(self.resample))
        if self.crop is not None:
            resized = _from_the_middle(resized, *self.crop)
        pixels = torch.from_numpy(np.asarray(resized, dtype=np.float32) / 255).permute(2, 0, 1)
        mean, std = (torch.tensor(values).view(3, 1, 1) for values in (self.mean, self.std))
        return (pixels - mean) / std

    def _resized(self, size: tuple[int, int]) -> tuple[int, int]:
        if self.size is not None:
            return self.size
        if self.shortest is None:
            return size
        width, height = size
        if width <= height:
            return self.shortest, max(1, int(self.shortest * height / width))
        return max(1, int(self.shortest * width / height)), self.shortest


def _from_the_middle(image: Image.Image, width: int, height: int) -> Image.Image:
    """A part of this size; where the picture is smaller, black is around it."""
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def _resizing(content: Mapping[str, Any]) -> dict[str, Any]:
    """`shortest` or `size`; of old files the size is one number."""
    size = content.get("size")
    if not content.get("do_resize", True) or size is None:
        return {}
    if isinstance(size, int):
        return {"shortest": _side(size)} if _is_cropped(content) else {"size": (_side(size), _side(size))}
    if "shortest_edge" in size:
        return {"shortest": _side(size["shortest_edge"])}
    return {"size": (_side(size["width"]), _side(size["height"]))}


def _crop(content: Mapping[str, Any], side: int) -> tuple[int, int]:
    crop = content.get("crop_size", side)
    if isinstance(crop, int):
        return _side(crop), _side(crop)
    return _side(crop["width"]), _side(crop["height"])


def _is_cropped(content: Mapping[str, Any]) -> bool:
    return bool(content.get("do_center_crop", False))


def _side(value: Any) -> int:
    side = int(value)
    if not 1 <= side <= _LARGEST_SIDE:
        raise ValueError(f"{_FILE} wants pictures of {side} pixels a side; 1 to {_LARGEST_SIDE} are known")
    return side


def _three(
    content: Mapping[str, Any], key: str, otherwise: tuple[float, float, float]
) -> tuple[float, float, float]:
    values = content.get(key, otherwise)
    if not content.get("do_normalize", True):
        return (0.0, 0.0, 0.0) if key == "image_mean" else (1.0, 1.0, 1.0)
    first, second, third = (float(value) for value in values)
    return first, second, third
