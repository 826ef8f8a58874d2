"""The last lines of a job's log."""

from __future__ import annotations

import html
from functools import lru_cache
from pathlib import Path

from ..jobs import JobSnapshot
from ..jobs.job_log import LOG_FILE

__all__ = ["log_html"]


def log_html(job: JobSnapshot) -> str:
    """The lines with their times, the newest last and in sight; the day stands where it changes."""
    if not job.log:
        return '<p class="traintab-hint">Nothing has been told yet.</p>'
    return f"{_rows(job.log)}{_place(job)}"


@lru_cache(maxsize=4)
def _rows(log: tuple[str, ...]) -> str:
    """Asked for at every look, by every open page, and seldom another."""
    lines, day = [], ""
    for line in log:
        date, _, rest = line.partition(" ")
        clock, _, sentence = rest.partition(" ")
        if date != day:
            lines.append(f'<li class="traintab-log-day">{html.escape(date)}</li>')
            day = date
        lines.append(f"<li><time>{html.escape(clock)}</time> <span>{html.escape(sentence)}</span></li>")
    rows = "".join(lines)
    label = "Log of the job, the newest line last"
    return f'<div class="traintab-log" role="region" aria-label="{label}" tabindex="0"><ol>{rows}</ol></div>'


def _place(job: JobSnapshot) -> str:
    if not job.folder:
        return ""
    path = html.escape(str(Path(job.folder) / LOG_FILE))
    return f'<p class="traintab-hint"><span>The whole log:</span> <code>{path}</code></p>'
