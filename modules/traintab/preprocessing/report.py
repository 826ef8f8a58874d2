"""The events of a preprocessing run as one JSON object, and as lines to read."""

from __future__ import annotations

from typing import Any

from .events import (
    PictureDone,
    PictureSkipped,
    PictureUnchanged,
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
            "error": None,
            "dry_run": dry_run,
            "width": None,
            "height": None,
            "total": 0,
            "written": [],
            "unchanged": [],
            "skipped": [],
            "notes": [],
            "totals": {"written": 0, "unchanged": 0, "skipped": 0, "remaining": 0},
            "seconds": None,
            "pictures_per_second": None,
        }

    def add(self, event: PreprocessEvent) -> None:
        """Take in one event."""
        report = self._report
        if isinstance(event, PreprocessStarted):
            report.update(total=event.total, width=event.width, height=event.height)
            report["notes"] += event.notes
        elif isinstance(event, PictureDone):
            report["written"].append(_what_became_of(event))
        elif isinstance(event, PictureUnchanged):
            report["unchanged"].append(_what_became_of(event))
        elif isinstance(event, PictureSkipped):
            report["skipped"].append({"source": str(event.source), "reason": event.reason})
        elif isinstance(event, PreprocessInterrupted):
            report.update(status="interrupted", seconds=event.seconds)
            report["totals"] = _totals(event, event.remaining)
        elif isinstance(event, PreprocessFinished):
            report.update(status="finished", seconds=event.seconds)
            report["pictures_per_second"] = event.pictures_per_second
            report["totals"] = _totals(event, 0)
            report["notes"] += event.notes

    def fail(self, sentence: str) -> None:
        """Take in what ended the run before its time."""
        self._report.update(status="failed", error=sentence)

    @property
    def dry_run(self) -> bool:
        """Whether nothing is written."""
        return bool(self._report["dry_run"])

    @property
    def has_begun(self) -> bool:
        """Whether the settings were good enough to begin."""
        return self._report["width"] is not None

    def add_check(self, check: dict[str, Any]) -> None:
        """Take in what `FolderCheck.to_mapping` says of the source: the report's `check`."""
        self._report["check"] = check

    @property
    def outputs(self) -> int:
        """How many pictures were written, or would be."""
        return sum(len(item["outputs"]) for item in self._report["written"])

    @property
    def unchanged(self) -> int:
        """How many files needed no work."""
        return len(self._report["unchanged"])

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """The files that gave no picture, each with the reason."""
        return [(item["source"], item["reason"]) for item in self._report["skipped"]]

    @property
    def first_reason(self) -> str:
        """Why the first file that was skipped was skipped."""
        return str(self._report["skipped"][0]["reason"]) if self._report["skipped"] else ""

    def to_mapping(self) -> dict[str, Any]:
        """Texts, numbers and lists only: `status`, `error`, `dry_run`, `width`, `height`, `total`, `written`
        and `unchanged` (source, outputs, notes), `skipped` (source, reason), `notes`, `totals`, `seconds`,
        `pictures_per_second`. The totals count pictures written, files unchanged, skipped, not looked at.
        """
        return dict(self._report)


def _what_became_of(event: PictureDone | PictureUnchanged) -> dict[str, Any]:
    outputs = [str(path) for path in event.outputs]
    return {"source": str(event.source), "outputs": outputs, "notes": list(event.notes)}


def _totals(event: PreprocessInterrupted | PreprocessFinished, remaining: int) -> dict[str, int]:
    return {
        "written": event.written,
        "unchanged": event.unchanged,
        "skipped": event.skipped,
        "remaining": remaining,
    }
