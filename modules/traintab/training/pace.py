"""How long a training takes and how much memory it needs, judged by what was measured before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Expected", "Pace", "expected_pace"]


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What one training measured, with what it depends on.

    `model` is the model's name as settings have it, `device` and `precision` torch's names; sizes in pixels.
    Seconds are those of one step, one preview picture and one evaluation; None was never seen.
    `seconds_before` passed before the first step. `peak_memory` and `total_memory` are bytes.
    """

    model: str
    device: str
    precision: str
    width: int
    height: int
    batch_size: int
    accumulation: int
    checkpointing: str = "auto"
    seconds_per_step: float = 0.0
    seconds_per_preview: float | None = None
    seconds_per_evaluation: float | None = None
    seconds_before: float = 0.0
    peak_memory: int | None = None
    total_memory: int | None = None

    @property
    def at_once(self) -> int:
        """Pixels that go through the model at once, by which its memory grows."""
        return self.width * self.height * self.batch_size

    @property
    def work(self) -> int:
        """Pixels of a step, by which its time grows."""
        return self.at_once * self.accumulation

    def is_of(self, other: Pace) -> bool:
        """Whether both were measured with the same model on the same device, as far as that is known."""
        return self.model == other.model and all(
            "" in (one, two) or one == two
            for one, two in ((self.device, other.device), (self.precision, other.precision))
        )


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A pace for the settings asked about: `is_measured` with these very settings, else reckoned from
    `origin`, which differs in size or batch.

    Of memory only what is known for sure is told: `memory_is_most` says that the need is at most
    `pace.peak_memory`, `memory_is_least` that it is that or more.
    """

    pace: Pace
    origin: Pace
    is_measured: bool
    memory_is_most: bool = False
    memory_is_least: bool = False


def expected_pace(asked: Pace, known: Iterable[Pace]) -> Expected | None:
    """The pace of settings like `asked` (whose figures don't matter), by the best of what is `known`.

    `known` are in the order of time: of equals the newest counts. A step of twice the pixels is taken to last
    twice as long. None when nothing is known of the model on this device.
    """
    own = [pace for pace in known if pace.is_of(asked)]
    if not own:
        return None
    best = min(reversed(own), key=lambda pace: _distance(pace, asked))
    if _distance(best, asked) == (0.0, False):
        return Expected(pace=best, origin=best, is_measured=True)
    factor = asked.work / max(best.work, 1)
    pace = dataclasses.replace(
        asked,
        seconds_per_step=best.seconds_per_step * factor,
        seconds_per_preview=_times(best.seconds_per_preview, asked, best),
        seconds_per_evaluation=_times(best.seconds_per_evaluation, asked, best),
        seconds_before=best.seconds_before,
        peak_memory=best.peak_memory,
        total_memory=best.total_memory,
    )
    is_same = best.checkpointing == asked.checkpointing
    return Expected(
        pace=pace,
        origin=best,
        is_measured=False,
        memory_is_most=is_same and asked.at_once <= best.at_once,
        memory_is_least=is_same and asked.at_once > best.at_once,
    )


def _distance(pace: Pace, asked: Pace) -> tuple[float, bool]:
    """How unlike the work of a step is, as a ratio less 1; of equals those with the same checkpointing."""
    work = max(pace.work, asked.work) / max(min(pace.work, asked.work), 1) - 1
    once = max(pace.at_once, asked.at_once) / max(min(pace.at_once, asked.at_once), 1) - 1
    return work + once, pace.checkpointing != asked.checkpointing


def _times(seconds: float | None, asked: Pace, best: Pace) -> float | None:
    """Of a single picture: its time goes by the pixels of one."""
    if seconds is None:
        return None
    return seconds * (asked.width * asked.height) / max(best.width * best.height, 1)
