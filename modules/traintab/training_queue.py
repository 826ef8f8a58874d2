"""What the queue is for: trainings and preprocessing, checked when they are added and begun at their turn."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .configs import PreprocessConfig, TrainingConfig, check, from_mapping, to_mapping
from .errors import DatasetError, InputError
from .files import user_path
from .jobs import JobSnapshot, Queue, QueueEntry, QueueRunner, QueueSnapshot, QueueStatus, Worker
from .paths import Paths

if TYPE_CHECKING:
    from .training.unfinished import Resume

__all__ = [
    "PREPROCESS",
    "TRAIN",
    "TrainingQueue",
    "add_preprocessing",
    "add_training",
    "preprocessing_of",
    "training_of",
]

TRAIN, PREPROCESS = "train", "preprocess"


class _Train(Protocol):
    def __call__(self, config: TrainingConfig, *, resume: bool | Resume = False) -> JobSnapshot: ...


class TrainingQueue:
    """The studio's queue: what is in it, and the thread that works it off with the studio's own methods.

    Methods that take an id raise InputError when there is no such entry, or when it is past that.
    """

    def __init__(
        self,
        *,
        paths: Callable[[], Paths],
        worker: Worker,
        train: _Train,
        preprocess: Callable[[PreprocessConfig], JobSnapshot],
    ) -> None:
        self._paths = paths
        self._train = train
        self._preprocess = preprocess
        self._queue = Queue(paths().queue_dir)
        self._runner = QueueRunner(self._queue, worker, self._start)
        self._runner.begin()

    def snapshot(self) -> QueueSnapshot:
        """The queue as it was seen last, a second ago at most; never waits."""
        return self._runner.snapshot

    def add_training(self, config: TrainingConfig, *, resume: Resume | None = None) -> QueueEntry:
        """Train after all that waits; raises InputError for what can be known to be wrong now."""
        return self._shown(add_training(self._queue, config, self._paths(), resume=resume))

    def add_preprocessing(self, config: PreprocessConfig, model: str) -> QueueEntry:
        """Preprocess after all that waits; `model` is whose size is meant where it is left open."""
        return self._shown(add_preprocessing(self._queue, config, model))

    def cancel(self, entry_id: str) -> QueueEntry:
        """Take it out of the queue; what runs is asked to stop and save."""
        return self._shown(self._queue.cancel(entry_id))

    def remove_finished(self) -> int:
        """Take everything finished out of the list, and give how many that were; their runs stay."""
        finished = [entry for entry in self._queue.entries() if entry.status is QueueStatus.FINISHED]
        for entry in finished:
            self._queue.cancel(entry.id)
        self._runner.wake()
        return len(finished)

    def move(self, entry_id: str, by: int) -> QueueEntry:
        """Let it have its turn `by` places later, or earlier."""
        return self._shown(self._queue.move(entry_id, by))

    def retry(self, entry_id: str) -> QueueEntry:
        """Try again what failed or was interrupted, where it was left."""
        return self._shown(self._queue.retry(entry_id))

    def hold(self, entry_id: str = "") -> None:
        """Start it no more, or nothing at all without an id, until it is released."""
        if entry_id:
            self._queue.hold(entry_id)
        else:
            self._queue.hold_all()
        self._runner.wake()

    def release(self, entry_id: str = "") -> None:
        """Let it have its turn again, or the whole queue go on."""
        if entry_id:
            self._queue.release(entry_id)
        else:
            self._queue.release_all()
        self._runner.wake()

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Start nothing more; what this block interrupts waits for the next program."""
        self._runner.close()
        try:
            yield
        finally:
            self._runner.settle_closed()

    def _shown(self, entry: QueueEntry) -> QueueEntry:
        self._runner.wake()
        return entry

    def _start(self, entry: QueueEntry) -> JobSnapshot:
        if entry.kind == PREPROCESS:
            return self._preprocess(preprocessing_of(entry)[0])
        config, resume = training_of(entry, self._paths())
        return self._train(config, resume=resume or False)


def add_training(
    queue: Queue, config: TrainingConfig, paths: Paths, *, resume: Resume | None = None
) -> QueueEntry:
    """Check a training as far as that goes now, and put it at the end of the queue.

    Its pictures may be those that a preprocessing in the queue is yet to write. Raises an InputError.
    """
    from .training.checks import check_before_loading

    try:
        config = check_before_loading(config, paths, resume=resume or False).config
    except DatasetError:
        if not _will_be_written(config.dataset.data_dir, queue):
            raise
        check(config)
        data_dir = str(user_path(config.dataset.data_dir).resolve())
        config = dataclasses.replace(config, dataset=dataclasses.replace(config.dataset, data_dir=data_dir))
    request = {
        "config": to_mapping(config),
        "resume": resume is not None,
        "from_step": resume.from_step if resume else None,
    }
    detail = f"to step {config.optimization.steps:,} on {Path(config.model).name}"
    return queue.add(TRAIN, f"Training of {config.embedding_name}", request, detail=detail)


def add_preprocessing(queue: Queue, config: PreprocessConfig, model: str) -> QueueEntry:
    """Check a preprocessing and put it at the end of the queue; raises an InputError."""
    from .preprocessing.run import preprocess

    source, destination = (user_path(folder).resolve() for folder in (config.source, config.destination))
    preprocess(config, default_size=512, dry_run=True)  # only checks: the work is in the events
    config = dataclasses.replace(config, source=str(source), destination=str(destination))
    request = {"config": to_mapping(config), "model": model}
    return queue.add(PREPROCESS, f"Preprocessing of {config.source}", request, detail=f"into {destination}")


def training_of(entry: QueueEntry, paths: Paths) -> tuple[TrainingConfig, Resume | None]:
    """What the entry asks for; what had begun already goes on, as its own run.yaml says.

    Raises InputError when this version doesn't know its kind or a setting.
    """
    from .training.unfinished import Resume, config_to_resume, find_unfinished

    if entry.kind != TRAIN:
        raise InputError(f"This version doesn't know what {entry.kind!r} means in the queue; remove it.")

    config, request = from_mapping(TrainingConfig, _settings(entry)), entry.request
    left = find_unfinished(config.embedding_name, paths) if entry.folder else None
    if left is not None and left.path == Path(entry.folder):
        return config_to_resume(config.embedding_name, paths), Resume()
    if not request.get("resume"):
        return config, None
    step = request.get("from_step")
    return config, Resume(from_step=step if isinstance(step, int) else None)


def preprocessing_of(entry: QueueEntry) -> tuple[PreprocessConfig, str]:
    """What the entry asks for, and the model whose size is meant where it is left open."""
    return from_mapping(PreprocessConfig, _settings(entry)), str(entry.request.get("model", ""))


def _settings(entry: QueueEntry) -> dict[str, Any]:
    settings = entry.request.get("config")
    if not isinstance(settings, dict):
        raise InputError(f"{entry.title} has no settings in its queue file; remove it and add it again.")
    return settings


def _will_be_written(data_dir: str, queue: Queue) -> bool:
    """Whether a preprocessing that waits or runs will make this folder."""
    wanted = user_path(data_dir).resolve()
    return any(
        entry.kind == PREPROCESS and not entry.status.is_over and _destination_of(entry) == wanted
        for entry in queue.entries()
    )


def _destination_of(entry: QueueEntry) -> Path | None:
    """Where it will write; None for one that will fail in its turn, which is then told of it."""
    try:
        return Path(preprocessing_of(entry)[0].destination)
    except InputError:
        return None
