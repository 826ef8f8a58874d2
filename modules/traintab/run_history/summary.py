"""One run in a few facts, read without parsing what is long: a thousand runs are listed in a moment."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from ..training.run_folder import FINISHED, RunFolder
from .newest_rows import newest_rows

__all__ = ["RunStatus", "RunSummary", "fingerprint", "numbered", "read_summary", "settings_file"]

_SETTINGS_JSON = "settings-*.json"
_LARGEST_TEXT = 1_000_000
_OWN_LINE = re.compile(r"^ *(steps|model): (.+)$", re.MULTILINE)
_PICTURES, _COPIES = (".png", ".webp", ".jpg", ".jpeg"), (".pt", ".safetensors")
_NAME_AND_STEP = re.compile(r"-(\d{1,9})(?:-(\d{1,4}))?$")


class RunStatus(str, Enum):
    """How a run stands; the values are shown."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """A run; `place` is where it lies below the log directory, with slashes, and names it on the page.

    `step` is the highest that something is left of, `total_steps` is 0 when nobody knows. `loss` is the mean
    of the newest rows of the table, `best_loss` the lowest on the evaluation set. `started` is local time.
    `error` says why a run failed. `is_web_ui` marks a run of the web UI's own Train tab.
    """

    place: str
    path: Path
    name: str
    status: RunStatus
    step: int = 0
    total_steps: int = 0
    started: datetime | None = None
    loss: float | None = None
    best_step: int | None = None
    best_loss: float | None = None
    preview: Path | None = None
    model: str = ""
    error: str = ""
    is_web_ui: bool = False

    @property
    def folder(self) -> RunFolder:
        """Where its files are."""
        return RunFolder(path=self.path, embedding_name=self.name)


def fingerprint(path: Path) -> tuple[int, ...]:
    """Changes whenever something of the run in this folder does, that a summary tells."""
    folder = RunFolder(path=path, embedding_name="")
    looked_at = (
        path,
        folder.status_file,
        folder.run_yaml,
        folder.loss_table,
        folder.evaluation_table,
        folder.best_file,
        folder.state_dir,
        folder.preview(0).parent,
        folder.checkpoint(0).parent,
    )
    return tuple(number for each in looked_at for number in _stamp(each))


def read_summary(path: Path, log_dir: Path) -> RunSummary | None:
    """What the folder tells by itself; None when it is no run's.

    A run that didn't come to its end counts as interrupted: whether it is running, or failed, is known
    elsewhere.
    """
    facts = _json(path / "state" / "status.json")
    web_ui = {} if facts or (path / "state").is_dir() else _json(settings_file(path))
    own_name = RunFolder(path=path, embedding_name="").trained_name
    name = own_name or str(web_ui.get("embedding_name") or "")
    if not name or Path(name).name != name or name == "..":  # files are looked for by this name
        return None
    if not (_is_text(name) and _is_text(str(path))):
        return None
    folder = RunFolder(path=path, embedding_name=name)
    own = {key: value.strip("'\" ") for key, value in reversed(_OWN_LINE.findall(_text(folder.run_yaml)))}
    losses, evaluations = newest_rows(folder.loss_table), newest_rows(folder.evaluation_table)
    previews = list(numbered(folder.preview(0).parent, name, _PICTURES))
    copies = [step for step, _, _ in numbered(folder.checkpoint(0).parent, name, _COPIES)]
    steps = [0, *folder.state_steps(), *copies, *(step for step, _ in (*losses, *evaluations))]
    total = _whole(web_ui.get("steps") if web_ui else own.get("steps"))
    is_over = facts.get("status") == FINISHED or (web_ui and 0 < total <= max(steps) + 1)
    best_step, best_loss = _best(folder, evaluations)
    return RunSummary(
        place=path.relative_to(log_dir).as_posix(),
        path=path,
        name=name,
        status=RunStatus.FINISHED if is_over else RunStatus.INTERRUPTED,
        step=max(steps),
        total_steps=total,
        started=_moment(folder.started or str(web_ui.get("datetime", "")), path),
        loss=sum(value for _, value in losses) / len(losses) if losses else None,
        best_step=best_step,
        best_loss=best_loss,
        preview=max(previews, default=(0, 0, None))[2],
        model=str(web_ui.get("model_name") or own.get("model", "")),
        is_web_ui=bool(web_ui),
    )


def settings_file(run: Path) -> Path:
    """The newest settings file of the web UI's kind in a run's folder; a missing path when there is none."""
    return max(run.glob(_SETTINGS_JSON), default=run / "settings.json")


def numbered(folder: Path, name: str, suffixes: tuple[str, ...]) -> Iterator[tuple[int, int, Path]]:
    """The files `<name>-<step>` and `<name>-<step>-<number>` of a folder: step, number, path; links left out.

    The number is 1 where there is none.
    """
    try:
        paths = list(folder.iterdir())
    except OSError:
        return
    for path in paths:
        match = _NAME_AND_STEP.fullmatch(path.stem[len(name) :]) if path.stem.startswith(name) else None
        if match and path.suffix.lower() in suffixes and not path.is_symlink() and path.is_file():
            yield int(match[1]), int(match[2] or 1), path


def _best(folder: RunFolder, evaluations: list[tuple[int, float]]) -> tuple[int | None, float | None]:
    """What best.json says, whether its copy is there or not; else the lowest of the newest evaluations."""
    facts = _json(folder.best_file)
    step, loss = facts.get("step"), _finite(facts.get("loss"))
    if isinstance(step, int) and loss is not None:
        return step, loss
    return min(evaluations, key=lambda point: point[1], default=(None, None))


def _moment(text: str, path: Path) -> datetime | None:
    """`text` in local time, else the day and time of the folder itself."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone().replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError, OSError):  # no time, or one that no clock here can show
        changed = _stamp(path)[0]
        return datetime.fromtimestamp(changed / 1e9) if changed else None


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST_TEXT).decode("utf-8", "replace")
    except OSError:
        return ""


def _json(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(_text(path))
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _finite(value: object) -> float | None:
    """A number of a JSON file, which may hold ones of 400 digits, NaN and Infinity."""
    try:
        number = float(value) if isinstance(value, (int, float)) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _is_text(text: str) -> bool:
    """Whether a page can show it: names in files may hold halves of letters, those of files odd bytes."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _whole(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
