"""Colours as people write them in settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import ConfigError
from .option import Option

__all__ = ["not_a_color"]

_NAMES = ("white", "black", "gray", "red", "green", "blue", "yellow", "cyan", "magenta")
# As CSS has them: a digit stands for two equal ones.
_CODE = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def not_a_color(declared: Option, color: str) -> Iterator[ConfigError]:
    """What is wrong with the colour of a setting: nothing for a usual name, `#rgb` or `#rrggbb`."""
    if color.lower() not in _NAMES and not _CODE.fullmatch(color):
        yield ConfigError(
            f"{declared.label} is {color!r}; it must be one of {', '.join(_NAMES)}, or #rrggbb.",
            field=declared.name,
        )
