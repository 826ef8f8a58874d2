"""The result of looking at a folder: for the page, as JSON, as lines to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from .findings import Finding, Named

__all__ = ["FolderCheck", "told"]

_NAMED_IN_LINES = 5


@dataclass(frozen=True, kw_only=True)
class FolderCheck:
    """What a folder holds, for a training `size` of (width, height) in pixels.

    `count` pictures can be read, of `total` files; `not_looked_at` are those that an interrupt left. `sizes`
    are the pictures' (width, height); `shapes` how many have each shape; `captions` how many have one.
    `advice` are sentences.
    """

    folder: Path
    size: tuple[int, int]
    total: int
    sizes: tuple[tuple[int, int], ...]
    shapes: dict[str, int]
    captions: int
    findings: tuple[Finding, ...]
    advice: tuple[str, ...]
    notes: tuple[str, ...] = ()
    not_looked_at: int = 0

    @property
    def count(self) -> int:
        """How many pictures can be read."""
        return len(self.sizes)

    @property
    def megapixels(self) -> tuple[float, float, float]:
        """Of the smallest picture, of the one in the middle, and of the largest; zeros without pictures."""
        areas = [width * height / 1e6 for width, height in self.sizes] or [0.0]
        return min(areas), median(areas), max(areas)

    @property
    def smallest_and_largest(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(width, height) of the pictures with the smallest and the largest area; raises without pictures."""
        by_area = sorted(self.sizes, key=lambda size: size[0] * size[1])
        return by_area[0], by_area[-1]

    def to_mapping(self) -> dict[str, Any]:
        """Texts, numbers, lists and mappings only: the report's `check`."""
        low, middle, high = self.megapixels
        return {
            "folder": str(self.folder),
            "width": self.size[0],
            "height": self.size[1],
            "total": self.total,
            "count": self.count,
            "captions": self.captions,
            "not_looked_at": self.not_looked_at,
            "megapixels": {"smallest": low, "median": middle, "largest": high},
            "shapes": dict(self.shapes),
            "findings": [_finding_mapping(one) for one in self.findings],
            "advice": list(self.advice),
            "notes": list(self.notes),
        }

    def lines(self) -> list[str]:
        """The same for people."""
        found = [self._counted(), *self.notes]
        for one in self.findings:
            found += [f"{one.title}. {one.remedy}", *_named_lines(one.pictures)]
        found += [f"Advice: {sentence}" for sentence in self.advice]
        return found

    def _counted(self) -> str:
        left = f", {self.not_looked_at} not looked at" if self.not_looked_at else ""
        files = "1 file" if self.total == 1 else f"{self.total} files"
        if not self.sizes:
            return f"Checked {files}{left}: no picture can be read."
        small, large = self.smallest_and_largest
        shapes = ", ".join(f"{count} near {name}" for name, count in self.shapes.items() if count)
        pictures = "1 picture" if self.count == 1 else f"{self.count} pictures"
        return (
            f"Checked {files}{left}: {pictures}, {small[0]}x{small[1]} to {large[0]}x{large[1]} pixels,"
            f" shapes: {shapes}; {self.captions} with a caption."
        )


def _finding_mapping(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "problem": finding.is_problem,
        "title": finding.title,
        "remedy": finding.remedy,
        "pictures": [
            {"file": str(one.path), "detail": one.detail, "other": str(one.other) if one.other else None}
            for one in finding.pictures
        ],
    }


def _named_lines(pictures: Sequence[Named]) -> list[str]:
    lines = [f"  {told(one)}" for one in pictures[:_NAMED_IN_LINES]]
    more = len(pictures) - _NAMED_IN_LINES
    return lines + [f"  and {more} more"] * (more > 0)


def told(named: Named) -> str:
    """The picture, what is said of it, and the other one's name."""
    if named.other is not None:
        return f"{named.path.name}: {named.detail} as {named.other.name}"
    if named.detail.startswith(named.path.name):  # a sentence
        return named.detail
    return f"{named.path.name}: {named.detail}"
