"""Learning-rate schedules as A1111's Train tab writes them: `rate[:step], rate[:step], ...`.

`5e-3:100, 1e-3:1000, 1e-5` trains with 5e-3 until 100 steps are completed, with 1e-3 until 1000, and with
1e-5 to the end. A schedule whose last entry has a step ends the run there. A step may be a share of Max steps
too, `25%` or `0.25`, and have commas between its thousands.
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
_SHARE = re.compile(r"(?P<percent>(?:\d{1,3}\.?\d*|\.\d+)\s*%)|0?\.\d+", re.ASCII)
# Followed by a comma or the end: in `0.1:10,100:20` the comma stands between two entries.
_THOUSANDS = re.compile(r"\s*\d{1,3}(?:,\d{3}){1,4}(?=\s*(?:,|$))", re.ASCII)
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

        A1111's rules: an entry without a step, or with `:-1`, lasts to the end, and what follows it is left
        out; steps are cut at `max_steps`; an entry for step 0 and empty items are ignored. Unlike there a
        rate must be above zero and finite, each step above the one before, and more than one colon is
        refused, but for the one behind `-1` that many guides have, and what is left out must be readable too.
        Shares of Max steps and commas between thousands are understood.
        Raises ScheduleError with `position` and a message whose first line is a sentence and whose last two
        lines are the text and a caret below the character.
        """
        return cls(text=text, segments=_segments(_entries(text, max_steps), text, max_steps))

    @property
    def single_rate(self) -> float | None:
        """The rate when the text is nothing but one; None for a schedule of several, or with steps."""
        return self.segments[0].rate if _RATE.fullmatch(self.text.strip().strip(",").strip()) else None

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
    """One item of the text; `end`, at `position`, is None when the rate lasts to the end of the run."""

    rate: float
    end: int | None
    position: int


def _entries(text: str, max_steps: int) -> list[_Entry]:
    if len(text) > _MAX_LENGTH:
        raise _error(text, _MAX_LENGTH, f"a schedule has at most {_MAX_LENGTH} characters")
    entries: list[_Entry] = []
    start = 0
    while start <= len(text):
        end = _end_of_item(text, start)
        if text[start:end].strip():
            entries.append(_entry(text, start, end, max_steps))
        start = end + 1
    if not entries:
        raise _error(text, 0, "a learning rate was expected")
    return entries


def _end_of_item(text: str, start: int) -> int:
    """Where the item that begins at `start` ends: at the next comma that isn't one of a step's thousands."""
    comma = text.find(",", start)
    colon = text.find(":", start, comma) if comma >= 0 else -1
    thousands = _THOUSANDS.match(text, colon + 1) if colon >= 0 else None
    if thousands is not None:
        comma = text.find(",", thousands.end())
    return len(text) if comma < 0 else comma


def _entry(text: str, start: int, end: int, max_steps: int) -> _Entry:
    """The item `text[start:end]`."""
    colon = text.find(":", start, end)
    rate = _rate(text, start, end if colon < 0 else colon)
    if colon < 0:
        return _Entry(rate, None, start)
    second_colon = text.find(":", colon + 1, end)
    if second_colon >= 0:
        # Guides write `5e-7:-1:`, which A1111 takes for a rate to the end of the run.
        if text[colon + 1 : second_colon].strip() != "-1" or text[second_colon + 1 : end].strip():
            raise _error(text, second_colon, "a comma was expected before the next rate")
        end = second_colon
    step_at, _ = _without_blanks(text, colon + 1, end)
    return _Entry(rate, _step(text, colon + 1, end, max_steps), step_at)


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


def _step(text: str, start: int, end: int, max_steps: int) -> int | None:
    start, end = _without_blanks(text, start, end)
    share = _SHARE.fullmatch(text, start, end)
    if share is not None:
        return _share_of_steps(text, share, max_steps)
    match = _STEP.match(text, start, end)
    if match is None:
        raise _error(text, start, "the step at which the rate ends was expected after the colon")
    if match.end() < end and not _THOUSANDS.fullmatch(text, start, end):
        raise _error(
            text, match.end(), "a step is a whole number, or a share of Max steps such as 25% or 0.25"
        )
    step = int(text[start:end].replace(",", ""))
    if step < -1:
        raise _error(text, start, "a step must be 0 or more, or -1 for the end of the run")
    return None if step == -1 else step


def _share_of_steps(text: str, share: re.Match[str], max_steps: int) -> int:
    """The step at a share of the run, at least the first."""
    part = float(share[0].rstrip("% ")) / 100 if share["percent"] else float(share[0])
    if not 0 < part <= 1:
        raise _error(text, share.start(), "a share of Max steps is above 0 and at most 100%")
    return max(1, math.floor(part * max_steps + 0.5))


def _without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    item = text[start:end]
    return start + len(item) - len(item.lstrip()), end - (len(item) - len(item.rstrip()))


def _segments(entries: list[_Entry], text: str, max_steps: int) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    start = last_end = 0
    for entry in entries:
        end = max_steps if entry.end is None else entry.end
        if end <= last_end and (entry.end is not None and last_end > 0):
            raise _error(
                text, entry.position, f"a step above {last_end}, where the rate before ends, was expected"
            )
        if start < min(end, max_steps):
            segments.append(Segment(entry.rate, start, min(end, max_steps)))
        start, last_end = min(end, max_steps), end
        if entry.end is None:
            break
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
