from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from traintab.configs import FocalCropConfig
from traintab.preprocessing.focal_crop import focal_crop

BACKGROUND = (225, 225, 225)


def with_face(face: Image.Image, size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", size, BACKGROUND)
    image.paste(face, at)
    return image


def test_the_crop_goes_to_the_face(face: Image.Image) -> None:
    crop = focal_crop(with_face(face, (800, 256), (560, 20)), 256, 256, FocalCropConfig())
    assert crop.cut.size == (256, 256)
    left, _, right, _ = crop.cut.box
    assert abs((left + right) / 2 - 660) < 40


def test_the_crop_goes_to_the_face_of_a_tall_picture(face: Image.Image) -> None:
    crop = focal_crop(with_face(face, (256, 800), (20, 40)), 256, 256, FocalCropConfig())
    assert crop.cut.box[1] < 60


@pytest.mark.parametrize("size", [(800, 256), (256, 800), (300, 300), (40, 50)])
@pytest.mark.parametrize("target", [(256, 256), (128, 256), (256, 128)])
def test_the_box_never_leaves_the_picture(
    face: Image.Image, size: tuple[int, int], target: tuple[int, int]
) -> None:
    crop = focal_crop(with_face(face, size, (size[0] - 120, size[1] - 120)), *target, FocalCropConfig())
    assert crop.cut.size == target
    left, top, right, bottom = crop.cut.box
    assert left >= 0 and top >= 0
    assert right <= crop.looked_at.width and bottom <= crop.looked_at.height


def test_nothing_found_gives_the_middle() -> None:
    crop = focal_crop(Image.new("RGB", (300, 100), BACKGROUND), 100, 100, FocalCropConfig())
    assert crop.cut.box == (100, 0, 200, 100)


@pytest.mark.preprocess_option("face_weight", "edges_weight", "entropy_weight")
@pytest.mark.parametrize(
    ("weight", "middle"), [("face_weight", 900), ("edges_weight", 500), ("entropy_weight", 150)]
)
def test_each_kind_draws_the_crop_to_what_it_finds(face: Image.Image, weight: str, middle: int) -> None:
    """Rich tones without corners on the left, corners of two tones in the middle, a face on the right."""
    image = with_face(face, (1000, 256), (800, 28))
    ramp = Image.linear_gradient("L").rotate(90).resize((200, 256))
    image.paste(ramp.convert("RGB"), (50, 0))
    pen = ImageDraw.Draw(image)
    for x in range(440, 560, 30):
        for y in range(40, 200, 30):
            pen.rectangle((x, y, x + 14, y + 14), fill="black")
    weights = {"face_weight": 0.0, "edges_weight": 0.0, "entropy_weight": 0.0, weight: 1.0}
    left, _, right, _ = focal_crop(image, 200, 256, FocalCropConfig(**weights)).cut.box
    assert abs((left + right) / 2 - middle) <= 50


def test_the_focal_point_is_the_weighted_mean_of_what_was_found(face: Image.Image) -> None:
    image = with_face(face, (1000, 256), (780, 28))
    weights = FocalCropConfig(face_weight=0.6, edges_weight=0.3, entropy_weight=0.1)
    crop = focal_crop(image, 256, 256, weights)
    means = {kind: np.mean([point.x for point in found]) for kind, found in crop.points.items()}
    expected = 0.6 * means["faces"] + 0.3 * means["edges"] + 0.1 * means["entropy"]
    assert crop.cut.box[0] == min(max(round(expected - 128), 0), 1000 - 256)


def test_nothing_is_looked_for_where_the_crop_can_not_move(face: Image.Image) -> None:
    crop = focal_crop(face, 256, 256, FocalCropConfig())
    assert crop.points == {}
    assert crop.cut.box == (0, 0, 256, 256)


def test_a_very_large_scale_is_looked_at_smaller() -> None:
    crop = focal_crop(Image.new("RGB", (5000, 2), BACKGROUND), 512, 512, FocalCropConfig())
    assert crop.cut.scaled == (1_280_000, 512)
    assert crop.cut.size == (512, 512)
    assert crop.looked_at.width * crop.looked_at.height <= 4_300_000
    assert crop.debug_picture().size == crop.looked_at.size


def test_a_weight_of_nothing_leaves_a_kind_out(face: Image.Image) -> None:
    image = with_face(face, (800, 256), (560, 20))
    weights = FocalCropConfig(face_weight=0, edges_weight=0, entropy_weight=0)
    crop = focal_crop(image, 256, 256, weights)
    assert crop.points == {}
    assert crop.cut.box == (272, 0, 528, 256)


def test_weights_are_shared_among_what_was_found() -> None:
    # Only entropy finds anything here, so its small weight is all the weight there is.
    image = Image.new("RGB", (400, 100), BACKGROUND)
    image.paste(Image.linear_gradient("L").rotate(90).resize((100, 100)).convert("RGB"), (300, 0))
    crop = focal_crop(image, 100, 100, FocalCropConfig(face_weight=0.9, edges_weight=0, entropy_weight=0.15))
    assert crop.points["faces"] == []
    assert crop.cut.box[0] >= 280


def test_the_debug_picture_shows_the_box_in_green_and_the_face_in_red(face: Image.Image) -> None:
    crop = focal_crop(with_face(face, (800, 256), (560, 20)), 256, 256, FocalCropConfig())
    picture = crop.debug_picture()
    assert picture.size == crop.looked_at.size
    assert picture.getpixel((crop.cut.box[0], 5)) == (0, 255, 0)
    colors = {color for _, color in picture.getcolors(1 << 20)}
    assert {(255, 0, 0), (0, 0, 255), (255, 255, 0)} <= colors
    assert crop.looked_at.getpixel((crop.cut.box[0], 5)) == BACKGROUND
