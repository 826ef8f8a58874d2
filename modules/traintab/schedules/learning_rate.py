"""Learning-rate schedules as A1111's Train tab writes them: `rate[:step], rate[:step], ...`.

`5e-3:100, 1e-3:1000, 1e-5` trains with 5e-3 until 100 steps are completed, with 1e-3 until 1000, and with
1e-5 to the end. A schedule whose last entry has a step ends the run there.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ..errors import ScheduleError

__all__ = ["Schedule", "Segment"]

_RATE = re.compile(
    r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf|infinity)", re.ASCII | re.IGNORECASE
)
_STEP = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_EXAMPLE = "Write a rate, or rates with the step at which each ends, such as 5e-3:100, 1e-3:1000, 1e-5."
_MAX_LENGTH = 2000


@dataclass(frozen=True)
class Segment:
    """`rate` holds while `start <= completed steps < end`."""

    rate: float
    start: int
    end: int


@dataclass(frozen=True)
class Schedule:
    """The learning rate at every step; `segments` follow each other without gaps from step 0."""

    text: str
    segments: tuple[Segment, ...]

    @classmethod
    def parse(cls, text: str, *, max_steps: int) -> Schedule:
        """Understand a schedule for a run of `max_steps` steps in all.

        A1111's rules: an entry without a step, or with `:-1`, lasts to the end; steps are cut at `max_steps`;
        an entry for step 0 and empty items are ignored; an entry that ends before it starts (`5e-3:100,
        1e-3:50`) holds for one step. Unlike there a rate must be above zero and finite, and more than one
        colon is refused. Raises ScheduleError with `position` and a message whose first line is a sentence
        and whose last two lines are the text and a caret below the character.
        """
        return cls(text=text, segments=_segments(_entries(text), text, max_steps))

    @property
    def end_step(self) -> int:
        """Completed steps at which the schedule is exhausted and the run ends."""
        return self.segments[-1].end

    def at(self, completed_steps: int) -> float | None:
        """The rate for the step that follows `completed_steps`; None when the schedule is exhausted."""
        for segment in self.segments:
            if completed_steps < segment.end:
                return segment.rate
        return None


@dataclass(frozen=True)
class _Entry:
    """One item of the text; `end` is None when the rate lasts to the end of the run."""

    rate: float
    end: int | None


def _entries(text: str) -> list[_Entry]:
    if len(text) > _MAX_LENGTH:
        raise _error(text, _MAX_LENGTH, f"a schedule has at most {_MAX_LENGTH} characters")
    entries: list[_Entry] = []
    start = 0
    for item in text.split(","):
        if item.strip():
            entries.append(_entry(text, start, start + len(item)))
        start += len(item) + 1
    if not entries:
        raise _error(text, 0, "a learning rate was expected")
    return entries


def _entry(text: str, start: int, end: int) -> _Entry:
    """The item `text[start:end]`."""
    colon = text.find(":", start, end)
    rate = _rate(text, start, end if colon < 0 else colon)
    if colon < 0:
        return _Entry(rate, None)
    second_colon = text.find(":", colon + 1, end)
    if second_colon >= 0:
        raise _error(text, second_colon, "a comma was expected before the next rate")
    return _Entry(rate, _step(text, colon + 1, end))


def _rate(text: str, start: int, end: int) -> float:
    start, end = _without_blanks(text, start, end)
    match = _RATE.match(text, start, end)
    if match is None:
        raise _error(text, start, "a learning rate was expected")
    if match.end() < end:
        raise _error(text, match.end(), "a comma or a colon was expected after the learning rate")
    rate = float(match[0])
    if not (math.isfinite(rate) and rate > 0):
        raise _error(text, start, f"a learning rate must be a number above 0, not {match[0]}")
    return rate


def _step(text: str, start: int, end: int) -> int | None:
    start, end = _without_blanks(text, start, end)
    match = _STEP.match(text, start, end)
    if match is None:
        raise _error(text, start, "the step at which the rate ends was expected after the colon")
    if match.end() < end:
        raise _error(text, match.end(), "a step is a whole number")
    step = int(match[0])
    if step < -1:
        raise _error(text, start, "a step must be 0 or more, or -1 for the end of the run")
    return None if step == -1 else step


def _without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    item = text[start:end]
    return start + len(item) - len(item.lstrip()), end - (len(item) - len(item.rstrip()))


def _segments(entries: list[_Entry], text: str, max_steps: int) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    start = 0
    for entry in entries:
        end = max_steps if entry.end is None else entry.end
        if end == 0 or start >= max_steps:
            continue
        end = min(max(end, start + 1), max_steps)
        segments.append(Segment(entry.rate, start, end))
        start = end
    if not segments:
        raise _error(text, 0, f"no entry covers any of the {max_steps} steps")
    return tuple(segments)


def _error(text: str, position: int, problem: str) -> ScheduleError:
    """`position` counts from 0 and may be the end of the text; the message counts characters from 1."""
    position = min(position, len(text))
    shown = "".join(character if character.isprintable() else " " for character in text[:_MAX_LENGTH])
    return ScheduleError(
        f"The learning-rate schedule {shown!r} can't be used at character {position + 1}:"
        f" {problem}. {_EXAMPLE}\n{shown}\n{' ' * position}^",
        position=position,
    )
