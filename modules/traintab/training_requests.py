"""*Sample now* and *Save now*, for whichever training runs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from .drawing import InTraining
from .errors import NothingToDoError
from .jobs import JobSnapshot
from .training.requests import Wanted

__all__ = ["TrainingRequests"]

_INSTEAD = {
    Wanted.SAMPLE: "pictures with the embeddings there are can be drawn in txt2img",
    Wanted.SAVE: "what a training learned is saved when it ends or is interrupted",
}


class TrainingRequests:
    """Asks the training in progress, from any thread; it answers after the step it is at.

    `job()` is the current job, or the last one; `changed()` is called when the embedding's file was written.
    """

    def __init__(
        self, in_training: InTraining, job: Callable[[], JobSnapshot], changed: Callable[[], None]
    ) -> None:
        self._in_training = in_training
        self._job = job
        self._changed = changed

    def sample(self) -> Future[list[Path]]:
        """Have the previews drawn with the vectors as they are; the result is the pictures' files.

        Raises NothingToDoError while nothing is trained, telling what to do instead.
        """
        return self._ask(Wanted.SAMPLE)

    def save(self) -> Future[list[Path]]:
        """Have a copy saved that stays, and the embedding's own file; both are the result.

        Raises NothingToDoError while nothing is trained, telling what to do instead.
        """
        saved = self._ask(Wanted.SAVE)
        saved.add_done_callback(
            lambda done: None if done.cancelled() or done.exception() else self._changed()
        )
        return saved

    def _ask(self, wanted: Wanted) -> Future[list[Path]]:
        requests, job = self._in_training.requests, self._job()
        if requests is not None:
            return requests.ask(wanted)
        if job.kind == "train" and job.status.is_active:
            raise NothingToDoError(
                f"{wanted.value}: {job.title} is still being prepared; press again once steps are counted."
            )
        running = (
            f"{job.title} is running, not a training" if job.status.is_active else "no training runs now"
        )
        raise NothingToDoError(f"{wanted.value}: {running}. Start or resume one first; {_INSTEAD[wanted]}.")
