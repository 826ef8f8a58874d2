"""Which copies of a run stay: the newest, every K-th, the best step's, and those that the user asked for."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from ..embeddings.optimizer_companion import companion_path
from ..files import kind_of
from .best import read_best
from .record import RunRecord
from .run_folder import RunFolder

__all__ = ["asked_for", "copies_of", "copy_number", "note_asked_for", "remove_old_copies"]

_SUFFIXES = (".pt", ".safetensors")


def copy_number(record: RunRecord, step: int) -> int:
    """Which of the copies that are saved every so often this step's is, from 1; 0 when it is none of them."""
    every = record.config.outputs.save_every
    return step // every if every > 0 and step % every == 0 else 0


def asked_for(run: RunFolder) -> frozenset[int]:
    """The steps whose copies the user asked for with *Save now*.

    While their file can't be read, or is damaged, these are all that have copies: none may be lost by that.
    """
    try:
        steps = json.loads(_file(run).read_text(encoding="utf-8"))["steps"]
        return frozenset(int(step) for step in steps)
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        return frozenset(step for step, _ in copies_of(run))


def note_asked_for(run: RunFolder, step: int) -> None:
    """Remember that the copy of this step is to stay; raises StorageError."""
    steps = sorted(asked_for(run) | {step})
    run.write(_file(run), json.dumps({"steps": steps}).encode("utf-8"))


def remove_old_copies(record: RunRecord, now: int) -> list[int]:
    """Remove the regular copies that `keep_last` and `keep_every` let go at step `now`, and give their steps.

    Later ones, of a state that was torn, don't count as the last: they are made anew when it comes to them.
    Only files of the run's own folder that are called as copies are; their `.optim` goes with them, and
    their states when the next one is written. What can't be removed, because a program has it open, say,
    stays until the next time.
    """
    outputs = record.config.outputs
    if not outputs.keep_last:
        return []
    copies = {
        step: path for step, path in copies_of(record.folder) if 0 < step <= now and copy_number(record, step)
    }
    best = read_best(record.folder)
    staying = {*sorted(copies)[-outputs.keep_last :], *asked_for(record.folder)}
    staying |= set() if best is None else {best.step}
    if outputs.keep_every:
        staying |= {step for step in copies if copy_number(record, step) % outputs.keep_every == 0}
    removed = []
    for step in sorted(copies.keys() - staying):
        with contextlib.suppress(OSError):
            # The one that a step is found by goes last: until all are gone it is tried again.
            for place in reversed(record.places(copies[step], step)):
                place.unlink(missing_ok=True)
                companion_path(place).unlink(missing_ok=True)
            removed.append(step)
    return removed


def _file(run: RunFolder) -> Path:
    return run.path / "kept.json"


def copies_of(run: RunFolder) -> Iterable[tuple[int, Path]]:
    """The steps and files of the run's copies; other files beside them, links too, are none."""
    called = re.compile(re.escape(run.embedding_name) + r"-(\d+)")
    folder = run.checkpoint(0).parent
    for path in sorted(folder.iterdir()) if kind_of(folder) == "folder" else ():
        match = called.fullmatch(path.stem)
        if match and path.suffix in _SUFFIXES and path.is_file() and not path.is_symlink():
            yield int(match[1]), path
