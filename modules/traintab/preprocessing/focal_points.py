"""Where the eye goes in a picture: corners, the busiest window, faces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from ..errors import InputError

__all__ = ["FocalPoint", "corner_points", "entropy_point", "face_points"]

_CASCADES = (
    "haarcascade_frontalface_default.xml",
    "haarcascade_frontalface_alt2.xml",
    "haarcascade_profileface.xml",
)
_ENTROPY_STRIDE = 4
_ENTROPY_LEVELS = 16


@dataclass(frozen=True, kw_only=True)
class FocalPoint:
    """A place that draws the eye, in pixels from the upper left corner; `size` is its extent, for drawing."""

    x: float
    y: float
    size: float = 4.0


def corner_points(image: Image.Image) -> list[FocalPoint]:
    """Up to 100 strong corners of an RGB `image` (Shi and Tomasi, "Good Features to Track", 1994).

    The lowest tenth is not looked at: signatures and watermarks live there.
    """
    looked_at = np.full((image.height, image.width), 255, dtype=np.uint8)
    looked_at[int(image.height * 0.9) :] = (
        0  # not painted over, as in the web UI: that makes corners of edges
    )
    corners = cv2.goodFeaturesToTrack(
        np.array(image.convert("L"), dtype=np.uint8),
        maxCorners=100,
        qualityLevel=0.04,
        minDistance=min(image.size) * 0.06,
        mask=looked_at,
    )
    if corners is None:
        return []
    return [FocalPoint(x=float(x), y=float(y)) for x, y in np.asarray(corners).reshape(-1, 2)]


def entropy_point(image: Image.Image, width: int, height: int) -> FocalPoint | None:
    """The middle of the `width` x `height` window with the richest tones, slid along the longer side.

    Richness is the entropy of the grey levels in 16 bins. None when the window can't move or all are flat.
    """
    levels = np.asarray(image.convert("L"), dtype=np.int64) * _ENTROPY_LEVELS // 256
    lengthwise = image.width - width >= image.height - height
    lines = levels.T if lengthwise else levels
    window = width if lengthwise else height
    room = lines.shape[0] - window
    if room <= 0:
        return None
    entropies, starts = _window_entropies(lines, window)
    if entropies.max() <= 0:
        return None
    middle = float(starts[int(entropies.argmax())]) + window / 2
    if lengthwise:
        return FocalPoint(x=middle, y=image.height / 2, size=25)
    return FocalPoint(x=image.width / 2, y=middle, size=25)


def _window_entropies(
    lines: npt.NDArray[np.int64], window: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Entropy in bits of every window of `window` lines, and the lines they start at."""
    counts = np.stack([np.bincount(line, minlength=_ENTROPY_LEVELS) for line in lines])
    sums = np.concatenate([np.zeros((1, _ENTROPY_LEVELS), dtype=np.int64), counts.cumsum(axis=0)])
    starts = np.arange(0, lines.shape[0] - window + 1, _ENTROPY_STRIDE, dtype=np.int64)
    shares = (sums[starts + window] - sums[starts]) / (window * lines.shape[1])
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    return -(shares * logs).sum(axis=1), starts


def face_points(image: Image.Image) -> list[FocalPoint]:
    """One point a face, between the eyes (a third down its box), by the cascades that come with OpenCV 4.

    Viola and Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", 2001. The first
    cascade that finds any face decides. Raises InputError when this OpenCV has none (version 5).
    """
    folder = Path(cv2.__file__).parent / "data"
    if not hasattr(cv2, "CascadeClassifier") or not (folder / _CASCADES[0]).is_file():
        raise InputError(
            f"Finding faces needs OpenCV 4, but version {cv2.__version__} is installed. Install"
            ' "opencv-python-headless>=4.10,<5", or set the focal point face weight to 0.'
        )
    grey = cv2.equalizeHist(np.array(image.convert("L"), dtype=np.uint8))
    smallest = max(20, min(image.size) // 8)
    for name in _CASCADES:
        cascade = cv2.CascadeClassifier(str(folder / name))
        boxes = cascade.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=7, minSize=(smallest, smallest))
        if len(boxes):
            return [
                FocalPoint(x=float(x + w / 2), y=float(y + h * 0.33), size=float(w / 2))
                for x, y, w, h in boxes
            ]
    return []
