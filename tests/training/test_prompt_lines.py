"""Template lines and the prompts they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.datasets.report import DatasetImage
from traintab.datasets.seeds import seeded_generator
from traintab.prompts.templates import Template
from traintab.training.prompt_lines import PromptRules


def rules(*lines: str, shuffle: bool = False, drop_out: float = 0.0) -> PromptRules:
    template = Template("t.txt", lines)
    return PromptRules(name="zq", template=template, shuffle_tags=shuffle, tag_drop_out=drop_out)


def images(*captions: str) -> list[DatasetImage]:
    return [
        DatasetImage(path=Path(f"{number}.png"), caption=caption, content_hash=str(number), width=8, height=8)
        for number, caption in enumerate(captions)
    ]


def test_a_prompt_is_the_line_with_caption_and_name() -> None:
    assert rules().prompt("a photo of [name], [filewords] ", "red [name]") == "a photo of zq, red zq"


def test_only_lines_that_show_the_name_are_used() -> None:
    some = rules("a photo of [name]", "a photo, [filewords]", "a cat")
    assert some.usable_lines("hat") == ("a photo of [name]",)
    assert some.usable_lines("[name] in a hat") == ("a photo of [name]", "a photo, [filewords]")


def test_lines_are_drawn_the_same_for_the_same_seed_and_vary_with_it() -> None:
    some = rules(*(f"{number} [name]" for number in range(50)))
    pictures = images(*"abcdef")
    drawn = some.drawn_lines(pictures, seed=1)
    assert drawn == some.drawn_lines(pictures, seed=1)
    assert drawn != some.drawn_lines(pictures, seed=2)
    assert len(set(drawn)) > 1


def test_another_picture_changes_no_one_s_line() -> None:
    some = rules(*(f"{number} [name]" for number in range(50)))
    pictures = images(*"abcdef")
    assert some.drawn_lines(pictures[:2] + pictures[3:], seed=1) == tuple(
        line for index, line in enumerate(some.drawn_lines(pictures, seed=1)) if index != 2
    )


@pytest.mark.parametrize(
    ("shuffle", "drop_out", "varies"), [(False, 0, False), (True, 0, True), (False, 0.1, True)]
)
def test_prompts_vary_with_shuffled_or_dropped_tags(shuffle: bool, drop_out: float, varies: bool) -> None:
    assert rules("[name]", shuffle=shuffle, drop_out=drop_out).vary is varies


def test_varied_prompts_come_from_the_generator_alone() -> None:
    some = rules("a [name], [filewords]", "the [name], [filewords]", shuffle=True, drop_out=0.3)
    first, second = seeded_generator("x"), seeded_generator("x")
    prompts = [some.varied_prompt("b, c, d, e", first) for _ in range(20)]
    assert prompts == [some.varied_prompt("b, c, d, e", second) for _ in range(20)]
    assert len(set(prompts)) > 5


def test_a_tag_that_carries_the_name_is_not_lost() -> None:
    some = rules("a photo, [filewords]", drop_out=0.9)
    generator = seeded_generator("x")
    assert all("zq" in some.varied_prompt("[name], red, hat", generator) for _ in range(30))


def test_a_name_that_is_left_only_inside_a_longer_word_does_not_count() -> None:
    some = rules("[filewords]", drop_out=0.9)
    generator = seeded_generator("x")
    prompts = [
        some.varied_prompt("[name], zqs", generator, lambda prompt: "zq" in prompt.split(", "))
        for _ in range(30)
    ]
    assert all("zq" in prompt.split(", ") for prompt in prompts)
