from traintab.jobs import JobSnapshot, QueueEntry, QueueSnapshot, QueueStatus
from traintab.ui.queue_html import queue_choices, queue_html


def entry(entry_id: str, status: QueueStatus, **values: str) -> QueueEntry:
    title = f"Training of {entry_id}"
    return QueueEntry(
        id=entry_id, kind="train", title=title, detail="to step 5 on demo", status=status, **values
    )


QUEUE = QueueSnapshot(
    entries=(
        entry("r", QueueStatus.RUNNING, job="7"),
        entry("w", QueueStatus.WAITING),
        entry("h", QueueStatus.HELD),
        entry("f", QueueStatus.FAILED, message="The disk is full."),
        entry("i", QueueStatus.INTERRUPTED),
        entry("d", QueueStatus.FINISHED, message="Saved to d.pt."),
    )
)


def test_every_entry_is_a_line_with_its_turn_or_its_end() -> None:
    lines = queue_choices(QUEUE, JobSnapshot(id="7", step=1200, total_steps=5000))
    assert lines == [
        ("▶ Training of r, to step 5 on demo · running, step 1,200 of 5,000", "r"),
        ("1. Training of w, to step 5 on demo · waiting", "w"),
        ("2. Training of h, to step 5 on demo · held", "h"),
        ("✕ Training of f, to step 5 on demo · failed: The disk is full.", "f"),
        ("■ Training of i, to step 5 on demo · interrupted", "i"),
        ("✓ Training of d, to step 5 on demo · finished", "d"),
    ]


def test_the_step_is_told_of_the_entry_s_own_job_only() -> None:
    (line, _), *_ = queue_choices(QUEUE, JobSnapshot(id="8", step=1200, total_steps=5000))
    assert line.endswith("· running")


def test_what_is_asked_to_stop_says_so() -> None:
    stopping = QueueEntry(
        id="r", kind="train", title="A", status=QueueStatus.RUNNING, is_asked_to_stop=True, job="7"
    )
    ((line, _),) = queue_choices(QueueSnapshot(entries=(stopping,)), JobSnapshot(id="7", total_steps=9))
    assert line.endswith("· stopping")


def test_the_head_counts_and_says_why_nothing_is_started() -> None:
    text = queue_html(QueueSnapshot(entries=QUEUE.entries, held="Because of <b>.", runner="process 12"))
    assert 'data-state="held" data-count="6"' in text
    counted = text.replace("<span>", "").replace("</span>", "")
    assert "1 running, 1 waiting, 1 held, 1 failed, 1 interrupted, 1 finished" in counted
    assert "Because of &lt;b&gt;." in text and "process 12" in text
    assert 'data-state="open"' in queue_html(QUEUE)


def test_why_the_queue_went_on_is_said_to_whoever_interrupted() -> None:
    text = queue_html(QueueSnapshot(entries=QUEUE.entries, went_on="A was interrupted at step 3; <b>."))
    assert '<span role="status">A was interrupted at step 3; &lt;b&gt;.</span>' in text
    assert "status" not in queue_html(QUEUE)
