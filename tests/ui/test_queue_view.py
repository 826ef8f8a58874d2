"""What the page shows of the queue, and what its buttons do."""

from typing import Any

import pytest

from traintab.jobs import QueueEntry, QueueSnapshot, QueueStatus
from traintab.ui.gradio_compat import skip
from traintab.ui.messages import guarded
from traintab.ui.queue_view import acted, cleared_queue, toggled_queue, view

NAMES = ("box", "head", "entries", "up", "down", "hold", "retry", "cancel", "hold_all", "clear")


def entry(entry_id: str, status: QueueStatus = QueueStatus.WAITING) -> QueueEntry:
    return QueueEntry(id=entry_id, kind="train", title=f"Training of {entry_id}", status=status)


def looked(studio: Any, chosen: str | None = None, seen: dict[str, str] | None = None) -> dict[str, Any]:
    _, *values = view(studio)(seen or {}, chosen)
    return dict(zip(NAMES, values, strict=True))


def test_an_empty_queue_is_out_of_sight(studio: Any) -> None:
    assert looked(studio)["box"]["visible"] is False


def test_the_list_is_there_as_soon_as_something_is_in_it(studio: Any) -> None:
    studio.queue.shown = QueueSnapshot(entries=(entry("a"), entry("b")))
    shown = looked(studio)
    assert shown["box"]["visible"] is True
    assert [value for _, value in shown["entries"]["choices"]] == ["a", "b"]
    assert [shown[name]["interactive"] for name in NAMES[3:8]] == [False] * 5


@pytest.mark.parametrize(
    ("status", "reachable", "hold", "cancel"),
    [
        (QueueStatus.WAITING, ["up", "down", "hold", "cancel"], "Hold", "Remove"),
        (QueueStatus.HELD, ["up", "down", "hold", "cancel"], "Release", "Remove"),
        (QueueStatus.RUNNING, ["cancel"], "Hold", "Interrupt"),
        (QueueStatus.FAILED, ["retry", "cancel"], "Hold", "Remove"),
        (QueueStatus.INTERRUPTED, ["retry", "cancel"], "Hold", "Remove"),
        (QueueStatus.FINISHED, ["cancel"], "Hold", "Remove"),
    ],
)
def test_the_buttons_suit_what_is_chosen(
    studio: Any, status: QueueStatus, reachable: list[str], hold: str, cancel: str
) -> None:
    studio.queue.shown = QueueSnapshot(entries=(entry("a", status),))
    shown = looked(studio, "a")
    assert [name for name in NAMES[3:8] if shown[name]["interactive"]] == reachable
    assert (shown["hold"]["value"], shown["cancel"]["value"]) == (hold, cancel)


def test_nothing_is_sent_when_nothing_has_changed(studio: Any) -> None:
    studio.queue.shown = QueueSnapshot(entries=(entry("a"),))
    look = view(studio)
    seen, *_ = look({}, None)
    assert look(seen, None) == tuple([skip()] * (len(NAMES) + 1))
    studio.queue.shown = QueueSnapshot(entries=(entry("a"),), held="Held.")
    _, *values = look(seen, None)
    assert [name for name, value in zip(NAMES, values, strict=True) if value != skip()] == [
        "head",
        "hold_all",
    ]


def test_the_choice_goes_away_with_its_entry(studio: Any) -> None:
    studio.queue.shown = QueueSnapshot(entries=(entry("b"),))
    assert looked(studio, "a")["entries"]["value"] is None
    assert "value" not in looked(studio, "b")["entries"]


def test_a_button_acts_on_the_chosen_entry(studio: Any) -> None:
    assert acted(studio.queue.cancel)("a") == ("",)
    assert studio.calls == [("cancel", "a")]
    (said,) = guarded(acted(studio.queue.cancel), outputs=1)(None)
    assert "Choose an entry" in said and len(studio.calls) == 1


def test_the_whole_queue_is_held_and_released(studio: Any) -> None:
    (said,) = toggled_queue(studio)()
    assert "nothing else is started" in said
    studio.queue.shown = QueueSnapshot(held="Held.")
    assert toggled_queue(studio)() == ("",)
    assert studio.calls == [("hold", ""), ("release", "")]


def test_what_is_finished_is_removed_at_once_where_something_is(studio: Any) -> None:
    studio.queue.shown = QueueSnapshot(entries=(entry("a"),))
    assert looked(studio)["clear"]["visible"] is False
    studio.queue.shown = QueueSnapshot(entries=(entry("a", QueueStatus.FINISHED), entry("b")))
    assert looked(studio)["clear"]["visible"] is True
    (said,) = cleared_queue(studio)()
    assert "1 finished entry is removed; their runs are in Past runs." in said
    assert studio.calls == [("remove_finished", None)]
