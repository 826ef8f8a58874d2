"""The folder of one run in the log directory: which file is where, and whether the run came to its end.

    <log>/<YYYY-MM-DD>/<name>/            a second run that day: <name>-2/, ...
        embeddings/<name>-<step>.pt       copies; the number is the steps completed
        images/<name>-<step>.png          previews
        image_embeddings/<name>-<step>.png
        textual_inversion_loss.csv        step, epoch, epoch_step, loss, learn_rate
        evaluation.csv                    step, loss, variance_share: always on the same noisy pictures
        best.json                         the step with the lowest of these losses, and its copy above
        settings-YYYY-MM-DD-HH-MM-SS.json the web UI's names
        run.yaml                          the complete config; reruns the run
        state/state-<step>.pt             the newest two, to resume from
        state/status.json                 unfinished or finished, and since when

A run is unfinished from its start until `finished` stands in status.json: a killed process leaves it so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path

from ..errors import StorageError
from ..files import write_atomically

__all__ = ["FINISHED", "UNFINISHED", "RunFolder", "new_run_folder", "runs_of"]

UNFINISHED = "unfinished"
FINISHED = "finished"


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """One run's folder; `embedding_name` is in its files' names."""

    path: Path
    embedding_name: str

    def checkpoint(self, step: int, suffix: str = ".pt") -> Path:
        """The copy of the embedding after `step` updates."""
        return self.path / "embeddings" / f"{self.embedding_name}-{step}{suffix}"

    def preview(self, step: int) -> Path:
        """The preview drawn after `step` updates."""
        return self.path / "images" / f"{self.embedding_name}-{step}.png"

    def card(self, step: int) -> Path:
        """The preview that is an embedding itself."""
        return self.path / "image_embeddings" / f"{self.embedding_name}-{step}.png"

    def settings(self, moment: datetime) -> Path:
        """The web UI's settings file of a start."""
        return self.path / f"settings-{moment:%Y-%m-%d-%H-%M-%S}.json"

    @property
    def loss_table(self) -> Path:
        """The losses as CSV."""
        return self.path / "textual_inversion_loss.csv"

    @property
    def run_yaml(self) -> Path:
        """The complete config."""
        return self.path / "run.yaml"

    @property
    def state_dir(self) -> Path:
    @property
    def evaluation_table(self) -> Path:
        """The losses on the evaluation set as CSV."""
        return self.path / "evaluation.csv"

    @property
    def best_file(self) -> Path:
        """Which copy is the best."""
        return self.path / "best.json"

        """Where the states to resume from are."""
        return self.path / "state"

    @property
    def status_file(self) -> Path:
        """Whether the run has ended."""
        return self.state_dir / "status.json"

    def write(self, path: Path, data: bytes) -> None:
        """Write a file of the run whole; raises StorageError."""
        self.check()
        write_atomically(path, data)

    def check(self) -> None:
        """Raise StorageError when somebody took the folder away: half a folder made anew would hide that."""
        if not self.path.is_dir():
            raise StorageError(
                f"The run's folder {self.path} is gone, so nothing can be saved there. Bring it back and"
                " resume, or start a new run."
            )

    def mark(self, status: str) -> None:
        """Note `UNFINISHED` or `FINISHED`; the time of the first mark stays."""
        facts = {"embedding_name": self.embedding_name, "status": status, "started": self.started or _now()}
        self.write(self.status_file, json.dumps(facts, indent=4).encode("utf-8"))

    @property
    def started(self) -> str:
        """When the run began: ISO 8601 in UTC, which sorts as text; empty when nothing is known."""
        return str(self._facts().get("started", ""))

    @property
    def is_unfinished(self) -> bool:
        """Whether this is a run that began and didn't come to its end."""
        facts = self._facts()
        return facts.get("status") == UNFINISHED and facts.get("embedding_name") == self.embedding_name

    def _facts(self) -> dict[str, object]:
        """What status.json says; nothing when it isn't there or isn't ours."""
        try:
            facts = json.loads(self.status_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}


def new_run_folder(log_dir: Path, name: str, today: date | None = None) -> RunFolder:
    """Make the folder of a new run of the embedding `name`; raises StorageError.

    Making it is what claims it: two processes that start at once get two folders.
    """
    day = log_dir / (today or date.today()).isoformat()
    number = 1
    try:
        day.mkdir(parents=True, exist_ok=True)
        while True:
            path = day / (name if number == 1 else f"{name}-{number}")
            if _claim(path):
                return RunFolder(path=path, embedding_name=name)
            number += 1
    except OSError as error:
        raise StorageError(
            f"The run's folder in {day} can't be made: {error.strerror or error}. Free some disk space or"
            " choose another log directory."
        ) from error


def runs_of(name: str, log_dir: Path) -> list[RunFolder]:
    """All runs of the embedding `name` that the log directory knows, the newest last."""
    candidates = [
        RunFolder(path=path, embedding_name=name)
        for day in _entries(log_dir)
        for path in _entries(day)
        if path.name == name or path.name.startswith(f"{name}-")
    ]
    runs = [run for run in candidates if run._facts().get("embedding_name") == name]
    return sorted(runs, key=lambda run: (run.started, str(run.path)))


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder; nothing in one that is a file, closed, or gone meanwhile."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _claim(path: Path) -> bool:
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")
def branched_run_folder(run: RunFolder, log_dir: Path) -> RunFolder:
    """Make the folder of a run that goes on where `run` once was, with its tables; raises StorageError.

    The tables reach further than that: whoever writes one cuts it back when training starts.
    """
    branch = new_run_folder(log_dir, run.embedding_name)
    for table in sorted(run.path.glob("*.csv")):
        with contextlib.suppress(OSError):  # a curve that can't be read shall not keep anyone from training
            branch.write(branch.path / table.name, table.read_bytes())
    return branch


