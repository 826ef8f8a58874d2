"""What training pictures and the files beside them are called."""

from __future__ import annotations

from pathlib import PurePath

__all__ = ["DEBUG_FOLDER", "caption_name", "debug_name", "mask_name", "picture_stem", "shortened"]

DEBUG_FOLDER = "debug"
_LONGEST_NAME_BYTES = 200


def shortened(name: str) -> str:
    """As much of `name` as leaves room for the counter and the suffix in a file name: 200 bytes."""
    return name.encode("utf-8", "surrogateescape")[:_LONGEST_NAME_BYTES].decode("utf-8", "ignore")


def picture_stem(number: int, sub: int, name: str) -> str:
    """A training picture's name without the suffix, as in A1111: `00003-0-name`.

    `number` is the source's, `sub` counts what became of it.
    """
    return f"{number:05d}-{sub}-{name}"


def caption_name(picture: str) -> str:
    """The caption's file beside a picture file."""
    return str(PurePath(picture).with_suffix(".txt"))


def mask_name(picture: str) -> str:
    """The mask's file beside a picture file, as training looks for it."""
    return f"{PurePath(picture).stem}-masklabel.png"


def debug_name(number: int, sub: int, name: str) -> str:
    """Where a debug picture goes."""
    return f"{DEBUG_FOLDER}/{picture_stem(number, sub, name)}.png"
