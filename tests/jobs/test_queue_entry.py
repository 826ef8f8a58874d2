import json
from typing import Any

import pytest

from traintab.jobs.queue_entry import QueueEntry, QueueStatus, entry_from_text, entry_to_text

ENTRY = QueueEntry(
    id="a1b2c3",
    kind="train",
    title="Training of mira",
    request={"config": {"steps": 5}, "resume": False},
    detail="to step 5 on demo",
    status=QueueStatus.FAILED,
    position=3,
    message="The disk is full.",
    added="2026-01-02T03:04:05.006",
    ended="2026-01-02T04:04:05.006",
    job="20260102-1-train",
    folder="/log/mira",
    is_asked_to_stop=True,
)


def changed(**values: Any) -> str:
    return json.dumps({**json.loads(entry_to_text(ENTRY)), **values})


def test_an_entry_is_read_back_as_it_was() -> None:
    assert entry_from_text(entry_to_text(ENTRY)) == ENTRY


def test_a_later_version_s_additions_are_left_out() -> None:
    assert entry_from_text(changed(color="red")) == ENTRY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2]",
        "{",
        '{"id": "a1b2c3"}',
        changed(status="dancing"),
        changed(position="first"),
        changed(request=[1]),
        changed(title=None),
        changed(is_asked_to_stop="yes"),
        changed(status=["waiting"]),
        changed(title="half a character: \ud83d"),
        "[" * 100_000,
    ],
)
def test_what_is_no_entry_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        entry_from_text(text)


@pytest.mark.parametrize("status", QueueStatus)
def test_an_entry_waits_runs_or_is_over(status: QueueStatus) -> None:
    assert [status.is_pending, status is QueueStatus.RUNNING, status.is_over].count(True) == 1
