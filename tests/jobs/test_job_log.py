from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from traintab.errors import StorageError
from traintab.jobs import Failure, JobContext, JobStatus, Worker
from traintab.jobs.job_log import LOG_FILE, JobLog

NOON = datetime(2026, 1, 31, 12, 0, 0)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(tmp_path / "jobs")
    yield worker
    worker.close(20)


def told(lines: tuple[str, ...]) -> list[str]:
    """The sentences without their times."""
    return [line.split(" ", 2)[2] for line in lines]


def test_a_line_is_the_time_and_what_was_told_on_one_line() -> None:
    log = JobLog()
    log.add("Saved step 5\nas mira-5.pt.", NOON)
    assert log.lines == ("2026-01-31 12:00:00 Saved step 5 as mira-5.pt.",)


def test_nothing_is_told_twice_in_a_row_and_silence_not_at_all() -> None:
    log = JobLog()
    for sentence in ("Saved.", "Saved.", "", "Drew.", "Saved."):
        log.add(sentence, NOON)
    assert told(log.lines) == ["Saved.", "Drew.", "Saved."]


def test_only_the_newest_lines_stay_and_the_file_has_all(tmp_path: Path) -> None:
    log = JobLog()
    for number in range(500):
        log.add(f"Line {number}.", NOON)
        log.write(str(tmp_path))
    assert told(log.lines) == [f"Line {number}." for number in range(300, 500)]
    assert len((tmp_path / LOG_FILE).read_text().splitlines()) == 500


def test_who_goes_on_in_a_folder_shows_what_was_told_there_before(tmp_path: Path) -> None:
    first, second = JobLog(), JobLog()
    first.add("Interrupted.", NOON)
    first.write(str(tmp_path))
    second.add("Resumed.", NOON)
    second.write(str(tmp_path))
    assert told(second.lines) == ["Interrupted.", "Resumed."]
    assert told(tuple((tmp_path / LOG_FILE).read_text().splitlines())) == ["Interrupted.", "Resumed."]


def test_a_torn_file_costs_no_more_than_its_torn_lines(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).write_bytes(b"2026-01-31 12:00:00 Kept.\n\0\0\0\n\xff\xfe")
    log = JobLog()
    log.write(str(tmp_path))
    assert log.lines[0].endswith("Kept.") and not any("\0" in line for line in log.lines)


def test_a_folder_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    log = JobLog()
    log.add("Saved.", NOON)
    log.write(str(tmp_path / "gone"))
    assert not (tmp_path / "gone").exists() and told(log.lines) == ["Saved."]


def test_a_job_logs_what_it_tells_but_not_the_progress_that_passes_by(worker: Worker, tmp_path: Path) -> None:
    def run(context: JobContext) -> Iterator[object]:
        context.update(message="Encoding 1 of 2.", fraction=0.5)
        context.update(message="Training.", fraction=None, folder=str(tmp_path))
        context.update(step=1, loss=0.5)
        context.update(notes=("Two pictures are alike.",), message="Two pictures are alike.")
        context.update(notes=("Two pictures are alike.", "One is small."), message="Saved.")
        yield

    worker.start("train", "Training of mira", run)
    last = worker.wait(20)
    expected = [
        "Training of mira was started.",
        "Training.",
        "Two pictures are alike.",
        "One is small.",
        "Saved.",
    ]
    assert told(last.log) == expected
    assert told(tuple((tmp_path / LOG_FILE).read_text().splitlines())) == expected


def test_a_failure_is_the_last_line_and_its_kind_is_known(worker: Worker, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()

    def run(context: JobContext) -> Iterator[object]:
        context.update(folder=str(folder))
        shutil.rmtree(folder)
        raise StorageError("The run's folder is gone.")
        yield

    worker.start("train", "Training of mira", run)
    last = worker.wait(20)
    assert last.status is JobStatus.FAILED and last.failure is Failure.FOLDER_LOST
    assert told(last.log)[-1] == "Failed: The run's folder is gone."


def test_an_unforeseen_failure_names_the_file_with_its_traceback(worker: Worker) -> None:
    def run(context: JobContext) -> Iterator[object]:
        raise ZeroDivisionError("by nothing")
        yield

    worker.start("train", "Training of mira", run)
    last = worker.wait(20)
    assert last.failure is Failure.UNFORESEEN
    assert "ZeroDivisionError: by nothing" in Path(last.error_file).read_text()


def test_after_a_crash_the_log_says_so(tmp_path: Path) -> None:
    worker = Worker(tmp_path)

    def run(context: JobContext) -> Iterator[object]:
        yield

    worker.start("train", "Training of mira", run)
    worker.wait(20)
    worker.close(20)
    (record,) = tmp_path.glob("*.json")
    record.write_text(record.read_text().replace('"finished"', '"running"'))
    again = Worker(tmp_path)
    try:
        lines = told(again.snapshot().log)
    finally:
        again.close(20)
    assert lines == ["Training of mira was started.", "The program ended while this was running."]
