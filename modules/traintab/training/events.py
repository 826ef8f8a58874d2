"""What a training run tells the world, one frozen record an occurrence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from .requests import Requests

__all__ = [
    "BestStep",
    "CheckpointSaved",
    "Evaluated",
    "PreviewSaved",
    "StepCompleted",
    "TrainingEvent",
    "TrainingFinished",
    "TrainingInterrupted",
    "TrainingNotice",
    "TrainingStarted",
]


@dataclass(frozen=True, kw_only=True)
class TrainingStarted:
    """Everything is loaded; the next event is a step. `step` is where the run starts, 0 for a new one.

    A batch holds `batch_size` pictures and a step `accumulation` batches: less than was asked for where there
    aren't so many pictures, 0 where nobody knows. Like all that follows they are for the program.

    `current_embeddings()` copies what is trained as of the last completed step; it may be called until the
    run ends, by whoever asks for the events, between two of them. It is for the program, not to be told, and
    so are `evaluations`: the (step, loss) points that a resumed run has already, and `requests`, which takes
    what is asked of the run meanwhile.
    """

    step: int
    total_steps: int
    steps_per_epoch: int
    num_images: int
    run_dir: Path
    message: str = ""
    batch_size: int = field(default=0, repr=False)
    accumulation: int = field(default=0, repr=False)
    current_embeddings: Callable[[], tuple[Embedding, ...]] | None = field(
        default=None, repr=False, compare=False
    )
    evaluations: tuple[tuple[int, float], ...] = field(default=(), repr=False)
    requests: Requests | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class TrainingNotice:
    """Progress or advice before and between the steps: a sentence, with a fraction from 0 to 1 if known."""

    message: str
    fraction: float | None = None


@dataclass(frozen=True, kw_only=True)
class StepCompleted:
    """One optimizer update is done: `step` updates in all; `epoch` counts from 1.

    `loss` is the mean of the step's batch, or None when it was left on the device to save a read-back.
    `learning_rate` is the one that the optimizer used, Prodigy's its own.
    `skipped_updates` counts how often, in the whole run, an update in float16 had to be tried again because
    its gradient was out of range.
    """

    step: int
    epoch: int
    loss: float | None
    learning_rate: float
    prompt: str = ""
    skipped_updates: int = 0


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """The vectors after `step` updates have this mean `loss` on the evaluation set, the same each time.

    `is_best` says whether it is the lowest so far. `variance_share` is the variance of the newest evaluations
    divided by that of all, by which the automatic stop decides; None until there are enough of them.
    """

    step: int
    loss: float
    is_best: bool
    variance_share: float | None = None


@dataclass(frozen=True, kw_only=True)
class BestStep:
    """The best vectors so far, those of `step` with this loss on the evaluation set, are kept in `path`.

    The file goes when better ones come, unless it is also one of the regular copies.
    """

    step: int
    loss: float
    path: Path


@dataclass(frozen=True, kw_only=True)
class CheckpointSaved:
    """A copy of the embedding, or the embedding itself, was written whole to `path`."""

    step: int
    path: Path


@dataclass(frozen=True, kw_only=True)
class PreviewSaved:
    """A preview picture was drawn with the vectors of `step` and written to `path`.

    `number` counts from 1 where previews are a list of several pictures.
    """

    step: int
    path: Path
    prompt: str = ""
    number: int = 1


@dataclass(frozen=True, kw_only=True)
class TrainingInterrupted:
    """The user asked to stop; `path` holds the vectors of `step`, and the run can be resumed."""

    step: int
    path: Path
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class TrainingFinished:
    """All steps are done, or the automatic stop was reached; `path` is the finished embedding.

    `reason` is "steps", "schedule" (the learning-rate schedule ended) or "automatic_stop". `best_path` holds
    the vectors of `best_step`, those of the lowest loss on the evaluation set; None without evaluations.
    """

    step: int
    path: Path
    message: str = ""
    reason: str = "steps"
    best_step: int | None = None
    best_path: Path | None = None


TrainingEvent = (
    TrainingStarted
    | TrainingNotice
    | StepCompleted
    | Evaluated
    | BestStep
    | CheckpointSaved
    | PreviewSaved
    | TrainingInterrupted
    | TrainingFinished
)
