from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from traintab.configs import PreprocessConfig, from_mapping
from traintab.preprocessing.derive import Derived, derive


def derived(size: tuple[int, int], **settings: Any) -> Derived:
    config = from_mapping(PreprocessConfig, {"source": "a", "destination": "b", **settings})
    return derive(Image.new("RGB", size, "red"), config, (64, 64))


def sizes(result: Derived) -> list[tuple[int, int]]:
    return [picture.image.size for picture in result.pictures]


def test_by_default_the_middle_is_cropped() -> None:
    assert sizes(derived((200, 100))) == [(64, 64)]


def test_a_long_picture_is_split() -> None:
    assert sizes(derived((400, 100), split=True)) == [(64, 64)] * 5


def test_a_picture_that_needs_no_split_is_cropped() -> None:
    assert sizes(derived((100, 100), split=True)) == [(64, 64)]


def test_keeping_the_original_size_does_not_crop() -> None:
    result = derived((200, 100), keep_original_size=True)
    assert sizes(result) == [(200, 100)]
    assert result.notes == []


def test_the_operations_add_up() -> None:
    result = derived((400, 200), split=True, focal_crop=True, auto_size=True, keep_original_size=True)
    # no allowed size is near the shape 2:1 within 0.1 but 768x384
    assert sizes(result) == [(64, 64)] * 3 + [(64, 64), (768, 384), (400, 200)]


@pytest.mark.parametrize(("flip", "copies"), [("none", 1), ("horizontal", 2), ("vertical", 2), ("both", 4)])
def test_flipped_copies_follow_each_picture(flip: str, copies: int) -> None:
    assert len(derived((200, 100), flip=flip).pictures) == copies


def test_a_shape_no_size_suits_is_cropped_in_the_middle_and_that_is_said() -> None:
    result = derived((2000, 200), auto_size=True)
    assert sizes(result) == [(64, 64)]
    assert "found no size from 384 to 768" in result.notes[0]
    assert "2000x200, so it is cropped to 64x64" in result.notes[0]


def test_enlarging_is_said_with_numbers() -> None:
    assert "32x48 pixels were enlarged 2 times to 64x64" in derived((32, 48)).notes[0]
    assert derived((64, 64)).notes == []


def test_debug_pictures_are_kept_apart() -> None:
    result = derived((200, 100), focal_crop=True, focal_debug=True)
    assert len(result.pictures) == len(result.debug_pictures) == 1
    assert derived((200, 100), focal_crop=True).debug_pictures == []
