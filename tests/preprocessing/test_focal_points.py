from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from traintab.errors import InputError
from traintab.preprocessing.focal_points import corner_points, entropy_point, face_points


def checkerboard(size: int, square: int) -> Image.Image:
    image = Image.new("RGB", (size, size), "white")
    for x in range(0, size, 2 * square):
        for y in range(0, size, 2 * square):
            image.paste("black", (x, y, x + square, y + square))
    return image


def test_corners_are_found_where_they_are() -> None:
    image = Image.new("RGB", (300, 100), "white")
    image.paste(checkerboard(60, 15), (220, 15))
    points = corner_points(image)
    assert points
    assert all(210 < point.x < 290 and 5 < point.y < 85 for point in points)


def test_the_lowest_tenth_has_no_corners() -> None:
    image = Image.new("RGB", (100, 200), (128, 128, 128))
    image.paste(checkerboard(16, 4), (40, 184))
    assert corner_points(image) == []


def test_an_edge_that_goes_into_the_lowest_tenth_is_no_corner_there() -> None:
    image = Image.new("RGB", (100, 200), "white")
    image.paste("black", (0, 0, 50, 200))
    assert corner_points(image) == []


def test_a_flat_picture_has_no_points() -> None:
    flat = Image.new("RGB", (120, 60), "grey")
    assert corner_points(flat) == []
    assert entropy_point(flat, 60, 60) is None
    assert face_points(flat) == []


@pytest.mark.parametrize("upright", [True, False])
def test_the_richest_window_is_found_along_the_longer_side(upright: bool) -> None:
    image = Image.new("RGB", (400, 100), "white")
    image.paste(Image.effect_noise((100, 100), 120).convert("RGB"), (240, 0))
    if upright:
        image = image.transpose(Image.Transpose.ROTATE_270)
    point = entropy_point(image, 100, 100)
    assert point is not None
    along, across = (point.y, point.x) if upright else (point.x, point.y)
    assert abs(along - 290) <= 4
    assert across == 50


def test_an_even_grey_is_not_rich_however_dithering_would_take_it() -> None:
    image = Image.new("RGB", (400, 100), (128, 128, 128))
    texture = np.random.default_rng(2).integers(60, 200, (100, 100), dtype=np.uint8)
    image.paste(Image.fromarray(texture).convert("RGB"), (20, 0))
    point = entropy_point(image, 100, 100)
    assert point is not None
    assert abs(point.x - 70) <= 4


def test_there_is_no_richest_window_where_it_cannot_move() -> None:
    assert entropy_point(Image.effect_noise((64, 64), 90).convert("RGB"), 64, 64) is None


def test_a_face_is_found_between_its_eyes(face: Image.Image) -> None:
    image = Image.new("RGB", (600, 300), (225, 225, 225))
    image.paste(face, (380, 60))
    points = face_points(image)
    assert len(points) == 1
    assert abs(points[0].x - 480) < 15
    assert abs(points[0].y - 150) < 15


def test_two_faces_are_two_points(face: Image.Image) -> None:
    image = Image.new("RGB", (600, 300), (225, 225, 225))
    image.paste(face, (20, 50))
    image.paste(face, (380, 50))
    assert sorted(round(point.x / 100) for point in face_points(image)) == [1, 5]


def test_an_opencv_without_cascades_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cv2, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(InputError, match="opencv-python-headless>=4"):
        face_points(Image.new("RGB", (64, 64)))
