"""What guides to training an embedding advise, for a folder as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...configs import PreprocessConfig
from .findings import Looked

__all__ = ["advice_for"]

_FEW = 20
_VERY_FEW = 5
_BY_BLIP = ("blip", "blip and tags")
_SIDES = re.compile(r"(?<![^\W_])(left|right)(?![^\W_])", re.IGNORECASE)


def advice_for(looked: Looked) -> tuple[str, ...]:
    """Sentences, the most important first; none when there is nothing to say."""
    return tuple(sentence for advise in _ADVICE if (sentence := advise(looked)))


def _more_pictures(looked: Looked) -> str:
    count = len(looked.pictures)
    if not 0 < count < _FEW:
        return ""
    told = "1 picture is" if count == 1 else f"{count} pictures are"
    if count < _VERY_FEW:
        return f"{told} very few: 5 is the least that teaches a subject, 20 to 30 or more are wanted."
    return (
        f"{told} enough to begin with; 20 to 30 or more teach better, and a style wants more than a subject."
    )


def _flip(looked: Looked) -> str:
    if looked.config.flip != "none" or not 0 < len(looked.pictures) < _FEW:
        return ""
    return (
        "With fewer than 20 pictures, Create flipped copies (horizontal) doubles them; not for subjects whose"
        " left and right differ, such as a scar or a parting."
    )


def _blip_on_drawings(looked: Looked) -> str:
    if not _are_drawn(looked) or looked.config.caption not in (*_BY_BLIP, "none"):
        return ""
    if looked.config.caption == "none" and all(one.caption for one in looked.pictures):
        return ""
    return (
        "These look like drawings (a guess, by their few colours): BLIP describes drawings poorly; tags as"
        " Caption know them better."
    )


def _swap_sides(looked: Looked) -> str:
    config = looked.config
    if not _mirrors(config) or config.captioning.swap_left_and_right:
        return ""
    count = sum(bool(_SIDES.search(one.caption or "")) for one in looked.pictures)
    if not count:
        return ""
    told = "1 caption says" if count == 1 else f"{count} captions say"
    return (
        f"{told} left or right, which is wrong of mirrored copies: switch on Swap left and right in captions"
        " of flipped copies."
    )


def _are_drawn(looked: Looked) -> bool:
    drawn = sum(one.is_drawn for one in looked.pictures)
    return drawn > 0 and drawn * 2 >= len(looked.pictures)


def _mirrors(config: PreprocessConfig) -> bool:
    return config.flip in ("horizontal", "both")


_ADVICE: tuple[Callable[[Looked], str], ...] = (_more_pictures, _flip, _blip_on_drawings, _swap_sides)
