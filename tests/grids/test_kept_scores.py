"""Scores lie beside the grid they are of, and come back whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traintab.grids.kept_scores import load_scores, save_scores
from traintab.grids.scoring import StepScores

NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
SCORES = st.builds(
    StepScores, likeness=NUMBERS, diversity=NUMBERS, obedience=NUMBERS, evaluation_loss=NUMBERS
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20), st.dictionaries(st.integers(0, 10**6), SCORES, max_size=6))
def test_any_scores_come_back(tmp_path: Path, name: str, scores: dict[int, StepScores]) -> None:
    picture = tmp_path / "mira-0123456789.png"
    save_scores(picture, name, scores)
    assert load_scores(picture) == (name, scores)


def test_another_grid_has_no_scores(tmp_path: Path) -> None:
    save_scores(tmp_path / "mira-0123456789.png", "CLIP", {10: StepScores(likeness=0.5)})
    assert load_scores(tmp_path / "mira-9876543210.png") == ("", {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"judged_by": "x"}',
        '{"judged_by": "x", "steps": []}',
        '{"judged_by": "x", "steps": {"ten": {}}}',
        '{"judged_by": "x", "steps": {"10": {"likeness": "good"}}}',
        '{"judged_by": "x", "steps": {"10": {"likeness": NaN}}}',
        '{"judged_by": "x", "steps": {"10": {"beauty": 1.0}}}',
        json.dumps([[]] * 10) + "[" * 100_000,
    ],
)
def test_a_file_of_somebody_else_s_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "mira-scores.json").write_text(text)
    assert load_scores(tmp_path / "mira.png") == ("", {})


def test_a_folder_that_takes_nothing_is_told_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "grids").write_text("a file")
    save_scores(tmp_path / "grids" / "mira.png", "CLIP", {10: StepScores(likeness=0.5)})
    assert "mira-scores.json failed" in caplog.text
