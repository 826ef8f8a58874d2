"""What becomes of an entry whose job somebody interrupts or goes on with outside of the queue."""

import threading
from collections.abc import Callable

import pytest

from traintab.errors import DatasetError
from traintab.jobs import Queue

from .queue_program import SECONDS, Program, add, interrupt


def wait_for_folder(program: Program) -> None:
    for _ in range(int(SECONDS / 0.01)):
        if program.worker.snapshot().folder:
            return
        threading.Event().wait(0.01)
    pytest.fail("The job did not begin.")


@pytest.mark.parametrize("asked", ["ended", "retry", "hold"])
def test_what_is_resumed_by_hand_runs_and_ends_as_that_ends(start: Callable[[], Program], asked: str) -> None:
    program = start()
    (a,) = add(program, "a")
    program.runner.look()
    interrupt(program)
    assert program.statuses() == {"a": "interrupted"}
    if asked != "ended":
        program.queue.hold_all()
        program.queue.retry(a.id)
        program.queue.hold(a.id) if asked == "hold" else None
    program.worker.start("train", "a", program.job)
    wait_for_folder(program)
    program.runner.look()
    assert program.statuses() == {"a": "running"}
    assert program.queue.get(a.id).job == program.worker.snapshot().id
    interrupt(program)
    assert program.statuses() == {"a": "interrupted"}
    program.worker.start("train", "a", program.job)
    program.done()  # between two looks
    assert program.statuses() == {"a": "finished"} and program.started == ["a"]


@pytest.mark.parametrize(
    ("request_now", "status"), [({"steps": 4}, "running"), ({"steps": 5}, "interrupted")]
)
def test_what_was_interrupted_before_it_had_a_folder_begins_again(
    start: Callable[[], Program], request_now: dict[str, object], status: str
) -> None:
    program = start()
    program.folder, program.request = "", {"steps": 4}
    (a,) = add(program, "a")
    program.runner.look()
    interrupt(program)
    assert program.queue.get(a.id).folder == ""
    program.worker.start("train", "a", program.job, request=request_now)
    program.runner.look()
    assert program.statuses() == {"a": status}


def test_an_old_job_s_end_takes_up_nothing(start: Callable[[], Program]) -> None:
    program = start()
    (a,) = add(program, "a")
    program.runner.look()
    interrupt(program)
    program.queue.retry(a.id)
    program.error = DatasetError("The folder is gone.")
    program.runner.look()
    program.runner.look()
    assert program.statuses() == {"a": "failed"}


def test_another_program_that_goes_on_with_an_entry_is_left_alone(start: Callable[[], Program]) -> None:
    program = start()
    (a,) = add(program, "a")
    program.runner.look()
    interrupt(program)
    hand = Queue(program.queue.folder).hand(a.id)
    assert hand.acquire() and program.queue.take_up(a.id) and not program.queue.take_up(a.id)
    program.runner.look()
    assert program.statuses() == {"a": "running"}
    program.close()
    restarted = start()
    restarted.runner.look()
    assert restarted.statuses() == {"a": "running"} and not restarted.queue.held
    hand.release()  # as when it is killed
    restarted.runner.look()
    assert restarted.statuses() == {"a": "interrupted"}


def test_who_interrupts_is_told_that_the_queue_goes_on(start: Callable[[], Program]) -> None:
    program = start()
    program.worker.start("train", "own", program.job)
    add(program, "a", "b")
    program.runner.look()
    assert program.runner.snapshot.went_on == ""
    interrupt(program)
    told = program.runner.snapshot.went_on
    assert told.startswith("own was interrupted; the queue goes on with a.") and "Hold the queue" in told
    program.done()
    assert program.statuses()["b"] == "running" and program.runner.snapshot.went_on == ""
    interrupt(program)
    add(program, "c")
    program.runner.look()
    assert program.statuses()["c"] == "running" and program.runner.snapshot.went_on == ""
