"""The world's vocabulary, and what the generator never sees of it."""

from __future__ import annotations

import random

import pytest

from traintab.demo import world
from traintab.demo.characters import sample_picture


def pictures(count: int) -> list[dict[str, str]]:
    return [sample_picture(random.Random(seed)) for seed in range(count)]


def test_every_sampled_value_is_in_the_vocabulary() -> None:
    for picture in pictures(500):
        for key, value in picture.items():
            if key not in ("name", "style"):
                assert value in world.ATTRIBUTES[key], (key, value)


def test_the_generator_never_sees_a_held_out_value() -> None:
    for picture in pictures(2000):
        for key, values in world.HELD_OUT.items():
            assert picture.get(key) not in values


def test_the_generator_never_sees_a_held_out_combination() -> None:
    assert not any(world.is_held_out(picture) for picture in pictures(2000))


@pytest.mark.parametrize(
    ("key", "value"), [("hair blend", "gradient"), ("style", "blueprint"), ("shape", "clover")]
)
def test_a_picture_with_a_held_out_value_is_held_out(key: str, value: str) -> None:
    seen = next(picture for picture in pictures(100) if key in picture)
    assert not world.is_held_out(seen)
    assert world.is_held_out({**seen, key: value})


def test_about_one_in_eight_combinations_of_hair_and_eyes_is_held_out() -> None:
    combinations = [
        {"kind": "girl", "hair color": color, "hair style": style, "eye color": eye}
        for color in world.COLORS
        for style in world.ATTRIBUTES["hair style"]
        for eye in world.EYE_COLORS
    ]
    share = sum(world.is_held_out(each) for each in combinations) / len(combinations)
    assert 0.08 < share < 0.17


def test_the_same_combination_is_held_out_whatever_else_a_person_wears() -> None:
    heads = [world.sample_any_head(random.Random(seed)) for seed in range(200)]
    held_out = next(head for head in heads if world.is_held_out(head))
    assert world.is_held_out({**held_out, "headwear": "crown", "skin": "dark", "kind": "boy"})


def test_any_head_has_held_out_combinations_too() -> None:
    assert any(world.is_held_out(world.sample_any_head(random.Random(seed))) for seed in range(200))


def test_an_object_has_no_hair_and_a_person_no_shape() -> None:
    for picture in pictures(300):
        if picture["kind"] == "thing":
            assert "hair color" not in picture and "shape" in picture
        else:
            assert "shape" not in picture and "hair color" in picture


def test_a_scene_has_no_background_colour() -> None:
    for picture in pictures(300):
        assert ("background color" in picture) == (picture["background"] in world.PATTERNS)


def test_about_one_picture_in_six_shows_an_object() -> None:
    share = sum(picture["kind"] == "thing" for picture in pictures(2000)) / 2000
    assert 0.13 < share < 0.20


def test_a_third_of_the_objects_are_toys() -> None:
    things = [world.sample_thing(random.Random(seed)) for seed in range(1000)]
    assert 0.28 < sum(thing["shape"] == "toy" for thing in things) / 1000 < 0.38


def test_two_tone_hair_has_two_different_colours() -> None:
    two_tone = [picture for picture in pictures(500) if picture.get("hair blend") in ("tips", "split")]
    assert two_tone
    assert all(picture["hair color"] != picture["second hair color"] for picture in two_tone)


def test_only_coloured_headwear_has_a_colour() -> None:
    for picture in pictures(500):
        if "headwear" in picture:
            has_color = "headwear color" in picture
            assert has_color == (picture["headwear"] in world.COLORED_HEADWEAR)
