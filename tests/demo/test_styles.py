"""Rendering styles."""

from __future__ import annotations

import math
import random

import pytest

from traintab.demo.styles import (
    ARTISTS,
    LINE_DRAWINGS,
    STYLES,
    Style,
    random_line_drawing,
    random_style,
    sample_style,
    style_of,
    style_vector,
)


def test_a_plain_style_leaves_colours_alone() -> None:
    assert Style().paint((10, 200, 30)) == (10, 200, 30)


def test_no_fill_leaves_the_paper() -> None:
    assert Style(fill=0.0, paper=(250, 240, 230)).paint((10, 200, 30)) == (250, 240, 230)


def test_no_saturation_leaves_gray() -> None:
    red, green, blue = Style(saturation=0.0).paint((200, 40, 90))
    assert red == green == blue


def test_a_tint_multiplies() -> None:
    assert Style(tint=(255, 0, 255), tint_strength=1.0).paint((200, 200, 200)) == (200, 0, 200)


def test_colours_stay_within_bytes() -> None:
    assert all(0 <= channel <= 255 for channel in Style(saturation=3.0).paint((255, 0, 128)))


def test_an_outline_of_its_own_takes_the_filled_colour() -> None:
    style = Style(own_outline=1.0)
    assert style.ink((200, 100, 0)) == (110, 55, 0)
    assert style.ink() == style.outline_color


@pytest.mark.parametrize(
    ("name", "shows"), [("anime", True), ("night", True), ("line art", False), ("sepia", False)]
)
def test_some_styles_show_no_colours(name: str, shows: bool) -> None:
    assert STYLES[name].shows_colors() is shows


def test_an_artist_always_draws_alike() -> None:
    assert style_of("hokuro", 1) == style_of("hokuro", 2)
    assert style_of("hokuro", 1) != style_of("umbra", 1)


def test_an_unnamed_style_follows_from_the_seed() -> None:
    assert style_of("other", 3) == style_of("other", 3)
    assert style_of("other", 3) != style_of("other", 4)


def is_light_on_blue(style: Style) -> bool:
    is_near = math.dist(style.paper, (34, 78, 168)) < 60
    return style.fill < 0.4 and is_near and sum(style.outline_color) > 400


def test_the_held_out_style_is_light_lines_on_blue_paper() -> None:
    assert is_light_on_blue(STYLES["blueprint"])


def test_random_styles_stay_out_of_the_held_out_neighbourhood() -> None:
    assert not any(is_light_on_blue(random_style(random.Random(seed))) for seed in range(1500))


def test_line_drawings_stay_out_of_the_held_out_neighbourhood() -> None:
    drawings = [random_line_drawing(random.Random(seed)) for seed in range(1500)]
    assert not any(is_light_on_blue(drawing) for drawing in drawings)
    assert all(drawing.fill <= 0.3 and drawing.outline >= 6 for drawing in drawings)


def test_a_share_of_the_unnamed_styles_are_line_drawings() -> None:
    drawings = {random_line_drawing(random.Random(f"line drawing {seed}")) for seed in range(400)}
    share = sum(style_of("other", seed) in drawings for seed in range(400)) / 400
    assert LINE_DRAWINGS - 0.08 < share < LINE_DRAWINGS + 0.08


def test_artists_stay_out_of_the_held_out_neighbourhood() -> None:
    assert not any(is_light_on_blue(style_of(artist, 0)) for artist in ARTISTS)


def test_training_never_draws_the_held_out_style() -> None:
    drawn = {sample_style(random.Random(seed)) for seed in range(2000)}
    assert "blueprint" not in drawn
    assert {"anime", "other", "watercolor", "pixel art"} <= drawn


def test_a_style_is_fifteen_numbers_of_unit_range() -> None:
    for name in (*STYLES, *ARTISTS):
        numbers = style_vector(style_of(name, 0))
        assert len(numbers) == 15
        assert all(-0.01 <= number <= 1.5 for number in numbers)


def test_different_styles_have_different_numbers() -> None:
    vectors = {tuple(style_vector(style)) for style in STYLES.values()}
    assert len(vectors) == len(STYLES)
