"""Colours in settings: the usual names and codes, in any case."""

from __future__ import annotations

import pytest
from PIL import ImageColor

from traintab.configs import PicturesConfig, options_of
from traintab.configs.colors import not_a_color

OPTION = options_of(PicturesConfig)["transparency_color"]


@pytest.mark.parametrize("color", ["white", "White", "GRAY", "#808080", "#fff", "#ABCDEF"])
def test_a_usual_name_or_code_is_a_color_that_pillow_knows_too(color: str) -> None:
    assert list(not_a_color(OPTION, color)) == []
    assert len(ImageColor.getrgb(color)) == 3


@pytest.mark.parametrize("color", ["", "whitish", "808080", "#ffff", "#gggggg", "rgb(1,2,3)", " white"])
def test_anything_else_is_told_with_what_is_expected(color: str) -> None:
    (problem,) = not_a_color(OPTION, color)
    assert repr(color) in str(problem) and "one of white," in str(problem) and "#rrggbb" in str(problem)
