"""What speaks against mirrored pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.configs import TrainingConfig, replace_fields
from traintab.datasets.report import DatasetImage, DatasetReport
from traintab.paths import Paths
from traintab.prompts.templates import Template
from traintab.training.checks import check_before_loading
from traintab.training.flip_advice import flip_advice
from traintab.training.prompt_lines import PromptRules


def advice(*captions: str, line: str = "[name], [filewords]", flip: bool = True) -> str:
    images = tuple(
        DatasetImage(path=Path(f"{number}.png"), caption=caption, content_hash="", width=1, height=1)
        for number, caption in enumerate(captions)
    )
    rules = PromptRules(name="zq", template=Template("t", (line,)))
    return flip_advice(DatasetReport(folder=Path(), images=images), rules, flip=flip)


def test_captions_that_name_a_side_are_told() -> None:
    said = advice("looking to the Left", "a hat", "right hand up")
    assert "the prompts of 0.png, 2.png say left or right" in said
    assert "switch Flip pictures at random off" in said


def test_of_many_the_first_few_are_named() -> None:
    assert "of 0.png, 1.png, 2.png and 4 more say" in advice(*["left"] * 7)


@pytest.mark.parametrize("caption", ["bright light", "a leftover", "copyright", "a hat"])
def test_words_that_only_contain_one_are_fine(caption: str) -> None:
    assert advice(caption) == ""


def test_unflipped_pictures_may_have_sides() -> None:
    assert advice("looking left", flip=False) == ""


def test_a_caption_that_no_prompt_shows_does_not_matter() -> None:
    assert advice("looking left", line="a photo of [name]") == ""


def test_a_template_that_names_a_side_does() -> None:
    assert advice("a hat", line="[name] on the left") != ""


def test_a_run_tells_it_before_it_begins(config: TrainingConfig, paths: Paths, pictures: Path) -> None:
    (pictures / "red hat.txt").write_text("a hat on the left", encoding="utf-8")
    flipped = replace_fields(config, {"flip_augmentation": True})
    assert any(
        "red hat.png say left or right" in said for said in check_before_loading(flipped, paths).notices
    )
    assert not any("left or right" in said for said in check_before_loading(config, paths).notices)
