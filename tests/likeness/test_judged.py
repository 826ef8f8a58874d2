"""Scores by a judge that reads pictures."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image

from traintab.grids.scoring import ScoredPicture
from traintab.likeness.judged import JudgeScorer

from .conftest import BLUE, GREEN, RED, drawn

NAMES = {RED: "red", GREEN: "green", BLUE: "blue"}


class ColorJudge:
    """Reads the first pixel as clothes, and the last as background."""

    name = "colours"
    changeable = ("clothes", "background")

    def read(self, images: Sequence[Image.Image]) -> list[dict[str, str]]:
        return [
            {"clothes": NAMES[image.getpixel((0, 0))], "background": NAMES[image.getpixel((3, 3))]}
            for image in images
        ]

    def likeness(self, images: Sequence[Image.Image], training: Sequence[Image.Image]) -> float:
        wanted = self.read(training)[0]["clothes"]
        return sum(one["clothes"] == wanted for one in self.read(images)) / len(images)

    def asked(self, prompt: str) -> dict[str, list[str]]:
        named = [word for word in prompt.split() if word in NAMES.values()]
        return {"clothes": named} if named else {}


def training(*backgrounds: tuple[int, int, int]) -> list[Image.Image]:
    """Red clothes and blue ones, before these backgrounds."""
    pictures = []
    for number, background in enumerate(backgrounds):
        picture = Image.new("RGB", (4, 4), background)
        picture.putpixel((0, 0), (RED, BLUE)[number % 2])
        pictures.append(picture)
    return pictures


def scores(
    pictures: Sequence[ScoredPicture], *backgrounds: tuple[int, int, int]
) -> tuple[float | None, float | None, float | None]:
    scorer = JudgeScorer(name="", judge=ColorJudge(), embedding_name="sks")
    learned = training(*(backgrounds or (GREEN, GREEN)))
    found = scorer.score({5: pictures}, learned, lambda done, total: None)[5]
    return found.likeness, found.diversity, found.obedience


def test_the_judge_says_how_alike_pictures_are() -> None:
    assert scores([drawn(RED), drawn(GREEN, seed=2)])[0] == pytest.approx(0.5)


def test_diversity_is_the_share_of_changeable_features_that_a_seed_changes() -> None:
    varied = (GREEN, RED, BLUE)  # nothing is the same in all training pictures
    half = [drawn(RED), drawn(RED, seed=2)]
    half[1].image.putpixel((3, 3), GREEN)
    assert scores(half, *varied)[1] == pytest.approx(0.5)
    assert scores([drawn(RED), drawn(GREEN, seed=2)], *varied)[1] == 1
    assert scores([drawn(RED), drawn(RED, seed=2)], *varied)[1] == 0


def test_what_the_training_pictures_share_is_no_matter_of_the_seed() -> None:
    pictures = [drawn(RED), drawn(RED, seed=2)]
    pictures[1].image.putpixel((3, 3), GREEN)
    assert scores(pictures, BLUE, BLUE)[1] == 0  # only the clothes are left open


def test_what_the_prompt_names_is_not_for_the_seed_to_change() -> None:
    pictures = [drawn(color, seed=seed, prompt="sks in red") for seed, color in enumerate((RED, GREEN))]
    assert scores(pictures)[1] is None
    assert scores(pictures, GREEN, RED, BLUE)[1] == 1  # only the background is left open


def test_obedience_is_the_share_of_what_was_asked_that_is_seen() -> None:
    pictures = [drawn(RED, prompt="sks in red"), drawn(RED, row=1, prompt="sks in blue")]
    assert scores(pictures)[2] == pytest.approx(0.5)


def test_of_several_values_that_a_prompt_names_any_will_do() -> None:
    assert scores([drawn(RED, prompt="sks in red and blue")])[2] == 1


def test_prompts_that_ask_for_nothing_tell_nothing_of_obedience() -> None:
    assert scores([drawn(RED, prompt="sks")])[2] is None


def test_progress_ends_at_all_pictures() -> None:
    told: list[tuple[int, int]] = []
    scorer = JudgeScorer(name="", judge=ColorJudge(), embedding_name="sks")
    two = {1: [drawn(RED)], 2: [drawn(RED)]}
    scorer.score(two, training(GREEN), lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]
