"""`queue` on the command line, from adding to working off."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from traintab.commands import queue_run
from traintab.commands.queue_by_hand import ByHand
from traintab.embeddings.formats import read_embedding
from traintab.jobs import Queue, QueueEntry
from traintab.training.events import StepCompleted

QUICK = ("--save-every", 0, "--preview-every", 0, "--template", "subject.txt")


@pytest.fixture
def add(line: Any, cat: Path, pictures: Path, tiny_model_dir: Path) -> Any:
    """`add("--steps", 4)` queues a training of cat; the answer's only object is the entry."""

    def run(*arguments: object) -> Any:
        own = ("--data", pictures, "--model", tiny_model_dir, *QUICK, *arguments, "--json")
        return line("queue", "add", "cat", *own)

    return run


@pytest.fixture
def queue(line: Any) -> Queue:
    return Queue(line.data_dir / "jobs" / "queue")


def statuses(line: Any) -> list[str]:
    return [entry["status"] for entry in line("queue", "list", "--json").objects]


def test_an_added_training_waits_and_is_listed(add: Any, line: Any, cat: Path) -> None:
    answer = add("--steps", 4)
    (entry,) = answer.objects
    assert (answer.status, entry["event"], entry["status"]) == (0, "queue_entry", "waiting")
    assert entry["title"] == "Training of cat" and entry["detail"] == "to step 4 on tiny-model"
    assert "extension.py queue run" in answer.err
    assert line("queue", "list", "--json").objects == [entry]
    assert entry["id"] in line("queue", "list").out
    assert read_embedding(cat).step in (None, 0)


def test_settings_and_pictures_are_checked_before_anything_is_queued(add: Any, line: Any) -> None:
    for wrong, words in ((("--steps", 0), "--steps"), (("--data", "/nowhere"), "/nowhere")):
        answer = add(*wrong)
        assert answer.status == 2 and words in answer.err
    assert "--debug-dataset trains nothing" in add("--debug-dataset").err
    missing = line("queue", "add", "dog", "--data", "/nowhere")
    assert missing.status == 2 and "extension.py create dog" in missing.err
    assert statuses(line) == []


def test_what_can_not_be_queued_is_said(add: Any, line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = add("--debug-dataset")
    assert answer.status == 2 and "without queue add" in answer.err
    monkeypatch.setenv("WORLD_SIZE", "2")
    answer = line("queue", "run")
    assert answer.status == 2 and "several processes" in answer.err


def test_an_empty_queue_tells_how_to_fill_it(line: Any) -> None:
    answer = line("queue", "list")
    assert answer.status == 0 and "queue add NAME" in answer.out


def test_run_works_the_queue_off(add: Any, line: Any, cat: Path) -> None:
    add("--steps", 2)
    add("--steps", 4)
    answer = line("queue", "run", "--json")
    assert answer.status == 0
    events = [(each["event"], each.get("status")) for each in answer.objects]
    turn = [("queue_entry", "running"), ("training_started", None)]
    assert events[:2] == turn and events.count(("step_completed", None)) == 4
    assert events[-2:] == [("training_finished", None), ("queue_entry", "finished")]
    assert read_embedding(cat).step == 4 and statuses(line) == ["finished", "finished"]


def test_what_fails_is_kept_with_its_error_and_the_rest_goes_on(
    add: Any, line: Any, cat: Path, pictures: Path
) -> None:
    add("--steps", 2)
    add("--steps", 2, "--set", "seed=5")
    add("--steps", 3)
    answer = line("queue", "run")
    assert answer.status == 1 and "trained for 2 steps already" in answer.err
    assert read_embedding(cat).step == 3
    failed = next(each for each in line("queue", "list", "--json").objects if each["status"] == "failed")
    assert "trained for 2 steps already" in failed["message"]
    assert line("queue", "retry", failed["id"]).status == 0
    assert line("queue", "cancel", failed["id"][:4]).status == 0
    assert statuses(line) == ["finished", "finished"]


def test_the_order_and_what_is_held_decide_what_runs(add: Any, line: Any, cat: Path) -> None:
    first, second = (add("--steps", steps).objects[0]["id"] for steps in (4, 2))
    assert "turn 1 of 2" in line("queue", "move", second, "up").out
    assert line("queue", "hold", first).status == 0
    assert statuses(line) == ["waiting", "held"]
    assert line("queue", "run").status == 0
    assert read_embedding(cat).step == 2 and statuses(line) == ["held", "finished"]
    assert line("queue", "release", first).status == 0
    assert line("queue", "cancel", second).status == 0
    assert statuses(line) == ["waiting"]


def test_the_whole_queue_is_held_and_released(add: Any, line: Any, queue: Queue) -> None:
    add("--steps", 2)
    line("queue", "hold")
    assert queue.next() is None and "The queue is held" in line("queue", "list").out
    line("queue", "release")
    assert queue.next() is not None


def test_an_id_that_is_not_there_is_wrong_use(line: Any) -> None:
    for words in (("cancel", "x"), ("move", "x", "up"), ("hold", "x"), ("release", "x"), ("retry", "x")):
        answer = line("queue", *words)
        assert answer.status == 2 and "queue list" in answer.err


def test_a_queue_that_an_open_page_works_off_is_left_to_it(add: Any, line: Any, queue: Queue) -> None:
    add("--steps", 2)
    assert queue.claim()
    answer = line("queue", "run")
    assert answer.status == 2 and "worked off by this program" in answer.err
    assert "queue run" not in add("--steps", 3).err
    queue.give_up()


@pytest.fixture
def at_step_10(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[QueueEntry], object]], None]:
    """`at_step_10(act)` does something with the entry that runs as soon as it has taken ten steps."""

    def arrange(act: Callable[[QueueEntry], object]) -> None:
        own = queue_run._Turn._seen

        def seen(turn: Any, event: object) -> None:
            own(turn, event)
            if isinstance(event, StepCompleted) and event.step == 10:
                act(turn.entry)

        monkeypatch.setattr(queue_run._Turn, "_seen", seen)

    return arrange


def test_a_cancelled_training_is_saved_and_the_next_begins(
    add: Any, line: Any, queue: Queue, at_step_10: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traintab.commands.queue_run._SECONDS_BETWEEN_LOOKS", 0.0)
    add("--steps", 100_000, "--save-every", 10)
    add("--steps", 100_001, "--learning-rate", "0.005:3")
    at_step_10(lambda entry: queue.cancel(entry.id))
    answer = line("queue", "run")
    ended = line("queue", "list", "--json").objects
    interrupted = next(each for each in ended if each["status"] == "interrupted")
    assert "can be resumed" in interrupted["message"] and interrupted["path"]
    # The second one's schedule ends before the step that the first one reached: it had its turn.
    assert answer.status == 1 and {each["status"] for each in ended} == {"interrupted", "failed"}


def test_a_stopped_run_waits_first_and_goes_on_where_it_was_left(
    add: Any, line: Any, queue: Queue, cat: Path, at_step_10: Any
) -> None:
    assert add("--steps", 30, "--save-every", 10).status == 0
    at_step_10(lambda entry: os.kill(os.getpid(), signal.SIGINT))
    answer = line("queue", "run")
    assert answer.status == 130 and "queue run" in answer.err
    (entry,) = queue.entries()
    left = read_embedding(cat).step or 0
    assert entry.status.value == "waiting" and queue.held and 10 <= left < 30, (answer, left)
    again = line("queue", "run", "--json")
    started = next(each for each in again.objects if each["event"] == "training_started")
    assert (again.status, started["step"], started["path"]) == (0, left, entry.folder)
    assert read_embedding(cat).step == 30


def test_a_training_resumed_on_the_command_line_is_its_entry_again(
    add: Any, line: Any, queue: Queue, cat: Path, at_step_10: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traintab.commands.queue_run._SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr("traintab.commands.queue_by_hand._SECONDS_BETWEEN_LOOKS", 0.0)
    add("--steps", 100_000)
    at_step_10(lambda entry: queue.cancel(entry.id))
    line("queue", "run")
    (left,) = queue.entries()
    assert left.status.value == "interrupted"
    seen, own = [], ByHand.seen

    def watched(hand: ByHand, event: object) -> None:
        own(hand, event)
        if isinstance(event, StepCompleted):
            seen.extend(entry.status.value for entry in queue.entries())
            queue.cancel(left.id)  # what a page's Interrupt does

    with monkeypatch.context() as at_first:
        at_first.setattr(ByHand, "seen", watched)
        answer = line("train", "cat", "--resume")
    (stopped,) = queue.entries()
    assert answer.status == 130 and set(seen) == {"running"}
    assert stopped.status.value == "interrupted" and f"at step {read_embedding(cat).step};" in stopped.message
    assert line("train", "cat", "--resume", "--steps", (read_embedding(cat).step or 0) + 2).status == 0
    assert statuses(line) == ["finished"]
    assert "only what failed" in line("queue", "retry", left.id).err
