"""How many pictures have a tag, or a word, in their captions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .picture_caption import PictureCaption
from .tags import tag_key

__all__ = ["TagCount", "counted", "words_in"]

_WORD = re.compile(r"[^\W_](?:[\w'’-]*\w)?")


@dataclass(frozen=True, kw_only=True)
class TagCount:
    """How many pictures have a tag in their captions; `share` is of all that can be edited, 0 to 1."""

    tag: str
    count: int
    share: float


def counted(
    pictures: Sequence[PictureCaption], parts_of: Callable[[PictureCaption], Iterable[str]]
) -> list[TagCount]:
    """The parts of captions in their most frequent writings, the most frequent first, then by alphabet."""
    counts: Counter[str] = Counter()
    writings: dict[str, Counter[str]] = {}
    for picture in pictures:
        own = Counter(parts_of(picture))
        counts.update({tag_key(part) for part in own})
        for part, times in own.items():
            writings.setdefault(tag_key(part), Counter())[part] += times
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        TagCount(tag=writings[key].most_common(1)[0][0], count=count, share=count / len(pictures))
        for key, count in ordered
    ]


def words_in(text: str) -> list[str]:
    """The words of a text, without the signs between them: `a girl's t-shirt` has three."""
    return _WORD.findall(text)
