"""Template lines and the prompts they make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import CaptionsConfig
from traintab.datasets.report import DatasetImage
from traintab.datasets.seeds import seeded_generator
from traintab.prompts.templates import Template
from traintab.prompts.wildcards import Wildcards
from traintab.training.prompt_lines import PromptRules


def rules(*lines: str, shuffle: bool = False, drop_out: float = 0.0, **captions: Any) -> PromptRules:
    return PromptRules(
        name="zq",
        template=Template("t.txt", lines),
        shuffle_tags=shuffle,
        tag_drop_out=drop_out,
        captions=CaptionsConfig(**captions),
    )


def showings(some: PromptRules, caption: str, *, line: str | None = None, times: int = 200) -> set[str]:
    """The prompts that a picture is shown with."""
    generator = seeded_generator("showings")
    return {some.varied_prompt(caption, generator, line=line) for _ in range(times)}


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


def test_lines_of_an_earlier_run_last_while_they_show_the_name() -> None:
    some = rules("a [name]", "the [filewords]")
    pictures = images("[name] hat", "hat", "cap")
    before = ("the [filewords]", "the [filewords]", "gone [name]")
    assert some.lasting_lines(pictures, before, seed=1) == ("the [filewords]", "a [name]", "a [name]")


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


def test_the_defaults_draw_the_same_numbers_as_ever() -> None:
    # Recorded before captions had settings of their own: what has been trained can be trained again.
    some = rules("a [name], [filewords]", "the [name], [filewords]", shuffle=True, drop_out=0.3)
    generator = seeded_generator("recorded")
    prompts = [some.varied_prompt("b, c, d, e", generator, line="a [name], [filewords]") for _ in range(4)]
    assert prompts == ["the zq, d, b, e", "a zq, e, b", "a zq, b, e", "the zq,"]
    assert int(torch.randint(1 << 30, (), generator=generator)) == 719130063


@pytest.mark.option("caption_prefix", "caption_suffix")
def test_texts_stand_before_and_behind_every_caption() -> None:
    some = rules("[name] [filewords]", caption_prefix="anime,", caption_suffix=", white background")
    assert some.prompt("[name] [filewords]", "red hat") == "zq anime, red hat, white background"
    assert rules("", caption_suffix="at night").prompt("[filewords]", "[name]") == "zq at night"
    varied = rules("[name] [filewords]", drop_out=1.0, caption_prefix="anime, big", caption_suffix="at night")
    assert showings(varied, "red, hat") == {"zq anime, big at night"}


def test_a_prefix_may_hold_the_name() -> None:
    assert rules("[filewords]", caption_prefix="[name],").usable_lines("hat") == ("[filewords]",)
    some = rules("[filewords]", caption_prefix="sks,", token_string="sks")
    assert some.prompt("[filewords]", "hat") == "zq, hat"


@pytest.mark.option("keep_tags", "tag_separator")
def test_the_first_tags_stay_in_front_by_the_chosen_separator() -> None:
    some = rules("[name]: [filewords]", shuffle=True, keep_tags=1, tag_separator=";")
    assert showings(some, "a, b; c; d") == {"zq: a, b; c; d", "zq: a, b; d; c"}


@pytest.mark.option("caption_drop_out")
def test_a_dropped_caption_leaves_the_template_with_the_name() -> None:
    some = rules("a [name], [filewords]", caption_drop_out=0.5, caption_prefix="anime,")
    assert showings(some, "red, hat") == {"a zq,", "a zq, anime, red, hat"}


def test_a_caption_is_dropped_as_often_as_its_share() -> None:
    some, generator = rules("a [name], [filewords]", caption_drop_out=0.2), seeded_generator("x")
    prompts = [some.varied_prompt("hat", generator) for _ in range(2000)]
    assert 340 < prompts.count("a zq,") < 460


def test_the_name_stands_for_a_dropped_caption_that_had_to_show_it() -> None:
    assert showings(rules("a [filewords]", caption_drop_out=0.5), "[name], hat") == {"a zq", "a zq, hat"}


@pytest.mark.option("wildcards")
def test_wildcards_are_drawn_anew_at_each_showing() -> None:
    some = rules("{a|the} [name], [filewords]", wildcards=True, caption_suffix="at {day|night}")
    assert some.prompt(some.template.lines[0], "{red|{dark|light} blue} hat") == "a zq, red hat at day"
    assert showings(some, "{red|{dark|light} blue} hat") == {
        f"{article} zq, {color} hat at {time}"
        for article in ("a", "the")
        for color in ("red", "dark blue", "light blue")
        for time in ("day", "night")
    }
    plain = rules("[name], [filewords]")
    assert plain.prompt("[name], [filewords]", "{red|blue} hat") == "zq, {red|blue} hat"


def test_a_variant_without_the_name_gives_way_to_one_with_it() -> None:
    some = rules("[filewords]", wildcards=True)
    assert some.usable_lines("{a girl|[name]} in a {hat|cap}") == ("[filewords]",)
    assert some.usable_lines("{a girl|a boy}") == ()
    assert showings(some, "{a girl|[name]} in a {hat|cap}") == {"zq in a hat", "zq in a cap"}


def test_signs_of_a_caption_are_no_signs_of_the_line_around_it() -> None:
    some = rules("{[filewords]|a photo} of [name]", wildcards=True)
    for caption, shown in (("hand\\", "hand\\"), ("one | two", "one | two"), ("a } b", "a } b")):
        assert some.prompt(some.template.lines[0], caption) == f"{shown} of zq"
        assert showings(some, caption) == {f"{shown} of zq", "a photo of zq"}


def test_brackets_in_the_name_are_no_wildcards() -> None:
    some = PromptRules(
        name="z{q", template=Template("t", ("a [name]",)), captions=CaptionsConfig(wildcards=True)
    )
    assert some.prompt("a [name]", "") == "a z{q"
    assert showings(some, "") == {"a z{q"}


@pytest.mark.option("template_line")
@pytest.mark.parametrize(
    ("choice", "shuffle", "lines_shown"),
    [
        ("as A1111", False, 1),
        ("as A1111", True, 3),
        ("each time", False, 3),
        ("each time", True, 3),
        ("per picture", False, 1),
        ("per picture", True, 1),
    ],
)
def test_the_line_is_kept_or_drawn_as_chosen(choice: str, shuffle: bool, lines_shown: int) -> None:
    some = rules("1 [name], [filewords]", "2 [name]", "3 [name]", shuffle=shuffle, template_line=choice)
    assert some.draws_lines is (lines_shown == 3)
    assert some.vary is (shuffle or lines_shown == 3)
    (line,) = some.drawn_lines(images("hat"), seed=1)
    shown = showings(some, "hat", line=line) if some.vary else {some.prompt(line, "hat")}
    assert len({prompt[0] for prompt in shown}) == lines_shown


@pytest.mark.parametrize(
    ("token", "caption", "prompt"),
    [
        ("sks", "photo of sks, sks2, (SKS:1.2)", "photo of zq, sks2, (zq:1.2)"),
        ("<my char>", "<my char>s hat and a <MY CHAR>", "zqs hat and a zq"),
        ("zq-old", "zq-old and zq", "zq and zq"),
        ("z", "z and zq", "zq and zq"),
    ],
)
def test_the_token_string_is_the_name_as_a_word_of_its_own(token: str, caption: str, prompt: str) -> None:
    assert rules("", token_string=token).prompt("[filewords]", caption) == prompt


def test_a_name_that_contains_the_token_string_stays_whole() -> None:
    some = PromptRules(
        name="zq-style", template=Template("t", ("",)), captions=CaptionsConfig(token_string="zq")
    )
    assert some.prompt("[name] and [filewords]", "zq, zq-style") == "zq-style and zq-style, zq-style"


@pytest.mark.parametrize("token", ["name", "filewords", "[name]", "ame"])
def test_a_token_string_leaves_the_template_s_own_signs_alone(token: str) -> None:
    some = rules("[name], [filewords]", token_string=token, caption_drop_out=0.5)
    assert some.prompt("[name], [filewords]", f"a {token} hat") == "zq, a zq hat"
    assert showings(some, "[name] hat") == {"zq,", "zq, zq hat"}


def test_a_token_string_inside_another_trained_name_is_a_part_of_it() -> None:
    some = PromptRules(
        name="zq",
        others=("sks-2",),
        template=Template("t", ("[filewords]",)),
        captions=CaptionsConfig(token_string="sks"),
    )
    assert some.prompt("[filewords]", "sks and SKS-2, sks-3") == "zq and SKS-2, zq-3"


def test_a_token_string_among_tags_is_varied_like_them() -> None:
    some = rules("[filewords]", drop_out=0.9, token_string="sks")
    assert all("zq" in prompt for prompt in showings(some, "sks, red, hat"))


ANY_CAPTION = st.text(alphabet="ab,{|}\\ [name]zq", max_size=25)


@given(ANY_CAPTION, st.floats(0, 1), st.floats(0, 1), st.booleans(), st.integers(0, 3))
def test_whatever_varies_every_prompt_of_a_usable_line_shows_the_name(
    caption: str, drop_out: float, caption_drop_out: float, shuffle: bool, keep: int
) -> None:
    try:
        Wildcards.parse(caption)
    except ValueError:
        return
    some = rules(
        "[filewords]",
        drop_out=drop_out,
        shuffle=shuffle,
        caption_drop_out=caption_drop_out,
        wildcards=True,
        keep_tags=keep,
    )
    if some.usable_lines(caption):
        assert all(some.shows_name(prompt) for prompt in showings(some, caption, times=8))
