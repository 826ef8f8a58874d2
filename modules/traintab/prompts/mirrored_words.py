"""The caption of a mirrored picture: what was left is right."""

from __future__ import annotations

import re

__all__ = ["mirrored_words"]

_OTHER = {"left": "right", "right": "left"}

# Words that are made of one: leftmost, rightward, left-handed, right_hand, lefthand.
_ENDINGS = r"(?:most|wards?|hand(?:ed|er)?)?"
_WORD = re.compile(rf"(?<![^\W_])(left|right)(?={_ENDINGS}(?![^\W_]))", re.IGNORECASE)

# `all right`, `right now`, `right angle`: no direction, whatever stands around them.
_CORRECT = re.compile(r"(?<![^\W_])all[\s_]+$", re.IGNORECASE)
_NEVER_A_DIRECTION = re.compile(
    r"[\s_-]+(?:now|away|angles?|angled|triangles?|(?:side|way)[\s_-]+up|of[\s_]+way)(?![^\W_])",
    re.IGNORECASE,
)
# `right next to`, `left open`: none either, unless after `the` and the like: `on the right behind a tree`.
# `right-over-left kimono` and `left over her right leg` are two directions.
_SELDOM_A_DIRECTION = re.compile(
    r"[\s_-]+(?:next[\s_]+to|at|into|beside|behind|in[\s_]+front|in[\s_]+the[\s_]+middle|there|here|before|after"
    r"|on[\s_]+top|above|below|under|alone|open|blank|ajar|unfinished|undone"
    r"|overs?(?![\s_-]+(?:[^\W_]+[\s_-]+)?(?:left|right)(?![^\W_])))(?![^\W_])",
    re.IGNORECASE,
)
_POINTED_AT = re.compile(
    r"(?<![^\W_])(?:the|his|her|its|their|your|my|our|to|on|far|upper|lower|top|bottom)[\s_-]+$",
    re.IGNORECASE,
)
_LOOKED_BACK = 24  # more letters than the longest of these words has


def mirrored_words(caption: str) -> str:
    """The caption with `left` and `right` exchanged, for a picture whose left and right are exchanged.

    They are exchanged as whole words and as the beginning of words such as `left-handed`, `right_hand` and
    `leftmost`, capitals kept; `bright`, `copyright` and `leftovers` stay. So do phrases in which they are no
    direction: `right next to`, `all right`, `right angle`, `left behind`, unless a word such as `the` stands
    before: `on the right behind a tree`. English only. Twice gives the caption again, but for capitals
    inside of a word (`LeFt`).
    """
    return _WORD.sub(_exchanged, caption)


def _exchanged(match: re.Match[str]) -> str:
    word = match[1]
    if not _is_direction(match):
        return word
    other = _OTHER[word.lower()]
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other


def _is_direction(match: re.Match[str]) -> bool:
    text, end = match.string, match.end()
    before = text[max(0, match.start() - _LOOKED_BACK) : match.start()]
    if _CORRECT.search(before) or _NEVER_A_DIRECTION.match(text, end):
        return False
    return _POINTED_AT.search(before) is not None or _SELDOM_A_DIRECTION.match(text, end) is None
