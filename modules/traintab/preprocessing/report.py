"""The events of a preprocessing run as one JSON object, and as lines to read."""

from __future__ import annotations

from typing import Any

from .events import (
    PictureDone,
    PictureSkipped,
    PreprocessEvent,
    PreprocessFinished,
    PreprocessInterrupted,
    PreprocessStarted,
)

__all__ = ["PreprocessReport"]


class PreprocessReport:
    """Takes a run's events by `add`; `to_mapping` is what was done so far."""

    def __init__(self, *, dry_run: bool = False) -> None:
        self._report: dict[str, Any] = {
            "status": "running",
            "dry_run": dry_run,
            "width": None,
            "height": None,
            "total": 0,
            "written": [],
            "skipped": [],
            "notes": [],
        }

    def add(self, event: PreprocessEvent) -> None:
        """Take in one event."""
        report = self._report
        if isinstance(event, PreprocessStarted):
            report.update(total=event.total, width=event.width, height=event.height)
            report["notes"] += event.notes
        elif isinstance(event, PictureDone):
            outputs = [str(path) for path in event.outputs]
            report["written"].append(
                {"source": str(event.source), "outputs": outputs, "notes": list(event.notes)}
            )
        elif isinstance(event, PictureSkipped):
            report["skipped"].append({"source": str(event.source), "reason": event.reason})
        elif isinstance(event, PreprocessInterrupted):
            report["status"] = "interrupted"
        elif isinstance(event, PreprocessFinished):
            report["status"] = "finished"
            report["notes"] += event.notes

    @property
    def outputs(self) -> int:
        """How many pictures were written, or would be."""
        return sum(len(item["outputs"]) for item in self._report["written"])

    @property
    def first_reason(self) -> str:
        """Why the first file that was skipped was skipped."""
        return str(self._report["skipped"][0]["reason"]) if self._report["skipped"] else ""

    def to_mapping(self) -> dict[str, Any]:
        """`status`, `dry_run`, `width`, `height`, `total`, `written` (source, outputs, notes), `skipped`
        (source, reason) and `notes`: texts, numbers and lists only.
        """
        return dict(self._report)
