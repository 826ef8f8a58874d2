from __future__ import annotations

from traintab.jobs import JobSnapshot
from traintab.ui.job_log_html import log_html

LINES = (
    "2026-01-31 23:59:58 Training.",
    "2026-02-01 00:00:01 Saved <b>step</b> 5.",
    "2026-02-01 00:00:02 Done.",
)


def test_lines_stand_with_their_times_below_the_day_they_were_told() -> None:
    found = log_html(JobSnapshot(log=LINES))
    places = [found.index(text) for text in ("2026-01-31", "23:59:58", "2026-02-01", "00:00:01", "Done.")]
    assert places == sorted(places) and found.count("2026-02-01") == 1


def test_what_was_told_is_shown_as_text() -> None:
    assert "Saved &lt;b&gt;step&lt;/b&gt; 5." in log_html(JobSnapshot(log=LINES))


def test_it_says_where_the_whole_log_is() -> None:
    assert "log.txt" in log_html(JobSnapshot(log=LINES, folder="runs/mira"))
    assert "log.txt" not in log_html(JobSnapshot(log=LINES))


def test_an_empty_log_says_so() -> None:
    assert "Nothing has been told yet." in log_html(JobSnapshot())
