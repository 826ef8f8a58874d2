"""All runs of a log directory, and what can be done with one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from ..errors import InputError, NothingToDoError, StorageError
from ..file_lock import FileLock
from ..jobs import JobSnapshot, JobStatus
from ..paths import Paths
from ..training.run_curve import RunCurve, read_run_curve
from .endings import Ending, Endings
from .loaded_settings import LoadedSettings, read_settings
from .summary import RunStatus, RunSummary, fingerprint, numbered, read_summary, settings_file
from .trash import DeletedRun, bring_back, deleted_runs, move_to_trash

__all__ = ["RunHistory"]

_SECONDS_OF_A_STEP = 3600.0
_NEARLY = 0.9  # so far a recorded curve reaches that is this run's and not of an earlier attempt
_COPIES, _PICTURES = (".pt", ".safetensors"), (".png", ".webp", ".jpg", ".jpeg")


class RunHistory:
    """What the log directory knows, read when asked; a folder that hasn't changed is not read again.

    Runs are named by their place below the log directory, `2024-02-29/mira-2`. Methods that take one raise
    InputError when there is no such run.
    """

    def __init__(self, *, paths: Callable[[], Paths], snapshot: Callable[[], JobSnapshot]) -> None:
        self._paths = paths
        self._snapshot = snapshot
        self._endings = Endings()
        self._known: dict[Path, tuple[tuple[int, ...], RunSummary | None]] = {}

    def runs(self) -> tuple[RunSummary, ...]:
        """All runs, the newest first."""
        paths, job = self._paths(), self._snapshot()
        endings = self._endings.by_folder(paths.jobs_dir)
        known = {}
        for folder in _folders(paths.log_dir):
            known[folder] = self._read(folder, paths.log_dir)
        self._known = known
        found = [
            _with_status(summary, endings.get(str(summary.path)), job, stamp)
            for stamp, summary in known.values()
            if summary is not None
        ]
        return tuple(sorted(found, key=_by_age, reverse=True))

    def find(self, place: str | None) -> RunSummary:
        """The run in this place, as it is now."""
        if not place:
            raise InputError("No run is chosen; click one in the list first.")
        for run in self.runs():
            if run.place == place:
                return run
        raise InputError(f"The run {place} isn't in the log directory any more; look at the list again.")

    def curves(self, run: RunSummary) -> RunCurve:
        """Its curves from its tables; of the losses what its job remembers, where that are more points."""
        job = self._snapshot()
        if job.folder != str(run.path) or not job.losses:
            ending = self._endings.by_folder(self._paths().jobs_dir).get(str(run.path))
            job = (ending.snapshot() if ending else None) or JobSnapshot()
        written = read_run_curve(run.path)
        recorded = job.losses if job.losses and job.losses[-1][0] >= _NEARLY * run.step else ()
        return replace(written, losses=recorded) if len(recorded) > len(written.losses) else written

    def previews(self, run: RunSummary) -> list[tuple[int, int, Path]]:
        """Step, number and path of its previews, in order; the number is 1 unless a step has several."""
        return sorted(numbered(run.path / "images", run.name, _PICTURES))

    def copies(self, run: RunSummary) -> dict[int, Path]:
        """The kept copies of the embedding by step, the newest first."""
        found = {step: path for step, _, path in numbered(run.path / "embeddings", run.name, _COPIES)}
        return dict(sorted(found.items(), reverse=True))

    def settings(self, run: RunSummary) -> LoadedSettings:
        """The settings it was started with; raises ConfigError when they can't be read."""
        own = run.folder.run_yaml
        return read_settings(settings_file(run.path) if run.is_web_ui else own, self._paths())

    def settings_in(self, file: Path) -> LoadedSettings:
        """Those of a `run.yaml` or `settings-….json` from anywhere; raises ConfigError."""
        return read_settings(file, self._paths())

    def delete(self, place: str | None) -> DeletedRun:
        """Move a run to the trash; raises BusyError while it is being trained in, and StorageError."""
        run, paths = self.find(place), self._paths()
        return move_to_trash(run, paths.log_dir, paths.trash_dir)

    def deleted(self) -> list[DeletedRun]:
        """The runs in the trash, the one deleted last first."""
        paths = self._paths()
        return deleted_runs(paths.log_dir, paths.trash_dir)

    def undo_delete(self) -> DeletedRun:
        """Bring back the run that was deleted last; gives where it is now.

        That is where it was, or beside it where another run has its place by now. Raises NothingToDoError and
        StorageError.
        """
        for deleted in self.deleted()[:1]:
            return bring_back(deleted, self._paths().log_dir)
        raise NothingToDoError("No deleted run lies in the trash, so there is none to bring back.")

    def _read(self, folder: Path, log_dir: Path) -> tuple[tuple[int, ...], RunSummary | None]:
        stamp = fingerprint(folder)
        known = self._known.get(folder)
        return known if known is not None and known[0] == stamp else (stamp, read_summary(folder, log_dir))


def _folders(log_dir: Path) -> Iterator[Path]:
    """What may be runs: the folders in the folders of the log directory, hidden ones left out."""
    for day in _entries(log_dir):
        for run in _entries(day):
            if run.is_dir():
                yield run


def _entries(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []


def _by_age(run: RunSummary) -> tuple[str, str]:
    return run.started.isoformat() if run.started else "", run.place


def _with_status(
    run: RunSummary, ending: Ending | None, job: JobSnapshot, stamp: tuple[int, ...]
) -> RunSummary:
    """The summary with what its folder alone doesn't tell: that it is running, or failed."""
    if job.status.is_active and job.folder == str(run.path):
        return replace(run, status=RunStatus.RUNNING, step=job.step, total_steps=job.total_steps)
    if run.status is RunStatus.FINISHED or run.is_web_ui:
        return run
    if _is_held(run, stamp):
        return replace(run, status=RunStatus.RUNNING)
    if ending is not None and ending.status is JobStatus.FAILED:
        return replace(run, status=RunStatus.FAILED, error=ending.error)
    return run


def _is_held(run: RunSummary, stamp: tuple[int, ...]) -> bool:
    """Whether another process trains in it: asked only where something changed in the last hour."""
    lock_file = run.folder.lock_file
    if time.time() - max(stamp) / 1e9 > _SECONDS_OF_A_STEP or not lock_file.is_file():
        return False
    lock = FileLock(lock_file)
    try:
        is_free = lock.acquire()
    except StorageError:
        return False
    lock.release()
    return not is_free
