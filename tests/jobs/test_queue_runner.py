"""Working the queue off: what starts when, and what a restarted program finds."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.errors import BusyError, DatasetError, NothingToDoError, StorageError
from traintab.jobs import Queue, QueueStatus

from .queue_program import SECONDS, Program, add


def test_entries_are_worked_off_one_after_the_other(start: Callable[[], Program]) -> None:
    program = start()
    add(program, "a", "b")
    program.runner.look()
    program.runner.look()
    assert program.started == ["a"] and program.statuses() == {"a": "running", "b": "waiting"}
    program.done()
    assert program.statuses() == {"b": "running", "a": "finished"}
    program.done()
    assert program.started == ["a", "b"] and set(program.statuses().values()) == {"finished"}


def test_the_thread_starts_what_another_program_adds(start: Callable[[], Program], tmp_path: Path) -> None:
    program = start()
    program.runner.begin()
    Queue(tmp_path / "jobs" / "queue").add("train", "a", {})
    for _ in range(int(SECONDS / 0.05)):
        if program.started:
            break
        threading.Event().wait(0.05)
    assert program.started == ["a"]


def test_a_job_of_the_user_s_own_is_waited_for(start: Callable[[], Program]) -> None:
    program = start()
    program.worker.start("train", "own", program.job)
    add(program, "a")
    program.runner.look()
    assert program.started == []
    program.done()
    assert program.started == ["a"]


def test_what_fails_stays_with_its_error_and_the_rest_goes_on(start: Callable[[], Program]) -> None:
    program = start()
    a, _ = add(program, "a", "b")
    program.error = DatasetError("The folder is gone.")
    program.runner.look()
    program.error = None
    program.runner.look()
    assert program.queue.get(a.id).message == "The folder is gone."
    assert program.statuses() == {"b": "running", "a": "failed"}


def test_a_mistake_of_ours_ends_the_entry_and_not_the_queue(start: Callable[[], Program]) -> None:
    program = start()
    (a,) = add(program, "a")
    program.error = ZeroDivisionError("division by zero")
    program.runner.look()
    assert "could not be started (ZeroDivisionError" in program.queue.get(a.id).message


def test_what_is_done_already_is_finished_when_it_was_to_go_on(start: Callable[[], Program]) -> None:
    program = start()
    _, begun = add(program, "new", "begun")
    program.queue.note(begun.id, folder="/log/begun")
    program.error = NothingToDoError("Trained for 5 steps already.")
    program.runner.look()
    program.runner.look()
    assert program.statuses() == {"new": "failed", "begun": "finished"}


def test_an_entry_that_meets_a_busy_worker_keeps_its_turn(start: Callable[[], Program]) -> None:
    program = start()
    add(program, "a", "b")
    program.error = BusyError("Something else was quicker.")
    program.runner.look()
    assert program.statuses() == {"a": "waiting", "b": "waiting"} and program.queue.held == ""
    program.error = None
    program.runner.look()
    assert program.started == ["a"]


def test_cancelling_what_runs_saves_it_and_the_rest_goes_on(start: Callable[[], Program]) -> None:
    program = start()
    a, _ = add(program, "a", "b")
    program.runner.look()
    Queue(program.queue.folder).cancel(a.id)
    program.runner.look()
    program.worker.wait(SECONDS)
    program.runner.look()
    assert program.statuses() == {"b": "running", "a": "interrupted"}
    assert program.queue.get(a.id).folder == "/log/run"


def test_the_outcome_is_known_when_another_job_has_begun_since(start: Callable[[], Program]) -> None:
    program = start()
    (a,) = add(program, "a")
    program.runner.look()
    program.gate.release()
    program.worker.wait(SECONDS)
    program.worker.start("train", "own", program.job)
    program.runner.look()
    assert program.queue.get(a.id).status is QueueStatus.FINISHED


def test_a_closed_program_s_entry_waits_first_for_the_next_program(start: Callable[[], Program]) -> None:
    program = start()
    a, b = add(program, "a", "b")
    program.queue.move(b.id, -1)
    program.queue.move(a.id, -1)
    program.runner.look()
    program.close()
    restarted = start()
    restarted.runner.look()
    assert restarted.started == [] and restarted.statuses() == {"a": "waiting", "b": "waiting"}
    assert "the program was closed while this was running" in restarted.runner.snapshot.held
    assert restarted.queue.get(a.id).folder == "/log/run"
    restarted.queue.release_all()
    restarted.runner.look()
    assert restarted.started == ["a"]


def test_what_waits_from_before_does_not_start_alone(start: Callable[[], Program], tmp_path: Path) -> None:
    Queue(tmp_path / "jobs" / "queue").add("train", "a", {})
    program = start()
    program.runner.look()
    assert program.started == [] and "before the program was started" in program.runner.snapshot.held
    program.queue.release_all()
    program.runner.look()
    assert program.started == ["a"]


def test_what_another_program_works_off_is_left_to_it(start: Callable[[], Program]) -> None:
    program = start()
    other = Queue(program.queue.folder)
    add(program, "a")
    assert other.claim()
    program.runner.look()
    assert program.started == [] and program.runner.snapshot.runner == "this program"
    other.give_up()
    program.runner.look()
    assert program.started == ["a"] and program.runner.snapshot.runner == ""


def test_a_job_whose_beginning_could_not_be_noted_is_followed_to_its_end(
    start: Callable[[], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = start()
    (a,) = add(program, "a")

    def full_disk(*_values: object, **_names: object) -> None:
        raise StorageError("The disk is full.")

    with monkeypatch.context() as at_first:
        at_first.setattr(program.queue, "note", full_disk)
        with pytest.raises(StorageError):
            program.runner.look()
    program.runner.look()
    assert program.statuses() == {"a": "running"}
    assert program.queue.get(a.id).job == program.worker.snapshot().id
    program.done()
    assert program.statuses() == {"a": "finished"}


def test_a_program_that_is_closed_twice_leaves_the_next_one_s_entries_alone(
    start: Callable[[], Program],
) -> None:
    program = start()
    add(program, "a")
    program.close()
    restarted = start()
    restarted.queue.release_all()
    restarted.runner.look()
    restarted.queue.release_all()
    restarted.runner.look()
    program.close()
    assert restarted.statuses() == {"a": "running"}
    assert not Queue(program.queue.folder).claim()
