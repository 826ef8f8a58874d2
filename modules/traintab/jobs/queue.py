"""What is to be done one after the other, on disk, so that nothing of it is lost."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ..errors import BusyError, InputError, StorageError
from ..file_lock import FileLock
from ..files import clear_leftovers, write_text_atomically
from .queue_entry import QueueEntry, QueueSnapshot, QueueStatus, entry_to_text, in_order, read_entry
from .records import AFTER_A_CRASH

__all__ = ["Queue"]

_FINISHED_KEPT = 20
_SECONDS_TO_WAIT = 10.0
_SECONDS_BETWEEN_TRIES = 0.02


class Queue:
    """A folder with a file for each entry; any number of programs may use it at the same time.

    Each change is made under a lock, so that none is lost. One program at a time is the runner, which
    `claim` makes it: it alone takes entries from `next` and says by `begin` and `end` what becomes of them.
    Raises InputError for an id that isn't there, StorageError when the folder can't be written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hold_file = folder / "held.txt"
        self._mutex = threading.Lock()
        self._runner_file = folder / "locks" / "runner.lock"
        self._runner = FileLock(self._runner_file)

    def entries(self) -> tuple[QueueEntry, ...]:
        """Every entry, in the order of `QueueSnapshot`; a file that can't be read is passed over."""
        found = (read_entry(path) for path in self.folder.glob("*.json"))
        return in_order(entry for entry in found if entry is not None)

    def snapshot(self, runner: str = "") -> QueueSnapshot:
        """All that a page shows."""
        return QueueSnapshot(entries=self.entries(), held=self.held, runner=runner)

    @property
    def held(self) -> str:
        """Why the whole queue waits; empty when it doesn't."""
        try:
            return self._hold_file.read_text(encoding="utf-8").strip() or "The queue is held."
        except (OSError, ValueError):
            return ""

    def add(self, kind: str, title: str, request: Mapping[str, object], *, detail: str = "") -> QueueEntry:
        """Put something at the end."""
        with self._locked():
            known = self.entries()
            taken = {entry.id for entry in known}
            free = next(name for name in iter(lambda: secrets.token_hex(3), "") if name not in taken)
            entry = QueueEntry(
                id=free,
                kind=kind,
                title=title,
                request=dict(request),
                detail=detail,
                position=max((one.position for one in known), default=0) + 1,
                added=_now(),
            )
            self._save(entry)
            return entry

    def get(self, entry_id: str) -> QueueEntry:
        """The entry with this id, or with the only one that begins so."""
        wanted = entry_id.strip().lower()
        known = [entry for entry in self.entries() if wanted and entry.id.lower().startswith(wanted)]
        found = [entry for entry in known if entry.id == entry_id] or known
        if len(found) == 1:
            return found[0]
        what = f"{len(found)} entries begin with" if found else "There is no entry"
        raise InputError(f"{what} {entry_id!r} in the queue; take an id that `queue list` shows.")

    def move(self, entry_id: str, by: int) -> QueueEntry:
        """Let a pending entry have its turn `by` places later, or earlier when that is negative."""
        with self._locked():
            entry = self._pending(entry_id, "moved")
            others = [one for one in self.entries() if one.status.is_pending]
            old = others.index(entry)
            others.insert(min(max(old + by, 0), len(others) - 1), others.pop(old))
            for position, one in enumerate(others, start=1):
                if one.position != position:
                    self._save(replace(one, position=position))
        return self.get(entry.id)

    def hold(self, entry_id: str) -> QueueEntry:
        """Let others go before, until it is released."""
        with self._locked():
            return self._save(replace(self._pending(entry_id, "held"), status=QueueStatus.HELD))

    def release(self, entry_id: str) -> QueueEntry:
        """Let it have its turn again."""
        with self._locked():
            return self._save(replace(self._pending(entry_id, "released"), status=QueueStatus.WAITING))

    def hold_all(self, reason: str = "Nothing is started until it is released.") -> None:
        """Start nothing any more; what runs goes on."""
        with self._locked():
            write_text_atomically(self._hold_file, reason + "\n")

    def release_all(self) -> None:
        """Go on."""
        self._remove(self._hold_file)

    def retry(self, entry_id: str) -> QueueEntry:
        """Put what failed or was interrupted at the end again; it goes on where it was left."""
        with self._locked():
            entry = self.get(entry_id)
            if entry.status not in (QueueStatus.FAILED, QueueStatus.INTERRUPTED):
                raise InputError(f"{entry.title} is {entry.status.value}; only what failed is tried again.")
            last = max(one.position for one in self.entries())
            return self._save(entry.waiting_again("", last + 1))

    def cancel(self, entry_id: str) -> QueueEntry:
        """Take it out of the queue; what runs is asked to stop and save, and stays as *interrupted*."""
        with self._locked():
            entry = self.get(entry_id)
            if entry.status is QueueStatus.RUNNING:
                return self._save(replace(entry, is_asked_to_stop=True))
            self._remove(self._file(entry.id))
            return entry

    def claim(self) -> bool:
        """Become the one that works the queue off, until `give_up` or the process's end.

        What ran when the last one ended waits again, first of all, and the queue is held: it may have been
        the reason. What was to be stopped then is interrupted. False when another program has the queue.
        """
        with self._locked():
            if not self._runner.acquire():
                return False
        with contextlib.ExitStack() as claimed:
            claimed.callback(self.give_up)  # or nobody, this program neither, could ever claim it again
            clear_leftovers(self.folder)
            for entry in self.entries():
                if entry.status is QueueStatus.RUNNING and not self.is_in_hand(entry):
                    self._recover(entry)
            claimed.pop_all()
        return True

    def _recover(self, entry: QueueEntry) -> None:
        if entry.is_asked_to_stop:
            self.end(entry.id, QueueStatus.INTERRUPTED, AFTER_A_CRASH)
        else:
            self.put_back(entry.id, AFTER_A_CRASH)

    def is_worked_off(self) -> bool:
        """Whether a program, this or another, does what is in the queue."""
        with self._locked():  # so that nobody who claims the queue meets this look at it
            return _is_held(FileLock(self._runner_file))

    def runner(self) -> str:
        """Who works the queue off: `process 123`."""
        return self._runner.holder()

    def give_up(self) -> None:
        """Let another program work the queue off."""
        self._runner.release()

    def next(self) -> QueueEntry | None:
        """Whose turn it is; None while the queue is held, or when nothing waits."""
        if self.held:
            return None
        return next((one for one in self.entries() if one.status is QueueStatus.WAITING), None)

    def begin(self, entry_id: str) -> QueueEntry | None:
        """Say that it runs; None when it, or the whole queue, was held or taken away in the meantime."""
        with self._locked():
            now = self._found(entry_id)
            if now is None or now.status is not QueueStatus.WAITING or self.held:
                return None
            return self._save(replace(now, status=QueueStatus.RUNNING, message="", ended="", job=""))

    def take_up(self, entry_id: str, *, job: str = "") -> bool:
        """Say that it is gone on with outside of its turn: as `job` here, or by the one who holds `hand`.

        False when it has been finished, runs or was taken away in the meantime.
        """
        with self._locked():
            now = self._found(entry_id)
            if now is None or now.status in (QueueStatus.RUNNING, QueueStatus.FINISHED):
                return False
            running = replace(now, status=QueueStatus.RUNNING, message="", ended="", is_asked_to_stop=False)
            self._save(replace(running, job=job, is_by_hand=not job))
            return True

    def hand(self, entry_id: str) -> FileLock:
        """What a program holds as long as it goes on with the entry itself."""
        return FileLock(self.folder / "locks" / f"{entry_id}.lock")

    def is_in_hand(self, entry: QueueEntry) -> bool:
        """Whether a program still goes on with it that doesn't work the queue off."""
        return entry.is_by_hand and _is_held(self.hand(entry.id))

    def is_asked_to_stop(self, entry_id: str) -> bool:
        """Whether another program asked for that; no reason to stop is a file that can't be read just now."""
        entry = self._found(entry_id)
        return entry is not None and entry.is_asked_to_stop

    def _found(self, entry_id: str) -> QueueEntry | None:
        return next((one for one in self.entries() if one.id == entry_id), None)

    def note(self, entry_id: str, *, job: str = "", folder: str = "") -> None:
        """Keep which job it became, and where that works."""
        with self._locked():
            entry = self.get(entry_id)
            noted = replace(entry, job=job or entry.job, folder=folder or entry.folder)
            if noted != entry:
                self._save(noted)

    def end(self, entry_id: str, status: QueueStatus, message: str) -> None:
        """Say what became of it; of those that are finished the newest are kept."""
        with self._locked():
            entry = replace(self.get(entry_id), is_asked_to_stop=False, is_by_hand=False, ended=_now())
            self._save(replace(entry, status=status, message=message))
            finished = [one for one in self.entries() if one.status is QueueStatus.FINISHED]
            for one in finished[_FINISHED_KEPT:]:
                self._remove(self._file(one.id))

    def postpone(self, entry_id: str) -> None:
        """It could not begin yet: it waits where it was."""
        with self._locked():
            entry = self.get(entry_id)
            self._save(entry.waiting_again(entry.message, entry.position))

    def put_back(self, entry_id: str, reason: str) -> None:
        """It could not come to its end: it waits again, first of all, and the queue is held for `reason`."""
        with self._locked():
            entry = self.get(entry_id)
            first = min((one.position for one in self.entries()), default=0) - 1
            self._save(entry.waiting_again(f"{reason} It goes on where it was left.", first))
        self.hold_all(f"{entry.title}: {_lower_first(reason)} Release the queue to go on with it.")

    def _pending(self, entry_id: str, verb: str) -> QueueEntry:
        entry = self.get(entry_id)
        if not entry.status.is_pending:
            raise InputError(
                f"{entry.title} can't be {verb}: it is {entry.status.value}. Only what waits can be."
            )
        return entry

    def _save(self, entry: QueueEntry) -> QueueEntry:
        write_text_atomically(self._file(entry.id), entry_to_text(entry))
        return entry

    def _file(self, entry_id: str) -> Path:
        return self.folder / f"{entry_id}.json"

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(
                f"Removing {path} failed: {error.strerror or error}. Make the folder writable and try again."
            ) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the queue for one change; others wait for it."""
        lock = FileLock(self.folder / "locks" / "queue.lock")
        end = time.monotonic() + _SECONDS_TO_WAIT
        with self._mutex:
            while not lock.acquire():
                if time.monotonic() > end:
                    raise BusyError(f"The queue in {self.folder} is in use by {lock.holder()}; try again.")
                time.sleep(_SECONDS_BETWEEN_TRIES)
            try:
                yield
            finally:
                lock.release()


def _is_held(lock: FileLock) -> bool:
    if not lock.acquire():
        return True
    lock.release()
    return False


def _now() -> str:
    return datetime.now().isoformat(timespec="milliseconds")


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
