"""The folder of one run in the log directory: which file is where, and whether the run came to its end.

    <log>/<YYYY-MM-DD>/<name>/            a second run that day: <name>-2/, ...
        embeddings/<name>-<step>.pt       copies; the number is the steps completed
        images/<name>-<step>.png          previews; of a list the second is <name>-<step>-2.png
        image_embeddings/<name>-<step>.png
        textual_inversion_loss.csv        step, epoch, epoch_step, loss, learn_rate
        evaluation.csv                    step, loss, variance_share: always on the same noisy pictures
        best.json                         the step with the lowest of these losses, and its copy above
        kept.json                         the steps that the user saved; their copies stay
        tensorboard/                      curves and previews for TensorBoard, when it is on
        grids/                            kept steps compared: labelled pictures, and in cells/ their parts
        settings-YYYY-MM-DD-HH-MM-SS.json the web UI's names
        run.yaml                          the complete config; reruns the run
        state/state-<step>.pt             the newest two, to resume from, and one for each copy
        state/status.json                 unfinished or finished, and since when
        state/lock                        held by the process that trains here

A run is unfinished from its start until `finished` stands in status.json: a killed process leaves it so.
A status.json that can't be read costs nothing but the order of runs: run.yaml knows whose run it is.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path

from ..errors import StorageError
from ..files import flush_file, make_folder, sync_folder, write_atomically

__all__ = [
    "FINISHED",
    "UNFINISHED",
    "RunFolder",
    "all_runs",
    "branched_run_folder",
    "new_run_folder",
    "runs_of",
]

UNFINISHED = "unfinished"
FINISHED = "finished"

_STATE = re.compile(r"state-(\d+)\.pt")
_COPY_SUFFIXES = (".pt", ".safetensors")


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """One run's folder; `embedding_name` is in its files' names."""

    path: Path
    embedding_name: str

    def checkpoint(self, step: int, suffix: str = ".pt") -> Path:
        """The copy of the embedding after `step` updates."""
        return self.path / "embeddings" / f"{self.embedding_name}-{step}{suffix}"

    def preview(self, step: int, number: int = 1) -> Path:
        """The preview drawn after `step` updates; of several pictures the second is `-2`, and so on."""
        which = "" if number == 1 else f"-{number}"
        return self.path / "images" / f"{self.embedding_name}-{step}{which}.png"

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
    def evaluation_table(self) -> Path:
        """The losses on the evaluation set as CSV."""
        return self.path / "evaluation.csv"

    @property
    def best_file(self) -> Path:
        """Which copy is the best."""
        return self.path / "best.json"

    @property
    def run_yaml(self) -> Path:
        """The complete config."""
        return self.path / "run.yaml"

    @property
    def grids_dir(self) -> Path:
        """Where the run's kept steps are compared."""
        return self.path / "grids"

    @property
    def state_dir(self) -> Path:
        """Where the states to resume from are."""
        return self.path / "state"

    def state(self, step: int) -> Path:
        """What is needed to go on from `step`."""
        return self.state_dir / f"state-{step}.pt"

    def state_steps(self) -> list[int]:
        """The steps of which there is a state, the highest first; whole or not."""
        names = (_STATE.fullmatch(path.name) for path in _entries(self.state_dir))
        return sorted((int(match[1]) for match in names if match), reverse=True)

    def has_copy(self, step: int) -> bool:
        """Whether the copy of `step` is there: as long as it is, so is its state."""
        return any(self.checkpoint(step, suffix).is_file() for suffix in _COPY_SUFFIXES)

    @property
    def lock_file(self) -> Path:
        """What the process that trains here holds."""
        return self.state_dir / "lock"

    @property
    def status_file(self) -> Path:
        """Whether the run has ended."""
        return self.state_dir / "status.json"

    def write(self, path: Path, data: bytes) -> None:
        """Write a file of the run whole; raises StorageError."""
        self.check()
        write_atomically(path, data)

    def flush_tables(self) -> None:
        """Make the rows so far durable, as far as the system can: then no power failure takes them back."""
        for table in sorted(self.path.glob("*.csv")):
            with contextlib.suppress(OSError):  # a curve shall not keep a state from being saved
                flush_file(table)

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

    @property
    def trained_name(self) -> str:
        """The embedding whose run this is, by what the folder says; empty when it is none."""
        return str(self._facts().get("embedding_name", ""))

    def is_of(self, name: str) -> bool:
        """Whether this is a run of the embedding `name`."""
        return self._facts().get("embedding_name") == name

    def _facts(self) -> dict[str, object]:
        """What status.json says; a damaged one stands for an unfinished run, a missing one for none."""
        try:
            facts = json.loads(self.status_file.read_text(encoding="utf-8"))
        except OSError:
            return {}
        except ValueError:
            facts = None
        if isinstance(facts, dict) and isinstance(facts.get("status"), str):
            return facts
        return {"embedding_name": self._name_in_run_yaml(), "status": UNFINISHED, "started": self._changed()}

    def _changed(self) -> str:
        """When run.yaml was written, as `started` says it."""
        try:
            seconds = self.run_yaml.stat().st_mtime
        except OSError:
            return ""
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds")

    def _name_in_run_yaml(self) -> str:
        """The embedding's name as its own line of run.yaml says it."""
        try:
            text = self.run_yaml.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""
        lines = (line.partition(":") for line in text.splitlines())
        return next((value.strip().strip("'\"") for key, _, value in lines if key == "embedding_name"), "")


def new_run_folder(log_dir: Path, name: str, today: date | None = None) -> RunFolder:
    """Make the folder of a new run of the embedding `name`; raises StorageError.

    Making it is what claims it: two processes that start at once get two folders.
    """
    day = log_dir / (today or date.today()).isoformat()
    number = 1
    try:
        make_folder(day)
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


def branched_run_folder(run: RunFolder, log_dir: Path) -> RunFolder:
    """Make the folder of a run that goes on where `run` once was, with its tables; raises StorageError.

    The tables reach further than that: whoever writes one cuts it back when training starts.
    """
    branch = new_run_folder(log_dir, run.embedding_name)
    for table in sorted(run.path.glob("*.csv")):
        with contextlib.suppress(OSError):  # a curve that can't be read shall not keep anyone from training
            branch.write(branch.path / table.name, table.read_bytes())
    return branch


def runs_of(name: str, log_dir: Path) -> list[RunFolder]:
    """All runs of the embedding `name` that the log directory knows, the newest last."""
    candidates = [
        RunFolder(path=path, embedding_name=name)
        for day in _entries(log_dir)
        for path in _entries(day)
        if path.name == name or path.name.startswith(f"{name}-")
    ]
    runs = [run for run in candidates if run.is_of(name)]
    return sorted(runs, key=lambda run: (run.started, str(run.path)))


def all_runs(log_dir: Path) -> list[RunFolder]:
    """The runs of all embeddings that the log directory knows, in the order of their folders."""
    folders = (path for day in sorted(_entries(log_dir)) for path in sorted(_entries(day)))
    named = ((path, RunFolder(path=path, embedding_name="").trained_name) for path in folders)
    return [RunFolder(path=path, embedding_name=name) for path, name in named if name]


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
    sync_folder(path.parent)
    return True


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")
