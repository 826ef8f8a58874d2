"""One thing that waits in the queue, as it stands in its file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import Enum
from pathlib import Path

__all__ = [
    "QueueEntry",
    "QueueSnapshot",
    "QueueStatus",
    "entry_from_text",
    "entry_to_text",
    "in_order",
    "read_entry",
]


class QueueStatus(str, Enum):
    """The states of an entry; the values stand in files and in JSON answers."""

    WAITING = "waiting"
    HELD = "held"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def is_pending(self) -> bool:
        """Whether its turn is still to come."""
        return self in (QueueStatus.WAITING, QueueStatus.HELD)

    @property
    def is_over(self) -> bool:
        """Whether it has had its turn."""
        return not self.is_pending and self is not QueueStatus.RUNNING


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """What is to be done, and how far that is.

    `request` holds plain JSON values from which the job can be started. `title` and `detail` tell it to
    people, `message` is what became of it. Pending entries have their turns by `position`. `job` is the
    record of the job it became, `folder` that job's own folder: with it the work goes on where it was left.
    `is_asked_to_stop` is how another program asks the one that runs it; `is_by_hand` says that this isn't the
    one that works the queue off. Times are local, in ISO's form.
    """

    id: str
    kind: str
    title: str
    request: Mapping[str, object] = field(default_factory=dict)
    detail: str = ""
    status: QueueStatus = QueueStatus.WAITING
    position: int = 0
    message: str = ""
    added: str = ""
    ended: str = ""
    job: str = ""
    folder: str = ""
    is_asked_to_stop: bool = False
    is_by_hand: bool = False

    def waiting_again(self, message: str, position: int) -> QueueEntry:
        """The same, with its turn still to come."""
        return replace(
            self,
            status=QueueStatus.WAITING,
            message=message,
            position=position,
            ended="",
            is_asked_to_stop=False,
            is_by_hand=False,
        )


@dataclass(frozen=True, kw_only=True)
class QueueSnapshot:
    """The queue at one moment: what runs, what waits in its order, what is over with the newest first.

    `held` is the sentence that says why nothing is started, empty while the queue goes on. `runner` is
    another program that works it off. `went_on` says that what runs was begun because the one before it was
    interrupted, empty where it wasn't.
    """

    entries: tuple[QueueEntry, ...] = ()
    held: str = ""
    runner: str = ""
    went_on: str = ""


def in_order(entries: Iterable[QueueEntry]) -> tuple[QueueEntry, ...]:
    """What runs, what waits by its turn, what is over with the newest first."""
    found = list(entries)
    over = sorted((one for one in found if one.status.is_over), key=_by_end, reverse=True)
    return (*sorted((one for one in found if not one.status.is_over), key=_by_turn), *over)


def _by_turn(entry: QueueEntry) -> tuple[bool, int, str, str]:
    return entry.status is not QueueStatus.RUNNING, entry.position, entry.added, entry.id


def _by_end(entry: QueueEntry) -> tuple[str, str]:
    return entry.ended, entry.id


def entry_to_text(entry: QueueEntry) -> str:
    """The entry as JSON."""
    return json.dumps({**asdict(entry), "request": dict(entry.request)}, indent=1) + "\n"


def entry_from_text(text: str) -> QueueEntry:
    """The entry of a JSON text; unknown keys are left out. Raises ValueError when it isn't one."""
    try:
        values = json.loads(text)
        json.dumps(values, ensure_ascii=False).encode("utf-8")  # half characters could never be shown
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(values, Mapping):
        raise ValueError("no JSON object")
    kept = {item.name: values[item.name] for item in fields(QueueEntry) if item.name in values}
    kept["status"] = QueueStatus(kept.get("status", "waiting"))
    expected = {"request": dict, "position": int, "is_asked_to_stop": bool, "is_by_hand": bool}
    for name, value in kept.items():
        if not isinstance(value, expected.get(name, str)):
            raise ValueError(f"{name} is {value!r}")
    try:
        return QueueEntry(**kept)
    except TypeError as error:
        raise ValueError(str(error)) from error


def read_entry(path: Path) -> QueueEntry | None:
    """The entry in the file, or None when it isn't one: it may come from another version."""
    try:
        entry = entry_from_text(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return entry if entry.id == path.stem else None
