"""Scores from an encoder whose vectors are known by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

from traintab.grids.scoring import ScoredPicture, StepScores
from traintab.likeness.looking import SeenPictures
from traintab.likeness.picture_scorer import CosineScorer, NearnessScorer

from .conftest import BLUE, GREEN, RED, WHITE, ByColor, drawn


def training(*colors: tuple[int, int, int]) -> list[Image.Image]:
    return [Image.new("RGB", (4, 4), color) for color in colors]


def quiet(_done: int, _total: int) -> None:
    pass


def cosine(looking: ByColor, **more: Any) -> CosineScorer:
    return CosineScorer(name="", looking=looking, embedding_name="sks", seen=SeenPictures(), **more)


def scored(scorer: Any, pictures: Sequence[ScoredPicture], *colors: tuple[int, int, int]) -> StepScores:
    return scorer.score({100: pictures}, training(*colors), quiet)[100]  # type: ignore[no-any-return]


def test_the_step_that_looks_like_the_training_pictures_is_the_likelier(by_color: ByColor) -> None:
    pictures = {100: [drawn(GREEN)], 200: [drawn((255, 255, 0))], 300: [drawn(RED)]}
    scores = cosine(by_color).score(pictures, training(RED, RED), quiet)
    found = [scores[step].likeness for step in (100, 200, 300)]
    assert found == pytest.approx([0, math.sqrt(0.5), 1])


def test_the_same_picture_in_every_seed_has_no_diversity(by_color: ByColor) -> None:
    same, different = [RED, RED], [RED, GREEN]
    found = [
        scored(
            cosine(by_color), [drawn(color, seed=seed) for seed, color in enumerate(colors)], RED
        ).diversity
        for colors in (same, different)
    ]
    assert found == pytest.approx([0, 1])


def test_diversity_compares_no_pictures_of_different_prompts(by_color: ByColor) -> None:
    pictures = [drawn(color, row=row, seed=seed) for row, color in enumerate((RED, BLUE)) for seed in (1, 2)]
    assert scored(cosine(by_color), pictures, RED).diversity == pytest.approx(0)


def test_with_one_seed_there_is_no_diversity_to_tell(by_color: ByColor) -> None:
    assert scored(cosine(by_color), [drawn(RED), drawn(BLUE, row=1)], RED).diversity is None


def test_an_encoder_that_reads_words_finds_each_picture_s_own_prompt(by_color: ByColor) -> None:
    prompts = ("sks, red", "sks, green")
    right = [drawn(color, row=row, prompt=prompts[row]) for row, color in enumerate((RED, GREEN))]
    wrong = [drawn(color, row=row, prompt=prompts[row]) for row, color in enumerate((GREEN, RED))]
    scorer = cosine(by_color, words=by_color)
    assert [scored(scorer, ones, RED).obedience for ones in (right, wrong)] == [1, 0]


def test_without_words_obedience_is_what_another_prompt_changes(by_color: ByColor) -> None:
    changed = [drawn(RED, prompt="sks, red"), drawn(GREEN, row=1, prompt="sks, green")]
    stuck = [drawn(RED, prompt="sks, red"), drawn(RED, row=1, prompt="sks, green")]
    assert [scored(cosine(by_color), ones, RED).obedience for ones in (changed, stuck)] == [1, 0]


@pytest.mark.parametrize("reads", [True, False])
def test_rows_that_differ_in_weight_alone_tell_nothing_of_obedience(by_color: ByColor, reads: bool) -> None:
    rows = [drawn(RED, prompt="(sks:0.6), red"), drawn(GREEN, row=1, prompt="(sks:1.4), red")]
    scorer = cosine(by_color, words=by_color if reads else None)
    assert scored(scorer, rows, RED).obedience is None


def test_a_seed_that_not_every_row_has_is_left_out_of_obedience(by_color: ByColor) -> None:
    pictures = [drawn(RED, seed=1, prompt="red"), drawn(BLUE, seed=2, prompt="red"),
                drawn(RED, row=1, seed=1, prompt="green")]  # fmt: skip
    assert scored(cosine(by_color), pictures, RED).obedience == pytest.approx(0)
    other_seeds = [drawn(RED, seed=1, prompt="red"), drawn(RED, row=1, seed=2, prompt="green")]
    assert scored(cosine(by_color), other_seeds, RED).obedience is None


def test_nearness_is_one_where_pictures_lie_as_the_training_pictures_do() -> None:
    scorer = NearnessScorer(name="", looking=ByColor(unit=False), embedding_name="sks", seen=SeenPictures())
    black = (0, 0, 0)
    # The training pictures are 1 apart; the drawn ones 0.5 from both, then 1 and sqrt(2).
    near = scored(scorer, [drawn((128, 0, 0))], RED, black).likeness
    far = scored(scorer, [drawn(GREEN)], RED, black).likeness
    assert near == pytest.approx(2, abs=0.02)
    assert far == pytest.approx(2 / (1 + math.sqrt(2)))


def test_a_lone_training_picture_can_be_compared_with_too() -> None:
    scorer = NearnessScorer(name="", looking=ByColor(unit=False), embedding_name="sks", seen=SeenPictures())
    assert scored(scorer, [drawn(RED)], RED).likeness == pytest.approx(1)
    assert scored(scorer, [drawn(WHITE)], RED).likeness == pytest.approx(1 / (1 + math.sqrt(2)))


def test_progress_counts_every_picture_to_the_end(by_color: ByColor) -> None:
    told: list[tuple[int, int]] = []
    pictures = {step: [drawn(RED, seed=seed) for seed in range(10)] for step in (1, 2)}
    cosine(by_color).score(pictures, training(RED), lambda done, total: told.append((done, total)))
    assert told == [(0, 21), (16, 21), (21, 21)]


def test_a_second_judging_looks_at_new_pictures_only(by_color: ByColor) -> None:
    scorer = cosine(by_color)
    scored(scorer, [drawn(RED), drawn(GREEN, row=1)], BLUE)
    first = sum(by_color.looked)
    scored(scorer, [drawn(RED), drawn(GREEN, row=1), drawn(WHITE, row=2)], BLUE)
    assert (first, sum(by_color.looked)) == (3, 4)
