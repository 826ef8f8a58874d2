from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.grids.scoring import StepScores, recommended

NUMBERS = st.one_of(st.none(), st.floats(0, 1), st.just(math.nan))
SCORES = st.builds(
    StepScores, likeness=NUMBERS, diversity=NUMBERS, obedience=NUMBERS, evaluation_loss=NUMBERS
)


def by_step(*scores: tuple[int, StepScores]) -> dict[int, StepScores]:
    return dict(scores)


def test_the_step_most_like_the_training_pictures_is_recommended() -> None:
    told = recommended(
        by_step(
            (100, StepScores(likeness=0.3)), (200, StepScores(likeness=0.8)), (300, StepScores(likeness=0.6))
        )
    )
    assert told is not None and told.step == 200
    assert told.reason == "Its likeness to the training pictures, 0.800, is the highest."


def test_of_steps_as_good_the_earliest_is_recommended() -> None:
    told = recommended(
        by_step(
            (100, StepScores(likeness=0.3)), (200, StepScores(likeness=0.79)), (300, StepScores(likeness=0.8))
        )
    )
    assert told is not None and told.step == 200 and "as good as the highest, 0.800" in told.reason


@pytest.mark.parametrize("lost", ["diversity", "obedience"])
def test_a_step_that_ignores_seed_or_prompt_is_overfitted(lost: str) -> None:
    told = recommended(
        by_step(
            (100, StepScores(likeness=0.4, **{lost: 0.5})),
            (200, StepScores(likeness=0.7, **{lost: 0.4})),
            (300, StepScores(likeness=0.9, **{lost: 0.1})),
        )
    )
    assert told is not None and told.step == 200 and "overfitted" in told.reason


def test_the_earliest_that_is_not_overfitted_is_not_called_the_highest() -> None:
    told = recommended(
        {
            100: StepScores(likeness=0.1, diversity=0.5),
            200: StepScores(likeness=0.79, diversity=0.5),
            300: StepScores(likeness=0.8, diversity=0.5),
            400: StepScores(likeness=0.9, diversity=0.1),
        }
    )
    assert told is not None and told.step == 200
    assert "0.790, is as good as the highest, 0.800," in told.reason and "overfitted" in told.reason


def test_what_is_not_learned_yet_is_no_measure_of_diversity() -> None:
    scores = {
        20: StepScores(likeness=0.583, diversity=0.683),
        80: StepScores(likeness=0.885, diversity=0.383),
        100: StepScores(likeness=0.884, diversity=0.083),
        120: StepScores(likeness=0.897, diversity=0.217),
    }
    told = recommended(scores)
    assert told is not None and told.step == 80 and "as good as the highest, 0.897" in told.reason


def test_where_each_step_has_lost_something_likeness_alone_decides() -> None:
    told = recommended(
        {
            100: StepScores(likeness=0.8, diversity=0.9, obedience=0.1),
            200: StepScores(likeness=0.9, diversity=0.1, obedience=0.9),
            300: StepScores(likeness=0.1),
        }
    )
    assert told is not None and told.step == 200


def test_without_likeness_the_evaluation_loss_decides() -> None:
    told = recommended(
        by_step((100, StepScores(evaluation_loss=0.2)), (200, StepScores(evaluation_loss=0.15)))
    )
    assert told is not None and (told.step, told.reason) == (
        200,
        "Its evaluation loss, 0.1500, is the lowest.",
    )


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {100: StepScores(likeness=0.9)},
        {0: StepScores(likeness=0.9), 100: StepScores(likeness=0.1)},
        {100: StepScores(), 200: StepScores()},
        {100: StepScores(diversity=0.4), 200: StepScores(diversity=0.3)},
    ],
)
def test_where_nothing_can_be_compared_nothing_is_recommended(scores: dict[int, StepScores]) -> None:
    assert recommended(scores) is None


@given(st.dictionaries(st.integers(0, 1000), SCORES, max_size=8))
def test_what_is_recommended_is_a_trained_step_with_a_reason(scores: dict[int, StepScores]) -> None:
    told = recommended(scores)
    if told is not None:
        assert told.step in scores and told.step > 0
        assert told.reason.endswith(".") and "nan" not in told.reason
