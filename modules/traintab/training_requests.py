"""*Sample now* and *Save now*, for whichever training runs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from .drawing import InTraining
from .errors import NothingToDoError
from .jobs import JobSnapshot
from .training.requests import Wanted, too_late

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
        """Have a copy saved that stays, and the embedding's own file; both are the result, once `changed()`
        has been called.

        Raises NothingToDoError while nothing is trained, telling what to do instead.
        """
        saved: Future[list[Path]] = Future()
        self._ask(Wanted.SAVE).add_done_callback(lambda done: self._pass_on(done, saved))
        return saved

    def _pass_on(self, done: Future[list[Path]], saved: Future[list[Path]]) -> None:
        """Answer when the file's change is known: whoever looks then shall find it."""
        error = too_late(Wanted.SAVE) if done.cancelled() else done.exception()
        try:
            if error is None:
                self._changed()
        finally:
            _answer(saved, done.result() if error is None else error)

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


def _answer(saved: Future[list[Path]], answer: list[Path] | BaseException) -> None:
    """Unless nobody waits any more."""
    if not saved.set_running_or_notify_cancel():
        return
    if isinstance(answer, BaseException):
        saved.set_exception(answer)
    else:
        saved.set_result(answer)
