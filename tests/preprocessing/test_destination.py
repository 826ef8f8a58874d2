"""What lies in the destination after the machine was switched off."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from traintab import files
from traintab.preprocessing.record import RECORD_NAME, Record

from .runs import Runs


def test_the_record_tells_of_files_only_when_all_of_them_are_flushed_to_the_disk(
    save: Any, again: Runs, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: set[int] = set()
    told: list[list[bool]] = []
    fsync, add = os.fsync, Record.add

    def noting(descriptor: int) -> None:
        fsync(descriptor)
        flushed.add(os.fstat(descriptor).st_ino)

    def looking(record: Record, entry: Any) -> None:
        written = [path for path in out.iterdir() if path.suffix in (".png", ".txt")]
        told.append([path.stat().st_ino in flushed for path in written])
        add(record, entry)

    monkeypatch.setattr(files.os, "fsync", noting)
    monkeypatch.setattr(Record, "add", looking)
    save("a.png", (64, 64), caption="red")
    again(flip="horizontal")
    assert told == [[True] * 4]
    assert (out / RECORD_NAME).exists()
