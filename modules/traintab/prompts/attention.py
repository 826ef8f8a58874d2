r"""A1111's attention grammar: which words of a prompt weigh how much.

`(a)` weighs 1.1 times more, `[a]` 1.1 times less, `(a:1.3)` exactly 1.3 times; brackets nest and multiply,
`\(` `\)` `\[` `\]` `\\` are plain characters, a bracket that is never closed lasts to the end, one that was
never opened is text. `BREAK` as a word of its own ends a chunk of 75 tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .weights import limited_weight

__all__ = ["WeightedText", "parse_attention"]

_ROUND = 1.1
_SQUARE = 1 / 1.1
_TOKEN = re.compile(
    r"""
    \\(?P<escaped>[()\[\]\\]?)                                          # a lone backslash disappears
    | (?P<bracket>[()\[\]])
    | :\s*(?P<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)
    | (?P<text>[^\\()\[\]:]+|:)
    """,
    re.VERBOSE | re.ASCII,
)
_BREAK = re.compile(r"\s*\bBREAK\b\s*")


@dataclass(frozen=True)
class WeightedText:
    """A stretch of prompt text and its weight; `is_break` marks a `BREAK`, whose text isn't encoded."""

    text: str
    weight: float
    is_break: bool = False


_BREAK_ENTRY = WeightedText("BREAK", -1.0, is_break=True)


@dataclass
class _Parser:
    """The entries so far, and for every open bracket the index of the first entry inside it."""

    entries: list[WeightedText] = field(default_factory=list)
    round_starts: list[int] = field(default_factory=list)
    square_starts: list[int] = field(default_factory=list)

    def add_text(self, text: str) -> None:
        for index, part in enumerate(_BREAK.split(text)):
            if index:
                self.entries.append(_BREAK_ENTRY)
            self.entries.append(WeightedText(part, 1.0))

    def add_bracket(self, bracket: str) -> None:
        if bracket == "(":
            self.round_starts.append(len(self.entries))
        elif bracket == "[":
            self.square_starts.append(len(self.entries))
        elif bracket == ")" and self.round_starts:
            self.multiply(self.round_starts.pop(), _ROUND)
        elif bracket == "]" and self.square_starts:
            self.multiply(self.square_starts.pop(), _SQUARE)
        else:
            self.add_text(bracket)

    def add_weight(self, weight: str, written: str) -> None:
        if self.round_starts:
            self.multiply(self.round_starts.pop(), limited_weight(float(weight)))
        else:
            self.add_text(written)

    def multiply(self, start: int, factor: float) -> None:
        for index in range(start, len(self.entries)):
            entry = self.entries[index]
            if not entry.is_break:
                self.entries[index] = WeightedText(entry.text, limited_weight(entry.weight * factor))

    def finish(self) -> list[WeightedText]:
        for start in self.round_starts:
            self.multiply(start, _ROUND)
        for start in self.square_starts:
            self.multiply(start, _SQUARE)
        return _merged(self.entries)


def parse_attention(prompt: str) -> list[WeightedText]:
    """Split `prompt` into stretches of equal weight, never empty: an empty prompt is one empty entry.

    A1111's grammar (its `prompt_parser`), with three repairs: a `BREAK` inside brackets still breaks, a
    number that isn't one (`(a:1.2.3)`) is text instead of an error, and weights stay from -100 to 100,
    however large the number or however many the brackets, so that what is encoded stays finite.
    """
    parser = _Parser()
    for match in _TOKEN.finditer(prompt):
        if match["weight"] is not None:
            parser.add_weight(match["weight"], match[0])
        elif match["bracket"] is not None:
            parser.add_bracket(match["bracket"])
        elif match["text"] is not None:
            parser.add_text(match["text"])
        else:
            parser.add_text(match["escaped"])
    return parser.finish()


def _merged(entries: list[WeightedText]) -> list[WeightedText]:
    """Neighbours of equal weight become one entry; empty texts go, unless nothing else is there."""
    merged: list[WeightedText] = []
    for entry in entries:
        if entry.is_break:
            merged.append(entry)
        elif merged and not merged[-1].is_break and merged[-1].weight == entry.weight:
            merged[-1] = WeightedText(merged[-1].text + entry.text, entry.weight)
        elif entry.text:
            merged.append(entry)
    return merged or [WeightedText("", 1.0)]
