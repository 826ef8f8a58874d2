"""How the jobs of run folders ended, by the job records; each record is read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..jobs import JobSnapshot, JobStatus
from ..jobs.records import read_record

__all__ = ["Ending", "Endings"]


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What the newest job in a run's folder came to; `record` is its file."""

    folder: str
    status: JobStatus
    error: str
    record: Path

    def snapshot(self) -> JobSnapshot | None:
        """All that is recorded of the job, its curve too; None when the record is gone."""
        found = read_record(self.record)
        return None if found is None else found.snapshot


class Endings:
    """The records of a folder, whose files' names sort by time."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[tuple[int, int], Ending | None]] = {}

    def by_folder(self, records: Path) -> Mapping[str, Ending]:
        """The newest training of each run's folder."""
        found: dict[str, Ending] = {}
        known: dict[Path, tuple[tuple[int, int], Ending | None]] = {}
        for path in sorted(records.glob("*-train.json")):
            ending = self._ending(path, known)
            if ending is not None:
                found[ending.folder] = ending
        self._read = known
        return found

    def _ending(self, path: Path, known: dict[Path, tuple[tuple[int, int], Ending | None]]) -> Ending | None:
        try:
            facts = path.stat()
        except OSError:
            return None
        stamp = facts.st_mtime_ns, facts.st_size
        read_before = self._read.get(path)
        if read_before is None or read_before[0] != stamp:
            read_before = stamp, _read(path)
        known[path] = read_before
        return read_before[1]


def _read(path: Path) -> Ending | None:
    record = read_record(path)
    if record is None or not record.snapshot.folder:
        return None
    job = record.snapshot
    return Ending(folder=job.folder, status=job.status, error=job.error, record=path)
