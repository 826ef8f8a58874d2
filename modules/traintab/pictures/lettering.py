"""Words on pictures: a font that has the letters, as large as fits."""

from __future__ import annotations

import contextlib

from PIL import ImageFont

__all__ = ["Font", "fitted", "fitting", "font_of_size", "legible", "shortened", "text_size"]

_SMALLEST = 13
# Pillow's own font has Latin letters only; the first of these that the machine has and that knows all the
# letters is used for other scripts. The last two have the most letters of those that are anywhere.
_OTHER_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKjp-Regular.otf",
    "wqy-microhei.ttc",
    "DroidSansFallbackFull.ttf",
    "msgothic.ttc",
    "msyh.ttc",
    "malgun.ttf",
    "Hiragino Sans GB.ttc",
    "Arial Unicode.ttf",
    "segoeui.ttf",
    "arial.ttf",
    "DejaVuSans.ttf",
)
# A code point that no font has a letter for: what fonts draw instead of a letter they miss.
_MISSING = "\U0010ffff"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def text_size(font: Font, text: str = "Mg") -> tuple[float, float]:
    """Width and height of `text` in pixels."""
    left, top, right, bottom = font.getbbox(text)
    return right - left, bottom - top


def fitted(text: str, width: int, largest: int) -> Font:
    """The largest font up to `largest` points in which `text` is at most `width` pixels wide."""
    family = _family(text)
    needed = text_size(_font(family, largest), text)[0]
    size = largest if needed <= width else int(largest * width / needed)
    return _font(family, max(size, _SMALLEST))


def shortened(text: str, font: Font, width: int) -> str:
    """As much of `text` as is at most `width` pixels wide, with dots where some is missing."""
    if text_size(font, text)[0] <= width:
        return text
    text = text[: fitting(text, font, width, behind="...")].rstrip()
    return f"{text}..." if text else ""


def fitting(text: str, font: Font, width: int, *, behind: str = "") -> int:
    """How many of the first letters of `text` are at most `width` pixels wide, with what comes `behind`."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        is_fitting = text_size(font, f"{text[:middle].rstrip()}{behind}")[0] <= width
        low, high = (middle, high) if is_fitting else (low, middle - 1)
    return low


def font_of_size(text: str, size: int) -> Font:
    """A font of `size` points that has the letters of `text`, if the machine has one."""
    return _font(_family(text), size)


def legible(text: str, font: Font) -> str:
    """`text` with a question mark for what `font` can't even be asked for: Pillow's oldest is Latin only."""
    if isinstance(font, ImageFont.FreeTypeFont):
        return text
    return text.encode("latin-1", "replace").decode("latin-1")


def _family(text: str) -> str:
    """The file name of a font that has all letters of `text`; empty for Pillow's own, or if none has."""
    candidates = ("", *_OTHER_FONTS) if not text.isascii() else ()
    return next((name for name in candidates if _has_letters(name, text)), "")


def _has_letters(family: str, text: str) -> bool:
    try:
        font = _font(family, _SMALLEST)
        missing = bytes(font.getmask(_MISSING))
    except (OSError, UnicodeEncodeError):  # not on this machine, or Pillow's oldest, which is Latin only
        return False
    return all(letter.isspace() or bytes(font.getmask(letter)) != missing for letter in set(text))


def _font(family: str, size: int) -> Font:
    """The font of that file name, Pillow's own for none. Raises OSError when the machine hasn't got it."""
    if family:
        return ImageFont.truetype(family, size)
    try:
        return ImageFont.load_default(size)
    except TypeError:  # Pillow before 10.1, which some web UIs bring, has one size only
        return _any_font(size)


def _any_font(size: int) -> Font:
    for name in reversed(_OTHER_FONTS):
        with contextlib.suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default()
