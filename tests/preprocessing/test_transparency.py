from __future__ import annotations

import pytest
from PIL import Image

from traintab.configs import ColorsConfig, check
from traintab.errors import ConfigError
from traintab.preprocessing.transparency import with_transparency, without_transparency


def half_red() -> Image.Image:
    image = Image.new("RGBA", (3, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (255, 0, 0, 0))
    image.putpixel((2, 0), (255, 0, 0, 51))
    return image


@pytest.mark.preprocess_option("transparency_color")
@pytest.mark.parametrize(
    ("color", "seen"),
    [
        ("white", [(255, 0, 0), (255, 255, 255), (255, 204, 204)]),
        ("#0000ff", [(255, 0, 0), (0, 0, 255), (51, 0, 204)]),
    ],
)
def test_transparent_parts_get_the_chosen_colour(color: str, seen: list[tuple[int, int, int]]) -> None:
    filled = with_transparency(half_red(), ColorsConfig(transparency_color=color))
    assert [filled.getpixel((x, 0)) for x in range(3)] == seen


@pytest.mark.preprocess_option("keep_transparency")
def test_transparency_can_be_kept() -> None:
    kept = with_transparency(half_red(), ColorsConfig(keep_transparency=True))
    assert kept.mode == "RGBA"
    assert [kept.getpixel((x, 0))[3] for x in range(3)] == [255, 0, 51]


def test_an_opaque_picture_is_left_alone() -> None:
    image = Image.new("RGB", (2, 2), "red")
    assert without_transparency(image, "blue") is image


@pytest.mark.parametrize("color", ["", "whte", "#12", "12, 12, 12"])
def test_what_is_no_colour_is_refused_by_its_label(color: str) -> None:
    with pytest.raises(ConfigError, match=r"Colour of transparent parts is .* must be one of white, black"):
        check(ColorsConfig(transparency_color=color))
