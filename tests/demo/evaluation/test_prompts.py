"""What the evaluation asks for by prompt."""

from __future__ import annotations

import random

import pytest
from PIL import Image

from traintab.demo.evaluation import prompts
from traintab.demo.judge import Judge
from traintab.demo.world import is_held_out

GIRL = {
    "kind": "girl",
    "hair color": "pink",
    "hair style": "long",
    "eye color": "blue",
    "other eye color": "blue",
    "clothes": "hoodie",
    "clothes color": "red",
    "background": "plain",
    "background color": "green",
}


def test_every_combination_asked_for_is_held_out() -> None:
    assert all(is_held_out(prompts.asked_attributes(random.Random(seed))) for seed in range(50))


def test_what_is_asked_follows_from_the_seed() -> None:
    assert prompts.asked_attributes(random.Random(1)) == prompts.asked_attributes(random.Random(1))


def test_a_prompt_says_all_that_is_asked() -> None:
    assert prompts.prompt_for(GIRL) == "a girl with long pink hair, blue eyes, red hoodie, green background"


@pytest.mark.parametrize(
    ("style", "words"), [("bob", "pink bob cut"), ("buns", "pink hair buns"), ("twintails", "pink twintails")]
)
def test_hair_styles_are_named_as_captions_name_them(style: str, words: str) -> None:
    assert words in prompts.prompt_for({**GIRL, "hair style": style})


def test_a_pattern_is_part_of_the_background() -> None:
    assert "striped green background" in prompts.prompt_for({**GIRL, "background": "striped"})


def test_obedience_is_the_share_of_pictures_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Agreeing:
        def values(self, pictures: list[Image.Image]) -> list[dict[str, str]]:
            generators = prompts._generators([3])
            wanted = [prompts.asked_attributes(rng) for rng in generators]
            return [{**each, "hair color": "none"} for each in wanted]

    blank = Image.new("RGB", (8, 8))
    monkeypatch.setattr(prompts, "sample", lambda model, asked, seed: [blank] * len(asked))
    found = prompts.measure_obedience(None, Agreeing(), [3])  # type: ignore[arg-type]
    assert found.shares["hair color"] == 0.0
    assert found.shares["clothes color"] == 1.0
    assert len(found.prompts) == 20


def test_the_judge_reads_nearly_all_of_the_artists_drawings() -> None:
    ceiling = prompts.judge_ceiling(Judge.load(), [1, 2])
    assert all(ceiling[key] >= 0.9 for key in prompts.ASKED)
