"""What becomes of a picture's transparent parts: filled with a colour, or kept."""

from __future__ import annotations

from PIL import Image

from ..configs import ColorsConfig
from ..pictures import over_color

__all__ = ["with_transparency", "without_transparency"]


def with_transparency(image: Image.Image, colors: ColorsConfig) -> Image.Image:
    """An RGBA `image` filled with the chosen colour in RGB, or as it is; an RGB one as it is."""
    return image if colors.keep_transparency else without_transparency(image, colors.transparency_color)


def without_transparency(image: Image.Image, color: str) -> Image.Image:
    """`image` in RGB, RGBA as it is seen over `color`, as Pillow names it: `white`, `#rrggbb`."""
    return over_color(image, color) if image.mode == "RGBA" else image
