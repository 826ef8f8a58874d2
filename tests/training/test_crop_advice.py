"""Advice for pictures that lose much to the crop."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import DatasetConfig, PicturesConfig, TrainingConfig
from traintab.datasets.pictures import shown_box
from traintab.datasets.report import DatasetImage
from traintab.datasets.variants import Part
from traintab.training.crop_advice import crop_advice


def image(width: int, height: int, name: str = "a.png") -> DatasetImage:
    return DatasetImage(path=Path(name), caption="", content_hash="", width=width, height=height)


def config(width: int | None = None, height: int | None = None, mode: str = "crop") -> TrainingConfig:
    return TrainingConfig(
        embedding_name="zq",
        dataset=DatasetConfig(width=width, height=height),
        pictures=PicturesConfig(resize_mode=mode),
    )


def test_pictures_of_which_a_third_would_go_are_named_with_what_to_do() -> None:
    images = [image(300, 200, "wide.png"), image(100, 100), image(200, 300, "tall.png"), image(110, 100)]
    assert crop_advice(config(), images) == (
        "More than 30% of wide.png, tall.png is cut off to fit the shape of the training; Resize mode buckets"
        " would show nearly all of each picture."
    )


def test_of_many_pictures_three_are_named() -> None:
    assert "p0.png, p1.png, p2.png and 5 more is" in crop_advice(
        config(), [image(9, 3, f"p{number}.png") for number in range(8)]
    )


@pytest.mark.parametrize("mode", ["stretch", "buckets", "none"])
def test_where_nothing_is_cut_to_a_shape_nothing_is_said(mode: str) -> None:
    assert crop_advice(config(mode=mode), [image(900, 100)]) == ""


def test_a_shape_that_is_not_known_yet_gives_no_advice() -> None:
    assert crop_advice(config(width=512), [image(900, 100)]) == ""


SIDES = st.integers(8, 3000)


@given(SIDES, SIDES, st.integers(64, 1024), st.integers(64, 1024))
def test_any_picture_is_named_when_more_than_three_tenths_of_it_are_outside_what_is_shown(
    width: int, height: int, across: int, down: int
) -> None:
    box = shown_box((width, height), (across, down), "crop", Part())
    cut_off = 1 - (box.right - box.left) * (box.bottom - box.top) / (width * height)
    if abs(cut_off - 0.3) > 1e-6:
        assert bool(crop_advice(config(across, down), [image(width, height)])) == (cut_off > 0.3)
