"""Two runs into one destination would give their pictures the same numbers."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import pytest

from traintab.errors import BusyError, StorageError
from traintab.file_lock import FileLock
from traintab.preprocessing.destination_lock import LOCK_NAME
from traintab.preprocessing.events import PreprocessEvent
from traintab.preprocessing.run import preprocess

from .runs import Runs, pictures_in, what_happened

Events = Generator[PreprocessEvent, None, None]


def test_a_second_run_into_the_same_destination_is_refused_while_the_first_goes_on(
    save: Any, again: Runs, out: Path
) -> None:
    for name in "ab":
        save(f"{name}.png", (64, 64))
    first = cast(Events, preprocess(again.config()))
    next(first)
    with pytest.raises(BusyError, match=r"This program is writing training pictures into .*out: wait for it"):
        again()
    assert what_happened(again(dry_run=True)) == {"a.png": "done", "b.png": "done"}
    list(first)
    assert pictures_in(out) == ["00000-0-a.png", "00001-0-b.png"]
    assert what_happened(again()) == {"a.png": "unchanged", "b.png": "unchanged"}
    assert not (out / LOCK_NAME).exists()


def test_a_run_that_is_given_up_makes_way_for_the_next(save: Any, again: Runs) -> None:
    save("a.png", (64, 64))
    first = cast(Events, preprocess(again.config()))
    next(first)
    first.close()
    assert what_happened(again()) == {"a.png": "done"}


def test_a_disk_without_locks_is_written_to_all_the_same(
    save: Any, again: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def knows_none(_lock: FileLock) -> bool:
        raise StorageError("No locks available.")

    monkeypatch.setattr(FileLock, "acquire", knows_none)
    save("a.png", (64, 64))
    assert what_happened(again()) == {"a.png": "done"}
