from __future__ import annotations

import pytest
from PIL import Image

from traintab.preprocessing.flip import flips


def corner_of(image: Image.Image) -> tuple[int, int]:
    """Where the one white pixel of a 2 x 2 picture is, as (column, row)."""
    return next((x, y) for x in (0, 1) for y in (0, 1) if image.getpixel((x, y)) == 255)


@pytest.mark.parametrize(
    ("direction", "corners"),
    [("none", []), ("horizontal", [(1, 0)]), ("vertical", [(0, 1)]), ("both", [(1, 0), (0, 1), (1, 1)])],
)
def test_each_direction_moves_the_upper_left_corner(direction: str, corners: list[tuple[int, int]]) -> None:
    image = Image.new("L", (2, 2))
    image.putpixel((0, 0), 255)
    assert [corner_of(image.transpose(flip)) for flip in flips(direction)] == corners
