import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from traintab.errors import BusyError, DatasetError, StorageError
from traintab.jobs import JobContext, JobStatus, Worker

SECONDS = 20.0


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(tmp_path / "jobs")
    yield worker
    worker.close(SECONDS)


class Steps:
    """A job of `total` steps; with `gated` it waits before each step until it is let go on."""

    def __init__(self, total: int, *, gated: bool = False) -> None:
        self.total = total
        self.gate = threading.Semaphore(0 if gated else total + 1)
        self.reached = threading.Semaphore(0)

    def __call__(self, context: JobContext) -> Iterator[object]:
        context.update(total_steps=self.total)
        for step in range(1, self.total + 1):
            self.reached.release()
            assert self.gate.acquire(timeout=SECONDS)
            if context.should_stop():
                context.conclude(JobStatus.INTERRUPTED)
                return
            context.update(step=step, loss=1.0 / step)
            yield step


def test_an_idle_worker_says_so(worker: Worker) -> None:
    assert worker.snapshot().status is JobStatus.IDLE


def test_a_job_runs_to_its_end_and_keeps_its_curve(worker: Worker) -> None:
    first = worker.start("train", "Training of mira", Steps(4))
    assert first.status is JobStatus.RUNNING
    last = worker.wait(SECONDS)
    assert last.status is JobStatus.FINISHED and last.step == 4
    assert last.losses == ((1, 1.0), (2, 0.5), (3, 1 / 3), (4, 0.25))
    assert last.seconds_per_step is not None and last.eta_seconds is None
    assert last.revision > first.revision


def test_a_job_asked_to_stop_ends_interrupted(worker: Worker) -> None:
    steps = Steps(100, gated=True)
    worker.start("train", "Training of mira", steps)
    steps.gate.release()
    steps.reached.acquire()
    steps.reached.acquire()
    assert worker.stop().status is JobStatus.STOPPING
    steps.gate.release()
    last = worker.wait(SECONDS)
    assert last.status is JobStatus.INTERRUPTED and last.step == 1


def test_stop_without_a_job_changes_nothing(worker: Worker) -> None:
    assert worker.stop().status is JobStatus.IDLE


def test_a_second_start_says_what_runs_and_at_which_step(worker: Worker) -> None:
    steps = Steps(9, gated=True)
    worker.start("train", "Training of mira", steps)
    steps.gate.release()
    steps.reached.acquire()
    steps.reached.acquire()
    with pytest.raises(BusyError, match="Training of mira is running at step 1 of 9"):
        worker.start("train", "Training of ben", Steps(1))
    for _ in range(9):
        steps.gate.release()
    assert worker.wait(SECONDS).title == "Training of mira"


def test_another_job_can_start_after_the_first(worker: Worker) -> None:
    worker.start("train", "one", Steps(2))
    worker.wait(SECONDS)
    worker.start("train", "two", Steps(3))
    last = worker.wait(SECONDS)
    assert (last.title, last.step, len(last.losses)) == ("two", 3, 3)


def test_a_short_task_runs_between_two_events_on_the_workers_thread(worker: Worker) -> None:
    steps = Steps(3, gated=True)
    worker.start("train", "Training", steps)
    steps.reached.acquire()
    future = worker.between(lambda: (threading.current_thread().name, worker.snapshot().step))
    assert not future.done()
    steps.gate.release()
    assert future.result(SECONDS) == ("traintab-worker", 1)
    steps.gate.release(2)
    assert worker.wait(SECONDS).status is JobStatus.FINISHED


def test_a_short_task_runs_at_once_when_idle(worker: Worker) -> None:
    assert worker.between(lambda: 42).result(SECONDS) == 42


def test_what_a_short_task_raises_reaches_the_one_who_waits(worker: Worker) -> None:
    def fail() -> None:
        raise DatasetError("no pictures")

    with pytest.raises(DatasetError):
        worker.between(fail).result(SECONDS)
    assert worker.between(lambda: 1).result(SECONDS) == 1


def test_a_short_tasks_time_is_not_part_of_the_pace(worker: Worker) -> None:
    steps = Steps(2, gated=True)
    worker.start("train", "Training", steps)
    steps.reached.acquire()
    pause = threading.Event()
    worker.between(lambda: pause.wait(0.3))
    steps.gate.release(2)
    pace = worker.wait(SECONDS).seconds_per_step
    assert pace is not None and pace < 0.3


def test_an_error_of_ours_becomes_its_sentence(worker: Worker) -> None:
    def job(context: JobContext) -> Iterator[object]:
        yield 1
        raise DatasetError("The folder is gone.")

    worker.start("train", "Training", job)
    last = worker.wait(SECONDS)
    assert (last.status, last.error) == (JobStatus.FAILED, "The folder is gone.")


def test_an_unforeseen_error_becomes_a_sentence_and_a_traceback_file(worker: Worker, tmp_path: Path) -> None:
    def job(context: JobContext) -> Iterator[object]:
        context.update(folder=str(tmp_path))
        yield 1
        raise RuntimeError("shapes differ")

    worker.start("train", "Training of mira", job)
    last = worker.wait(SECONDS)
    assert last.status is JobStatus.FAILED
    assert "Training of mira stopped" in last.error and "shapes differ" in last.error
    (report,) = tmp_path.glob("*-error.txt")
    assert str(report) in last.error and "RuntimeError: shapes differ" in report.read_text()


def test_a_job_that_cant_even_begin_fails_alone(worker: Worker) -> None:
    def job(context: JobContext) -> Iterator[object]:
        raise KeyError("field")

    worker.start("train", "Training", job)
    assert worker.wait(SECONDS).status is JobStatus.FAILED
    worker.start("train", "Training", Steps(1))
    assert worker.wait(SECONDS).status is JobStatus.FINISHED


def test_the_record_of_an_ended_job_is_on_disk(worker: Worker, tmp_path: Path) -> None:
    worker.start("train", "Training", Steps(2), request={"embedding_name": "mira"})
    last = worker.wait(SECONDS)
    content = json.loads((tmp_path / "jobs" / f"{last.id}.json").read_text())
    assert content["request"] == {"embedding_name": "mira"}
    assert content["snapshot"]["status"] == "finished"


def test_a_restarted_worker_knows_the_last_job(tmp_path: Path) -> None:
    first = Worker(tmp_path)
    first.start("train", "Training", Steps(2), request={"a": 1})
    ended = first.wait(SECONDS)
    first.close(SECONDS)
    second = Worker(tmp_path)
    assert second.snapshot() == ended and second.request() == {"a": 1}
    second.close(SECONDS)


def test_a_second_program_leaves_the_job_of_the_first_alone(tmp_path: Path) -> None:
    first, steps = Worker(tmp_path), Steps(100, gated=True)
    first.start("train", "Training", steps)
    steps.reached.acquire()
    second = Worker(tmp_path)
    assert second.snapshot().status is JobStatus.IDLE
    record = json.loads((tmp_path / f"{first.snapshot().id}.json").read_text())
    assert record["snapshot"]["status"] == "running"
    second.close(SECONDS)
    threading.Timer(0.05, steps.gate.release).start()
    first.close(SECONDS)


def test_closing_interrupts_the_job_and_refuses_new_ones(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    steps = Steps(100, gated=True)
    worker.start("train", "Training", steps)
    steps.reached.acquire()
    threading.Timer(0.05, steps.gate.release).start()
    assert worker.close(SECONDS).status is JobStatus.INTERRUPTED
    with pytest.raises(BusyError, match="shutting down"):
        worker.start("train", "Training", Steps(1))
    with pytest.raises(BusyError, match="shutting down"):
        worker.between(lambda: 1)


def test_nothing_starts_when_its_record_cant_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    worker = Worker(tmp_path / "file")
    with pytest.raises(StorageError):
        worker.start("train", "Training", Steps(1))
    assert worker.snapshot().status is JobStatus.IDLE
    worker.close(SECONDS)


def test_a_full_disk_does_not_end_a_running_job(
    worker: Worker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    steps = Steps(2, gated=True)
    worker.start("train", "Training", steps)
    steps.reached.acquire()
    shutil.rmtree(tmp_path / "jobs")
    (tmp_path / "jobs").write_text("")
    steps.gate.release(2)
    assert worker.wait(SECONDS).status is JobStatus.FINISHED
    assert "disk space" in caplog.text


def test_each_task_runs_in_a_block_of_what_was_asked_for_and_its_failure_leaves_it(tmp_path: Path) -> None:
    seen: list[str] = []

    @contextmanager
    def around() -> Iterator[None]:
        seen.append("in")
        try:
            yield
        finally:
            seen.append("out")

    worker = Worker(tmp_path, around=around)
    assert worker.between(lambda: seen.append("task") or "done").result(SECONDS) == "done"
    with pytest.raises(ZeroDivisionError):
        worker.between(lambda: 1 / 0).result(SECONDS)
    worker.close(SECONDS)
    assert seen == ["in", "task", "out", "in", "out"]
