"""The queue in words, pure functions of its snapshot."""

from __future__ import annotations

import html

from ..jobs import JobSnapshot, QueueEntry, QueueSnapshot, QueueStatus

__all__ = ["queue_choices", "queue_html"]

_SIGNS = {
    QueueStatus.RUNNING: "▶",
    QueueStatus.INTERRUPTED: "■",
    QueueStatus.FINISHED: "✓",
    QueueStatus.FAILED: "✕",
}


def queue_html(queue: QueueSnapshot) -> str:
    """How much there is, and why nothing is started where that is so."""
    told = [f'<span class="traintab-queue-title">Queue</span> {_counted(queue)}']
    if queue.runner:
        told.append(f"Another program ({html.escape(queue.runner)}) works it off.")
    if queue.went_on:
        told.append(f'<span role="status">{html.escape(queue.went_on)}</span>')
    if queue.held:
        told.append(f'<span class="traintab-chip traintab-stopping">Held</span> {html.escape(queue.held)}')
    lines = "".join(f"<p>{line}</p>" for line in told)
    state = "held" if queue.held else "open"
    return f'<div class="traintab-queue" data-state="{state}" data-count="{len(queue.entries)}">{lines}</div>'


def _counted(queue: QueueSnapshot) -> str:
    """`1 running, 2 waiting, 1 failed`, each a text of its own for a translation."""
    first = (QueueStatus.RUNNING, QueueStatus.WAITING, QueueStatus.HELD, QueueStatus.FAILED)
    counts = dict.fromkeys((*first, *QueueStatus), 0)
    for entry in queue.entries:
        counts[entry.status] += 1
    texts = (f"{count} {status.value}" for status, count in counts.items() if count)
    return ", ".join(f"<span>{text}</span>" for text in texts)


def queue_choices(queue: QueueSnapshot, job: JobSnapshot) -> list[tuple[str, str]]:
    """A line for each entry with its id, in order; what waits is numbered by its turn."""
    pending = [entry.id for entry in queue.entries if entry.status.is_pending]
    return [
        (_line(entry, job, pending.index(entry.id) + 1 if entry.id in pending else 0), entry.id)
        for entry in queue.entries
    ]


def _line(entry: QueueEntry, job: JobSnapshot, turn: int) -> str:
    sign = _SIGNS.get(entry.status, f"{turn}.")
    return f"{sign} {entry.title}, {entry.detail} · {_state(entry, job)}"


def _state(entry: QueueEntry, job: JobSnapshot) -> str:
    if entry.status is QueueStatus.RUNNING and entry.is_asked_to_stop:
        return "stopping"
    if entry.status is QueueStatus.RUNNING and entry.job == job.id and job.total_steps:
        return f"running, step {job.step:,} of {job.total_steps:,}"
    said = f": {entry.message}" if entry.message and entry.status is not QueueStatus.FINISHED else ""
    return f"{entry.status.value}{said}"
