"""A picture's numbers as red, green, blue and alpha of 8 bits, whatever they mean in the file."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageCms

__all__ = ["Numbers", "eight_bits", "in_rgb", "is_transparent", "over_color", "with_alpha"]

# Of real numbers: pictures reach to 1, with a little or much beyond for what is brighter than white.
_MOST_BEYOND_WHITE = 16

Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]


def is_transparent(image: Image.Image) -> bool:
    """Whether a picture may have transparent parts: Pillow 10.1's `has_transparency_data`.

    Some web UIs bring Pillow 9.5.
    """
    return image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info


def with_alpha(image: Image.Image) -> Image.Image:
    """As RGBA; Pillow converts La, LA with the colour multiplied by it, to LA alone."""
    return (image.convert("LA") if image.mode == "La" else image).convert("RGBA")


def over_color(image: Image.Image, background: str) -> Image.Image:
    """An RGBA picture in RGB, as it is seen over a colour."""
    return Image.alpha_composite(Image.new("RGBA", image.size, background), image).convert("RGB")


def in_rgb(image: Image.Image) -> Image.Image:
    """An opaque picture in RGB: CMYK by the profile in the file, which tells what its inks look like."""
    profile: Any = io.BytesIO(image.info.get("icc_profile") or b"")
    if image.mode == "LAB":  # by definition, which Pillow's own conversion doesn't know
        profile = ImageCms.createProfile("LAB")
    elif image.mode != "CMYK" or not image.info.get("icc_profile"):
        return image.convert("RGB")
    try:
        seen = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ImportError):  # a broken profile, one of RGB, no littlecms
        return image.convert("RGB")
    return image.convert("RGB") if seen is None else seen


def eight_bits(numbers: Numbers, mode: str) -> Bytes:
    """Pillow cuts values off at 255; scale them instead, by the range that the file makes use of.

    16-bit whole numbers are taken by their high byte. Others, and real numbers, reach from 0 to 1, 255 or
    65535, whichever holds the largest; NaN is black. Real numbers that go little beyond 1 still reach to
    1, and what is beyond is white: sharpening leaves some, and photos of wide range have much.
    """
    values = np.nan_to_num(numbers.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    top = values.max(initial=0)
    if mode.startswith("I;16"):
        divisor = 256.0
    elif mode == "F" and top <= _MOST_BEYOND_WHITE:
        divisor = 1 / 255
    else:
        divisor = 1.0 if top <= 255 else max(256.0, top / 255)
    return np.clip(values / divisor, 0, 255).astype(np.uint8)
