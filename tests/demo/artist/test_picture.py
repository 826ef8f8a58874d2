"""The artist."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from traintab.demo.artist import draw_large, draw_small, finish
from traintab.demo.artist.brush import Brush, mirrored, smooth
from traintab.demo.artist.fills import pattern, ramp
from traintab.demo.characters import sample_picture
from traintab.demo.styles import STYLES, Style
from traintab.demo.world import ATTRIBUTES, COLORS

PLAIN = {
    "kind": "girl",
    "hair color": "pink",
    "hair style": "long",
    "hair blend": "plain",
    "eye color": "blue",
    "other eye color": "blue",
    "skin": "fair",
    "headwear": "none",
    "glasses": "none",
    "mark": "none",
    "clothes": "hoodie",
    "clothes color": "green",
    "background": "plain",
    "background color": "yellow",
    "expression": "neutral",
    "style": "anime",
}
MUG = {
    "kind": "thing",
    "shape": "mug",
    "thing color": "red",
    "second thing color": "blue",
    "thing pattern": "plain",
    "background": "sky",
    "style": "anime",
}


def pixels(attributes: dict[str, str], seed: int = 1) -> np.ndarray:
    return np.asarray(draw_small(attributes, seed)).astype(int)


def distance(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first - second).mean())


def test_a_picture_has_128_pixels_a_side_and_three_channels() -> None:
    image = draw_small(PLAIN, 1)
    assert image.size == (128, 128)
    assert image.mode == "RGB"


def test_the_large_drawing_is_four_times_as_large() -> None:
    assert draw_large(PLAIN, 1).size == (512, 512)


def test_the_same_seed_draws_the_same_picture() -> None:
    for seed in range(20):
        attributes = sample_picture(random.Random(seed))
        assert np.array_equal(pixels(attributes, seed), pixels(attributes, seed))


def test_another_seed_moves_the_picture() -> None:
    assert distance(pixels(PLAIN, 1), pixels(PLAIN, 2)) > 0.5


CHANGES = [
    (key, value)
    for key in (
        "hair color",
        "hair style",
        "skin",
        "clothes",
        "clothes color",
        "expression",
        "mark",
        "glasses",
    )
    for value in ATTRIBUTES[key]
    if value != PLAIN.get(key)
]


@pytest.mark.parametrize(("key", "value"), CHANGES)
def test_every_attribute_changes_the_picture(key: str, value: str) -> None:
    assert distance(pixels(PLAIN), pixels({**PLAIN, key: value})) > 0.03


@pytest.mark.parametrize("headwear", ATTRIBUTES["headwear"][1:])
def test_headwear_shows(headwear: str) -> None:
    changed = {**PLAIN, "headwear": headwear, "headwear color": "blue"}
    assert distance(pixels(PLAIN), pixels(changed)) > 0.3


@pytest.mark.parametrize("shape", ATTRIBUTES["shape"])
@pytest.mark.parametrize("kind", ATTRIBUTES["thing pattern"])
def test_objects_show_their_colour(shape: str, kind: str) -> None:
    thing = {**MUG, "shape": shape, "thing pattern": kind}
    assert distance(pixels(thing), pixels({**thing, "thing color": "green"})) > 3


@pytest.mark.parametrize("background", ATTRIBUTES["background"])
def test_backgrounds_differ_from_a_white_one(background: str) -> None:
    changed = {**PLAIN, "background": background}
    if background in ("sky", "forest", "sunset", "beach"):
        del changed["background color"]
    assert distance(pixels({**PLAIN, "background color": "white"}), pixels(changed)) > 3


@pytest.mark.parametrize("style", STYLES)
def test_styles_differ_from_each_other(style: str) -> None:
    others = [other for other in STYLES if other != style]
    assert all(distance(pixels({**PLAIN, "style": style}), pixels({**PLAIN, "style": o})) > 1 for o in others)


def test_odd_eyes_show_on_the_right_side_of_the_picture() -> None:
    odd = np.abs(pixels(PLAIN) - pixels({**PLAIN, "other eye color": "red"})).sum(axis=(0, 2))
    assert odd[64:].sum() > 0
    assert odd[:60].sum() == 0


def test_the_background_colour_fills_the_corner() -> None:
    assert tuple(pixels(PLAIN)[2, 2]) == COLORS["yellow"]


def test_a_pixel_style_has_blocks() -> None:
    array = pixels({**PLAIN, "style": "pixel art"})
    blocks = array.reshape(32, 4, 32, 4, 3)
    assert np.array_equal(blocks, np.broadcast_to(blocks[:, :1, :, :1], blocks.shape))


def test_uneven_paint_differs_by_seed_and_only_with_wash() -> None:
    image = Image.new("RGB", (128, 128), (90, 120, 200))
    washed = [np.asarray(finish(image, Style(wash=0.5), seed)) for seed in (1, 2)]
    assert not np.array_equal(*washed)
    assert finish(image, Style(), 1) is image


def test_a_ramp_goes_from_one_colour_to_the_other() -> None:
    array = np.asarray(ramp((255, 0, 0), (0, 0, 255), 0.5, 0.2, sideways=False))
    assert tuple(array[0, 0]) == (255, 0, 0)
    assert tuple(array[-1, 0]) == (0, 0, 255)
    assert 60 < array[256, 0, 0] < 200


def test_a_sideways_ramp_goes_from_left_to_right() -> None:
    array = np.asarray(ramp((255, 0, 0), (0, 0, 255), 0.5, 0.0, sideways=True))
    assert tuple(array[0, 0]) == tuple(array[-1, 0]) == (255, 0, 0)
    assert tuple(array[0, -1]) == (0, 0, 255)


@pytest.mark.parametrize("kind", ["striped", "dotted", "checkered"])
def test_patterns_have_two_colours(kind: str) -> None:
    image = pattern(kind, ((200, 0, 0), (0, 0, 200)), Style(), (0, 0))
    colors = image.getcolors() or []
    assert {color for _, color in colors} == {(200, 0, 0), (0, 0, 200)}


def test_a_larger_pattern_repeats_less_often() -> None:
    def stripes(size: int) -> int:
        image = pattern("striped", ((200, 0, 0), (0, 0, 200)), Style(), (0, 0), size)
        return int((np.diff(np.asarray(image)[0, :, 0].astype(int)) > 0).sum())

    assert stripes(96) > stripes(144) > 2


def test_toys_of_other_seeds_have_other_outlines() -> None:
    toy = {**MUG, "shape": "toy"}
    assert distance(pixels(toy), pixels(toy, seed=2)) > 1


def test_a_smooth_curve_goes_through_its_points() -> None:
    points = [(0.0, 0.0), (10.0, 5.0), (4.0, 12.0)]
    curve = smooth(points, steps=5)
    assert len(curve) == 15
    assert np.allclose([curve[0], curve[5], curve[10]], points)


def test_an_open_curve_ends_at_its_last_point() -> None:
    curve = smooth([(0.0, 0.0), (10.0, 5.0), (4.0, 12.0)], closed=False)
    assert curve[-1] == (4.0, 12.0)


def test_mirrored_points_are_as_far_from_the_middle() -> None:
    assert mirrored([(100, 7)]) == [(412, 7)]


def test_a_brush_places_what_it_draws() -> None:
    image = Image.new("RGB", (512, 512))
    brush = Brush(image, Style())
    brush.place((100, 0), 0.5)
    brush.ellipse((256, 256), (40, 40), (255, 255, 255), outline=False)
    assert image.getbbox() == pytest.approx((336, 236, 377, 277), abs=1)


def test_a_shape_outside_the_canvas_is_no_error() -> None:
    image = Image.new("RGB", (512, 512))
    paint = Image.new("RGB", (512, 512), (255, 0, 0))
    Brush(image, Style()).polygon([(600, 600), (700, 600), (650, 700)], paint, outline=False)
    assert image.getbbox() is None
