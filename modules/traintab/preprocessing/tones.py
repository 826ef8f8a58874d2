"""Brightness and contrast."""

from __future__ import annotations

from PIL import Image, ImageStat

from ..configs import ColorsConfig

__all__ = ["brightened", "contrasted", "toned"]


def toned(image: Image.Image, colors: ColorsConfig) -> Image.Image:
    """An RGB or RGBA `image`, brightened and then contrasted where the settings ask for it."""
    if colors.brightness != 1:
        image = brightened(image, colors)
    return contrasted(image, colors) if colors.contrast != 1 else image


def brightened(image: Image.Image, colors: ColorsConfig) -> Image.Image:
    """An RGB or RGBA `image` with each value multiplied by `brightness`, as Pillow's ImageEnhance does.

    How opaque places are stays.
    """
    return _mapped(image, colors.brightness, 0)


def contrasted(image: Image.Image, colors: ColorsConfig) -> Image.Image:
    """An RGB or RGBA `image` with each value moved away from the mean grey, or towards it, by `contrast`.

    As Pillow's ImageEnhance does; what is transparent doesn't count for the mean, and stays so.
    """
    middle = _mean_grey(image)
    return _mapped(image, colors.contrast, middle - middle * colors.contrast)


def _mean_grey(image: Image.Image) -> int:
    seen = image.getchannel("A") if image.mode == "RGBA" else None
    if seen is not None and seen.getextrema() == (0, 0):
        return 0
    return int(ImageStat.Stat(image.convert("L"), seen).mean[0] + 0.5)


def _mapped(image: Image.Image, factor: float, offset: float) -> Image.Image:
    """Each colour value v as v * factor + offset, kept within 0 and 255."""
    values = [min(max(int(value * factor + offset), 0), 255) for value in range(256)]
    unchanged = list(range(256)) if image.mode == "RGBA" else []
    return image.point(values * 3 + unchanged)
