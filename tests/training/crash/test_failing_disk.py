"""A disk that is full or broken at any write: told, exit status 1, and nothing that was saved is lost."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from traintab.cli import main
from traintab.embeddings.formats import read_embedding
from traintab.models import loading
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.unfinished import find_unfinished

from .failing_disk import FailingDisk
from .recovery import recovered
from .small_run import NAME, Ending, SmallRun, seed_the_process

FAILED, REFUSED = 1, 2
PARTS = 12  # of the test of every single call
# What may fail in a run that comes to its end: it has another way, or a reader alone has use for it.
HARMLESS = {
    ("write", "cache"),  # a parked module stays in memory
    ("write", "log.txt"),
    ("mkdir again", "state"),
    ("mkdir again", "locks"),
    ("fsync", "evaluation.csv"),  # a curve keeps no state from being saved
    ("fsync", "textual_inversion_loss.csv"),
}


@dataclass
class Failures:
    """A run of the command line on a disk that fails at one call or another."""

    small: SmallRun
    wanted: Ending
    calls: list[tuple[str, str]]
    said: dict[int, list[int]] = field(default_factory=dict)

    def command_line(self, paths: Paths, disk: FailingDisk) -> int:
        """Train by the command line; its exit status."""
        fields = [f"{name}={value}" for name, value in self.small.fields.items()]
        arguments = ["train", NAME, "--data-dir", str(paths.data_dir), "--model", str(self.small.model_dir)]
        seed_the_process(0)
        with disk.running():
            return main([*arguments, "--set", *fields])

    def check(self, at: int, number: int, *, lasting: bool) -> None:
        """Fail at one call, look at what is left, mend the disk, and go on."""
        paths, disk = self.small.new_paths(), FailingDisk(at, number, lasting=lasting)
        status = self.command_line(paths, disk)
        # The log is written by the clock: a run may have a call less than the one that was counted.
        assert disk.failed or status == 0
        self.said.setdefault(status, []).append(at)
        found = recovered(paths, NAME)  # raises when a file isn't whole
        assert found.is_unfinished == (find_unfinished(NAME, paths) is not None)
        if status == 0:
            assert set(disk.failed) <= HARMLESS
            assert self.small.is_finished(paths)
        else:
            assert status in (FAILED, REFUSED)
        was_finished = self.small.is_finished(paths)
        if not was_finished:
            self.small.train(paths)
        ending = self.small.ending(paths)
        # Where only the very last flush failed, nobody goes on to evaluate the last step once more.
        assert set(ending.differences(self.wanted)) <= ({"parts"} if was_finished else {"losses"})
        check_table(ending.losses, self.wanted.losses)


@pytest.fixture
def failures(model: Model, tiny_model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Failures:
    """The run on a disk that never fails tells how many calls there are."""
    monkeypatch.setattr(loading, "load_model", lambda *_, **__: model)
    small = SmallRun(model, tiny_model_dir, tmp_path / "run", steps=4, save_optimizer_state=True)
    paths, disk = small.new_paths(), FailingDisk()
    counting = Failures(small, wanted=Ending(state={}, vectors={}, losses=""), calls=disk.calls)
    assert counting.command_line(paths, disk) == 0
    return Failures(small, wanted=small.ending(paths), calls=disk.calls)


def check_table(text: str, wanted: str) -> None:
    """The row of a step at which the disk was full may be gone; the others are whole and right."""
    rows = text.splitlines()
    assert [row for row in wanted.splitlines() if row in rows] == rows
    assert len(wanted.splitlines()) - len(rows) <= 1


def check_all(failures: Failures, places: Sequence[int]) -> None:
    """Full and broken, for a moment and for good, in turn."""
    for turn, at in enumerate(places):
        failures.check(at, (errno.ENOSPC, errno.EIO)[turn % 2], lasting=turn // 2 % 2 == 0)
    counts = {status: len(calls) for status, calls in failures.said.items()}
    print(f"{len(failures.calls)} calls; exit statuses {counts}; unharmed by {failures.said.get(0)}")
    assert counts.get(FAILED, 0) > len(places) // 2


def test_a_disk_that_fails_at_a_write_costs_no_work(failures: Failures) -> None:
    assert {"create", "write", "fsync", "replace", "mkdir"} <= {kind for kind, _ in failures.calls}
    harmful = [at for at, call in enumerate(failures.calls) if call not in HARMLESS]
    check_all(failures, harmful[5 :: len(harmful) // 10])


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_disk_that_fails_at_any_write_costs_no_work(failures: Failures, part: int) -> None:
    check_all(failures, range(part, len(failures.calls), PARTS))


def test_a_folder_that_may_not_be_written_to_is_told_and_resuming_works_after_mending(
    failures: Failures, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = failures.small.new_paths()
    if os.geteuid() == 0:
        monkeypatch.setattr(os, "replace", refuse_in("embeddings", os.replace))
    mode = stat.S_IMODE(paths.embeddings_dir.stat().st_mode)
    paths.embeddings_dir.chmod(0o500)
    status = failures.command_line(paths, FailingDisk())
    paths.embeddings_dir.chmod(mode)
    assert status in (FAILED, REFUSED)
    assert "ermi" in capsys.readouterr().err  # Permission denied, Operation not permitted
    assert read_embedding(paths.embeddings_dir / f"{NAME}.pt").step == 0
    monkeypatch.undo()
    failures.small.train(paths)
    assert failures.small.ending(paths).differences(failures.wanted) == []


def refuse_in(folder: str, real: Any) -> Any:
    """A rename that root, whom no mode keeps out, isn't allowed either."""

    def replace(source: Any, target: Any) -> None:
        if Path(target).parent.name == folder and Path(target).name == f"{NAME}.pt":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        real(source, target)

    return replace
