"""The scores of a grid in a file beside its labelled picture, so that a restarted program shows them again.

The picture's name says what the grid shows, so scores never come back with another grid.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StorageError
from ..files import write_text_atomically
from .scoring import StepScores

__all__ = ["load_scores", "save_scores"]

_LOGGER = logging.getLogger(__name__)
_MOST_BYTES = 1_000_000


def save_scores(picture: Path, name: str, scores: Mapping[int, StepScores]) -> None:
    """Write the scores by step, and in what they were measured; a full disk is told in the log only."""
    facts = {"judged_by": name, "steps": {str(step): dataclasses.asdict(one) for step, one in scores.items()}}
    try:
        write_text_atomically(_file(picture), json.dumps(facts, indent=1))
    except StorageError as error:
        _LOGGER.warning("%s", error)


def load_scores(picture: Path) -> tuple[str, dict[int, StepScores]]:
    """In what they were measured, and the scores by step; none where the file is missing or isn't ours."""
    try:
        with _file(picture).open("rb") as stream:
            facts = json.loads(stream.read(_MOST_BYTES))
        return str(facts["judged_by"]), {int(step): _scores(one) for step, one in facts["steps"].items()}
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return "", {}


def _file(picture: Path) -> Path:
    return picture.with_name(f"{picture.stem}-scores.json")


def _scores(facts: Mapping[str, Any]) -> StepScores:
    """Raises TypeError for what is no number or has another name, ValueError for what isn't finite."""
    for value in facts.values():
        if value is not None and not math.isfinite(value):
            raise ValueError(f"A score is {value}; it must be finite.")
    return StepScores(**facts)
