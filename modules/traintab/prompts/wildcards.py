"""Wildcards: `{red|dark red} hat` is one of its variants, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = ["Wildcards", "one_of_lines"]

_OPEN, _OR, _CLOSE, _ESCAPE = "{|}\\"
_MOST_INSIDE = 32  # nobody writes more, and Python's own depth has an end


@dataclass(frozen=True)
class Wildcards:
    """A text with places of which one variant each is shown.

    `parts` are texts, and tuples of variants, which may have such places themselves.
    """

    parts: tuple[str | tuple[Wildcards, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Wildcards:
        """`{a|b}` is a place with two variants; a backslash before one of the signs makes it an ordinary one.

        A closing bracket and a bar outside of brackets are ordinary too. Raises ValueError, with a phrase for
        the user, for a bracket that is never closed, and for one inside too many others.
        """
        return _Reader(text).sequence(stop="")

    @property
    def varies(self) -> bool:
        """Whether there is anything to draw."""
        return any(not isinstance(part, str) for part in self.parts)

    def draw(self, random: Callable[[], float]) -> str:
        """One variant; `random` gives numbers in [0, 1) and is asked once for each place that is shown."""
        return "".join(
            part if isinstance(part, str) else part[int(random() * len(part))].draw(random)
            for part in self.parts
        )

    def first(self, wanted: Callable[[str], bool]) -> str:
        """The text with, in each place, the first variant that is `wanted`, or else simply the first."""
        written = []
        for part in self.parts:
            variants = [part] if isinstance(part, str) else [variant.first(wanted) for variant in part]
            written.append(next(filter(wanted, variants), variants[0]))
        return "".join(written)


def one_of_lines(lines: Iterable[str]) -> str:
    """A wildcard of which each line is a variant; a bar between the words of a line stays one."""
    return _OPEN + _OR.join(map(_line_as_variant, lines)) + _CLOSE


def _line_as_variant(line: str) -> str:
    """`line` with its signs outside of brackets made ordinary ones."""
    depth, written, escaped = 0, [], False
    for sign in line:
        if not escaped and sign in (_OR, _CLOSE) and depth == 0:
            written.append(_ESCAPE)
        elif not escaped:
            depth += (sign == _OPEN) - (sign == _CLOSE)
        escaped = sign == _ESCAPE
        written.append(sign)
    # At its end a backslash would make the sign behind the line an ordinary one.
    return "".join(written) + (" " if escaped else "")


class _Reader:
    """Reads a text from its beginning to its end, bracket by bracket."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._opened: list[int] = []

    def sequence(self, stop: str) -> Wildcards:
        """Texts and places up to one of the signs in `stop`, or to the end."""
        parts: list[str | tuple[Wildcards, ...]] = []
        plain: list[str] = []
        while self._place < len(self._text) and self._text[self._place] not in stop:
            if self._text[self._place] == _OPEN:
                parts.append("".join(plain))
                plain = []
                parts.append(self._variants())
            else:
                plain.append(self._sign())
        return Wildcards(tuple(part for part in (*parts, "".join(plain)) if part != ""))

    def _sign(self) -> str:
        """The next sign; a backslash belongs to the brackets and bars behind it alone."""
        following = self._text[self._place + 1 : self._place + 2]
        if self._text[self._place] == _ESCAPE and following and following in (_OPEN, _OR, _CLOSE):
            self._place += 1
        self._place += 1
        return self._text[self._place - 1]

    def _variants(self) -> tuple[Wildcards, ...]:
        found = []
        self._opened.append(self._place)
        if len(self._opened) > _MOST_INSIDE:
            raise ValueError(f"the bracket {{ at character {self._place + 1} is inside too many others")
        while True:
            self._place += 1
            found.append(self.sequence(stop=_OR + _CLOSE))
            if self._place == len(self._text):
                raise ValueError(f"the bracket {{ at character {self._opened[-1] + 1} is never closed")
            if self._text[self._place] == _CLOSE:
                self._place += 1
                self._opened.pop()
                return tuple(found)
