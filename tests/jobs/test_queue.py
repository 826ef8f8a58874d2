"""The queue's files: order, holding, and several programs at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.errors import InputError, StorageError
from traintab.file_lock import FileLock
from traintab.jobs import Queue, QueueEntry, QueueStatus
from traintab.paths import REPOSITORY_DIR


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "queue")


def add(queue: Queue, *names: str) -> list[QueueEntry]:
    return [queue.add("train", name, {"name": name}) for name in names]


def titles(queue: Queue) -> list[str]:
    return [entry.title for entry in queue.entries()]


def ran(queue: Queue, entry: QueueEntry, status: QueueStatus, message: str = "") -> None:
    assert queue.begin(entry.id) is not None
    queue.end(entry.id, status, message)


def test_an_empty_queue_leaves_no_trace_on_the_disk(queue: Queue) -> None:
    assert (queue.entries(), queue.held, queue.next()) == ((), "", None)
    assert not queue.folder.exists()


def test_entries_have_their_turns_as_they_were_added(queue: Queue) -> None:
    first, *_ = add(queue, "a", "b", "c")
    assert titles(queue) == ["a", "b", "c"]
    assert queue.next() == first and first.request == {"name": "a"}


def test_another_program_sees_the_same_queue(queue: Queue) -> None:
    add(queue, "a", "b")
    assert Queue(queue.folder).entries() == queue.entries()


def test_moving_changes_the_order_and_ends_at_the_ends(queue: Queue) -> None:
    _, b, c = add(queue, "a", "b", "c")
    queue.move(c.id, -1)
    assert titles(queue) == ["a", "c", "b"]
    queue.move(c.id, -100)
    assert titles(queue) == ["c", "a", "b"]
    queue.move(c.id, 100)
    assert titles(queue) == ["a", "b", "c"]
    queue.move(b.id, 0)
    assert titles(queue) == ["a", "b", "c"]


@settings(max_examples=30)
@given(moves=st.lists(st.tuples(st.integers(0, 4), st.integers(-6, 6)), max_size=12))
def test_any_moves_lose_and_double_nothing(
    moves: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    queue = Queue(tmp_path_factory.mktemp("queue"))
    entries, expected = add(queue, *"abcde"), list("abcde")
    for number, by in moves:
        name = entries[number].title
        place = min(max(expected.index(name) + by, 0), 4)
        expected.remove(name)
        expected.insert(place, name)
        queue.move(entries[number].id, by)
    assert titles(queue) == expected


def test_a_held_entry_lets_the_others_go_before(queue: Queue) -> None:
    a, b = add(queue, "a", "b")
    queue.hold(a.id)
    assert queue.next() == b and titles(queue) == ["a", "b"]
    queue.release(a.id)
    assert queue.next() == a


def test_a_held_queue_gives_nothing_until_it_is_released(queue: Queue) -> None:
    (a,) = add(queue, "a")
    queue.hold_all("A reason.")
    assert (queue.held, queue.next(), queue.begin(a.id)) == ("A reason.", None, None)
    queue.release_all()
    queue.release_all()
    assert (queue.held, queue.next()) == ("", a)


def test_what_failed_stays_with_its_error_and_the_rest_goes_on(queue: Queue) -> None:
    a, b = add(queue, "a", "b")
    ran(queue, a, QueueStatus.FAILED, "The folder is gone.")
    assert queue.next() == b
    assert queue.get(a.id).message == "The folder is gone." and titles(queue) == ["b", "a"]


def test_what_failed_is_tried_again_at_the_end_where_it_was_left(queue: Queue) -> None:
    a, b = add(queue, "a", "b")
    assert queue.begin(a.id) is not None
    queue.note(a.id, job="1", folder="/log/a")
    queue.end(a.id, QueueStatus.FAILED, "The card was lost.")
    again = queue.retry(a.id)
    assert (again.status, again.message, again.folder) == (QueueStatus.WAITING, "", "/log/a")
    assert titles(queue) == ["b", "a"]
    with pytest.raises(InputError, match="is waiting"):
        queue.retry(b.id)


def test_cancelling_takes_out_what_waits_and_stops_what_runs(queue: Queue) -> None:
    a, b = add(queue, "a", "b")
    assert queue.begin(a.id) is not None
    queue.cancel(b.id)
    assert titles(queue) == ["a"]
    assert queue.cancel(a.id).is_asked_to_stop and queue.get(a.id).status is QueueStatus.RUNNING
    queue.end(a.id, QueueStatus.INTERRUPTED, "Interrupted at step 3.")
    assert not queue.get(a.id).is_asked_to_stop
    queue.cancel(a.id)
    assert queue.entries() == ()


def test_only_what_waits_is_moved_and_held(queue: Queue) -> None:
    (a,) = add(queue, "a")
    assert queue.begin(a.id) is not None
    for change in (lambda: queue.move(a.id, 1), lambda: queue.hold(a.id), lambda: queue.release(a.id)):
        with pytest.raises(InputError, match="it is running"):
            change()


def test_what_was_taken_away_in_the_meantime_does_not_begin(queue: Queue) -> None:
    a, b = add(queue, "a", "b")
    queue.cancel(a.id)
    queue.hold(b.id)
    assert queue.begin(a.id) is None and queue.begin(b.id) is None


def test_an_entry_is_found_by_the_beginning_of_its_id(queue: Queue) -> None:
    (a,) = add(queue, "a")
    assert queue.get(a.id[:4].upper()) == a
    for wrong in ("", "zzzz"):
        with pytest.raises(InputError, match="There is no entry"):
            queue.get(wrong)
    (queue.folder / f"{a.id[:5]}-.json").write_text(
        (queue.folder / f"{a.id}.json").read_text().replace(a.id, f"{a.id[:5]}-")
    )
    with pytest.raises(InputError, match="2 entries begin with"):
        queue.get(a.id[:5])
    (queue.folder / "Q1.json").write_text((queue.folder / f"{a.id}.json").read_text().replace(a.id, "Q1"))
    (queue.folder / "Q1b.json").write_text((queue.folder / f"{a.id}.json").read_text().replace(a.id, "Q1b"))
    assert queue.get("Q1").id == "Q1" and queue.get("q1B").id == "Q1b"


def test_a_broken_file_is_passed_over(queue: Queue) -> None:
    add(queue, "a")
    (queue.folder / "broken.json").write_text("{")
    (queue.folder / "renamed.json").write_text(next(queue.folder.glob("*.json")).read_text())
    assert titles(queue) == ["a"]


def test_of_the_finished_the_newest_twenty_are_kept(queue: Queue) -> None:
    entries = add(queue, *(f"{number:02}" for number in range(23)))
    for entry in entries[:22]:
        ran(queue, entry, QueueStatus.FINISHED)
    assert sorted(titles(queue)) == [f"{number:02}" for number in range(2, 23)]


def test_what_a_killed_program_ran_waits_first_in_a_held_queue(queue: Queue) -> None:
    a, b = add(queue, "a", "b")
    queue.move(b.id, -1)
    assert queue.begin(a.id) is not None
    later = Queue(queue.folder)
    assert later.claim()
    assert titles(later) == ["a", "b"] and later.get(a.id).status is QueueStatus.WAITING
    assert "The program ended while this was running" in later.get(a.id).message
    assert "a: the program ended while this was running" in later.held and later.next() is None
    later.give_up()


def test_what_was_to_be_stopped_when_its_program_was_killed_is_interrupted(queue: Queue) -> None:
    (a,) = add(queue, "a")
    assert queue.begin(a.id) is not None
    queue.cancel(a.id)
    later = Queue(queue.folder)
    assert later.claim()
    assert later.get(a.id).status is QueueStatus.INTERRUPTED and later.held == ""
    later.give_up()


def test_a_claim_that_failed_can_be_made_again(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    (a,) = add(queue, "a")
    assert queue.begin(a.id) is not None
    with monkeypatch.context() as full_disk:
        full_disk.setattr(queue, "put_back", no_space)
        with pytest.raises(StorageError):
            queue.claim()
    assert queue.claim() and queue.get(a.id).status is QueueStatus.WAITING
    queue.give_up()


def no_space(*_values: object) -> None:
    raise StorageError("The disk is full.")


def test_asking_whether_it_is_worked_off_and_claiming_never_meet(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traintab.jobs.queue._SECONDS_TO_WAIT", 0.05)
    lock = FileLock(queue.folder / "locks" / "queue.lock")
    assert lock.acquire()
    for look in (queue.is_worked_off, queue.claim):
        with pytest.raises(InputError, match="in use by this program"):
            look()
    lock.release()
    assert not queue.is_worked_off() and queue.claim() and queue.is_worked_off()
    queue.give_up()


def test_one_program_at_a_time_works_a_queue_off(queue: Queue) -> None:
    add(queue, "a")
    other = Queue(queue.folder)
    assert queue.claim() and not other.claim()
    assert other.runner() == "this program"
    queue.give_up()
    assert other.claim()
    other.give_up()


def test_what_could_not_begin_keeps_its_turn(queue: Queue) -> None:
    a, _ = add(queue, "a", "b")
    assert queue.begin(a.id) is not None
    queue.postpone(a.id)
    assert queue.next() == a and queue.held == ""


def test_programs_that_add_at_the_same_time_lose_nothing(queue: Queue) -> None:
    loader = REPOSITORY_DIR / "scripts" / "traintab_tab.py"
    script = (
        f"import runpy; runpy.run_path({str(loader)!r})\n"
        "import sys; from pathlib import Path; from traintab.jobs.queue import Queue\n"
        f"queue = Queue(Path({str(queue.folder)!r}))\n"
        "for number in range(20): queue.add('train', f'{sys.argv[1]}{number}', {})\n"
    )
    programs = [subprocess.Popen([sys.executable, "-c", script, name]) for name in "ab"]
    assert [program.wait(60) for program in programs] == [0, 0]
    assert len(set(titles(queue))) == 40
    assert sorted(entry.position for entry in queue.entries()) == list(range(1, 41))


def test_a_queue_in_use_is_waited_for_and_then_told(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("traintab.jobs.queue._SECONDS_TO_WAIT", 0.05)
    lock = FileLock(queue.folder / "locks" / "queue.lock")
    assert lock.acquire()
    with pytest.raises(InputError, match="in use by this program"):
        queue.add("train", "a", {})
    lock.release()
    assert queue.add("train", "a", {}).position == 1


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "queue").write_text("a file is in the way")
    with pytest.raises(StorageError):
        Queue(tmp_path / "queue").add("train", "a", {})
