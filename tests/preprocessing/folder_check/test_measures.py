"""What is measured of one picture, and what is advised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from traintab.configs import PreprocessConfig, from_mapping
from traintab.preprocessing.folder_check import PictureFacts, advice_for
from traintab.preprocessing.folder_check.drawn import looks_drawn
from traintab.preprocessing.folder_check.facts import least_tokens, look_at
from traintab.preprocessing.folder_check.findings import Looked
from traintab.preprocessing.folder_check.fingerprint import Fingerprint, fingerprint, pairs_alike
from traintab.preprocessing.folder_check.shapes import kept_share, shape_of
from traintab.preprocessing.folder_check.sharpness import BLURRY_BELOW, sharpness


def blobs(seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((256, 256), Image.Resampling.BICUBIC)


def disc(contrast: int) -> Image.Image:
    image = Image.new("L", (256, 256), 128 - contrast)
    ImageDraw.Draw(image).ellipse((40, 40, 216, 216), fill=128 + contrast)
    return image


def test_a_changed_copy_is_alike_and_another_picture_is_not() -> None:
    one = blobs(1)
    framed = ImageOps.mirror(one.resize((100, 90)))
    found = pairs_alike([fingerprint(image) for image in (one, blobs(2), one.resize((64, 64)), framed)])
    assert found == [(2, 0, False), (3, 0, True)]


def test_the_same_shape_in_other_colours_is_another_picture_and_a_plain_one_is_like_none() -> None:
    shape = disc(100)
    red, green = (ImageOps.colorize(shape, color, "white") for color in ("red", "blue"))
    plain = Image.new("RGB", (50, 50), "red")
    assert pairs_alike([fingerprint(image) for image in (red, green, plain, plain)]) == []


def in_one_shape(red: int, green: int = 0) -> Fingerprint:
    return Fingerprint(shape=5, mirrored=9, colors=bytes([red, green, green]) * 16)


def test_of_one_shape_the_first_in_colours_not_farther_than_40_on_average_is_told() -> None:
    some = [in_one_shape(0), in_one_shape(121), in_one_shape(120), in_one_shape(50)]
    assert pairs_alike([*some, None, in_one_shape(255, 255)]) == [(2, 0, False), (3, 0, False)]


def test_colours_of_a_mirror_image_are_compared_from_right_to_left() -> None:
    row = bytes([255, 0, 0]) + bytes(9)
    one = Fingerprint(shape=0, mirrored=(1 << 63) - 1, colors=row * 4)
    for colors, found in ((row, []), (bytes(9) + bytes([255, 0, 0]), [(1, 0, True)])):
        other = Fingerprint(shape=(1 << 63) - 1, mirrored=0, colors=bytes(b for b in colors * 4))
        assert pairs_alike([one, other]) == found


@pytest.mark.parametrize("contrast", [15, 50, 110])
def test_sharpness_is_that_of_the_edges_whatever_the_contrast(contrast: int) -> None:
    sharp = disc(contrast).filter(ImageFilter.GaussianBlur(0.7))
    told, blurred = sharpness(sharp), sharpness(sharp.filter(ImageFilter.GaussianBlur(5)))
    assert told is not None and blurred is not None
    assert told > BLURRY_BELOW > 2 * blurred


def test_of_a_flat_picture_no_sharpness_is_told() -> None:
    assert sharpness(Image.new("L", (300, 10), 7)) is None


def test_flat_colours_look_drawn_and_grey_ones_or_a_wealth_of_tones_do_not() -> None:
    drawing = ImageOps.colorize(disc(100), "navy", "gold")
    assert looks_drawn(drawing)
    assert not looks_drawn(drawing.convert("L").convert("RGB")) and not looks_drawn(blobs(3))


@settings(max_examples=12)
@given(st.integers(1, 1200), st.integers(1, 90), st.integers(8, 300))
def test_a_picture_of_any_size_can_be_looked_at(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, side: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.png"
    Image.new("RGB", (width, height), "red").save(path)
    facts = look_at(path, (side, side))
    assert isinstance(facts, PictureFacts) and (facts.width, facts.height) == (width, height)


def test_shapes_have_the_name_of_the_nearest() -> None:
    sizes = [(512, 512), (400, 601), (1920, 1080), (10, 900), (900, 10)]
    assert [shape_of(*size) for size in sizes] == ["1:1", "2:3", "16:9", "1:2", "2:1"]


def test_a_crop_to_another_shape_keeps_a_part() -> None:
    facts = PictureFacts(path=Path("a"), width=400, height=200, pixels="")
    assert kept_share(facts, (100, 100)) == kept_share(facts, (400, 400)) == 0.5


def test_words_and_marks_are_tokens_at_least() -> None:
    assert least_tokens("a cat's 12 hats, (red)") == 10


def advised(count: int, **details: object) -> str:
    settings = {name: details.pop(name) for name in ("flip", "caption") if name in details}
    config = from_mapping(PreprocessConfig, {"source": "in", "destination": "out", **settings})
    pictures = tuple(
        PictureFacts(path=Path(f"{n}.png"), width=64, height=64, pixels=str(n), **details)  # type: ignore[arg-type]
        for n in range(count)
    )
    return " ".join(advice_for(Looked(config=config, size=(64, 64), pictures=pictures)))


def test_advice_is_what_guides_give_and_silent_where_it_is_followed() -> None:
    assert advised(0) == ""
    assert "very few" in advised(3) and "flipped copies" in advised(3)
    assert "20 to 30" in advised(19, flip="horizontal")
    assert "flipped copies (" not in advised(19, flip="horizontal")
    assert advised(20) == ""
    assert "tags" in advised(20, is_drawn=True, caption="blip")
    assert "a guess" not in advised(20, is_drawn=True, caption="tags")
