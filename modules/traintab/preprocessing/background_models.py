"""Finding the subject of a picture with an .onnx file of the u2net, isnet or birefnet kind.

Sizes and colour ranges are those that rembg uses for these models, so that the same file gives the same
mask.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..errors import ModelError
from ..models.onnx_sessions import OnnxModel, load_onnx

__all__ = ["OnnxBackground"]

_CHANNELS = 3
_LEAST_SUBJECT = 0.1

Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]
Colors = tuple[float, float, float]

_IMAGENET_MEAN: Colors = (0.485, 0.456, 0.406)
_IMAGENET_STD: Colors = (0.229, 0.224, 0.225)
_ONE: Colors = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class _Family:
    """What a kind of model wants: `side` in pixels where its file leaves that open."""

    side: int
    mean: Colors
    std: Colors


# By how the file's name begins; the first that fits.
_FAMILIES = (
    (("u2net", "silueta"), _Family(320, _IMAGENET_MEAN, _IMAGENET_STD)),
    (("isnet-general", "isnet_general", "rmbg-1", "rmbg1"), _Family(1024, (0.5, 0.5, 0.5), _ONE)),
    (("isnet",), _Family(1024, _IMAGENET_MEAN, _ONE)),
    (("",), _Family(1024, _IMAGENET_MEAN, _IMAGENET_STD)),  # birefnet and those made after it
)


class OnnxBackground:
    """Calling it with an RGB picture gives an "L" mask of the same size: 255 is subject, 0 background."""

    def __init__(self, path: Path, device: str) -> None:
        """Load the file; raises ModelError when it is no model of this kind, InputError without ONNX
        Runtime.
        """
        self._model = load_onnx(path, device)
        self._family = _family_of(path)
        self._size = _size_of(self._model, self._family)

    def __call__(self, image: Image.Image) -> Image.Image:
        """Raises MemoryShortageError or WorkError when the model can't be run."""
        found = self._model.run(self._as_model_sees(image))
        if found.ndim < 3 or found.shape[-1] < 2:
            raise ModelError(
                f"{self._model.path.name} answers {found.shape}, no picture of where the subject is; choose"
                " a model such as u2net.onnx."
            )
        shares = _shares(found.reshape(-1, *found.shape[-2:])[0])
        return Image.fromarray((shares * 255).astype(np.uint8)).resize(image.size, Image.Resampling.LANCZOS)

    def close(self) -> None:
        """Give the model's memory back."""
        self._model.close()

    def _as_model_sees(self, image: Image.Image) -> Numbers:
        """`[1, 3, height, width]`: stretched to the model's size, the lightest value as 1, then centred."""
        colors = np.array(image.resize(self._size, Image.Resampling.LANCZOS), dtype=np.float64)
        # In place: 25 MB of a 1024 x 1024 picture, and each worker has one.
        colors /= max(float(colors.max()), 1e-6)
        colors -= self._family.mean
        colors /= self._family.std
        ready: Numbers = colors.transpose(2, 0, 1)[None].astype(np.float32)
        return ready


def _family_of(path: Path) -> _Family:
    name = path.stem.lower()
    return next(family for beginnings, family in _FAMILIES if name.startswith(beginnings))


def _size_of(model: OnnxModel, family: _Family) -> tuple[int, int]:
    """Width and height in pixels that the model wants."""
    shape = model.input_shape
    if len(shape) != 4 or shape[0] not in (1, None) or shape[1] not in (_CHANNELS, None):
        found = " x ".join("any" if axis is None else str(axis) for axis in shape)
        raise ModelError(
            f"{model.path.name} can't find backgrounds: it takes {found}, and 1 x 3 x height x width was"
            " expected. Choose a model such as u2net.onnx."
        )
    return shape[3] or family.side, shape[2] or family.side


def _shares(found: Numbers) -> Numbers:
    """How much of each pixel is subject, from 0 to 1: `[height, width]` spread over the whole range.

    Some models answer before the last step, in numbers of any size. A map of one value has nothing to
    spread, and one in which no pixel is likely subject keeps its values: rembg spreads the noise of a model
    that found nothing to a mask.
    """
    values = np.nan_to_num(found)
    if values.min() < 0 or values.max() > 1:
        values = 1 / (1 + np.exp(-np.clip(values, -60, 60)))
    low, high = values.min(), values.max()
    return values if low == high or high < _LEAST_SUBJECT else (values - low) / (high - low)
