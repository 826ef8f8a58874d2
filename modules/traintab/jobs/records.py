"""Jobs on disk, one JSON file each, so that a restarted program knows what ran."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from ..errors import StorageError
from ..file_lock import FileLock
from ..files import write_text_atomically
from .failure import Failure
from .job_log import JobLog
from .snapshot import JobMemory, JobSnapshot, JobStatus

__all__ = ["AFTER_A_CRASH", "Record", "Records", "read_record"]

_KEPT = 100
AFTER_A_CRASH = "The program ended while this was running."
"""What is told of work that nobody ended."""
_GOING_ON = {"preprocess": " What was made until then is kept: Preprocess goes on from there."}


@dataclass(frozen=True, kw_only=True)
class Record:
    """A job's last snapshot and the request it was started with, plain JSON values."""

    snapshot: JobSnapshot = field(default_factory=JobSnapshot)
    request: Mapping[str, object] = field(default_factory=dict)


class Records:
    """The folder of job records; ids sort by time, and the oldest files make room for new ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder / "locks" / "jobs.lock")

    def claim(self) -> bool:
        """Become the one program that answers for these records, until `give_up` or the process's end.

        False when another has them, or when the folder can't be written to.
        """
        try:
            return self._lock.acquire()
        except StorageError:
            return False

    def give_up(self) -> None:
        """Let the next program have the records."""
        self._lock.release()

    def save(self, record: Record) -> None:
        """Write the record atomically; raises StorageError."""
        content = {"request": dict(record.request), "snapshot": asdict(record.snapshot)}
        write_text_atomically(self._file(record.snapshot.id), json.dumps(content) + "\n")

    def newest(self) -> Record:
        """The newest readable record, an idle one when there is none; a broken file is passed over."""
        for path in sorted(self.folder.glob("*.json"), reverse=True):
            record = read_record(path)
            if record is not None:
                return record
        return Record()

    def find(self, job_id: str) -> JobSnapshot | None:
        """A job's last recorded snapshot, if there is one."""
        record = read_record(self._file(job_id)) if job_id else None
        return record.snapshot if record is not None else None

    def recover(self) -> Record:
        """The newest record; what ran when the program ended becomes *interrupted*, on disk too.

        It can be resumed when there is a request to start it from.
        """
        record = self.newest()
        if not record.snapshot.status.is_active:
            return record
        message = AFTER_A_CRASH + _GOING_ON.get(record.snapshot.kind, "")
        log = JobLog(record.snapshot.log)
        log.add(message, datetime.now())
        told = log.lines
        if record.snapshot.folder:
            log.write(record.snapshot.folder)  # so that who resumes the run finds it there too
        ended = replace(
            record.snapshot,
            status=JobStatus.INTERRUPTED,
            eta_seconds=None,
            message=message,
            log=told,
            resumable=bool(record.request),
        )
        record = replace(record, snapshot=ended)
        self.save(record)
        return record

    def prune(self) -> None:
        """Remove the oldest files beyond those kept."""
        for path in sorted(self.folder.glob("*.json"))[:-_KEPT]:
            with contextlib.suppress(OSError):  # Windows refuses while somebody has it open
                path.unlink()

    def _file(self, job_id: str) -> Path:
        return self.folder / f"{job_id}.json"


def read_record(path: Path) -> Record | None:
    """The record in the file, or None when it isn't one: it may come from another version."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Record(snapshot=_snapshot(content["snapshot"]), request=dict(content["request"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _snapshot(values: Mapping[str, object]) -> JobSnapshot:
    """A snapshot of JSON values: lists become tuples again; unknown keys are left out."""
    known = {item.name for item in fields(JobSnapshot)}
    kept: dict[str, object] = {key: value for key, value in values.items() if key in known}
    kept["status"] = JobStatus(kept.get("status", "idle"))
    kept["notes"] = tuple(cast(list[str], kept.get("notes", [])))
    kept["log"] = tuple(cast(list[str], kept.get("log", [])))
    kept["failure"] = Failure(kept.get("failure", ""))
    memory = cast("dict[str, Any] | None", kept.get("memory"))
    kept["memory"] = None if memory is None else JobMemory(**memory)
    for key in ("images", "losses", "evaluations", "rates", "marks", "counts", "skipped"):
        kept[key] = tuple(tuple(pair) for pair in cast(list[list[object]], kept.get(key, [])))
    size = cast("list[int] | None", kept.get("result_size"))
    kept["result_size"] = None if size is None else (size[0], size[1])
    return JobSnapshot(**kept)  # type: ignore[arg-type]
