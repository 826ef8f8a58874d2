"""Whatever the picture and whatever the target: exactly that size, and never an error."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from traintab.configs import PreprocessConfig, from_mapping
from traintab.preprocessing.crop import centre_cut, covering_size
from traintab.preprocessing.derive import derive
from traintab.preprocessing.split import is_oversized, split_cuts

SIDES = st.integers(1, 5000)
TARGETS = st.tuples(st.integers(8, 64), st.integers(8, 64)).map(lambda size: (8 * size[0], 8 * size[1]))
UP_TO_128 = st.tuples(st.integers(8, 16), st.integers(8, 16)).map(lambda size: (8 * size[0], 8 * size[1]))
UP_TO_2048 = st.tuples(st.integers(8, 256), st.integers(8, 256)).map(lambda size: (8 * size[0], 8 * size[1]))
SIZES = st.one_of(
    st.tuples(SIDES, st.integers(1, 300)), st.tuples(st.integers(1, 300), SIDES), st.just((1, 1))
)


def picture(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    values = np.random.default_rng(size[0]).integers(0, 256, (*size[::-1], len(mode)), dtype=np.uint8)
    return Image.fromarray(values)


def config_of(**settings_: Any) -> PreprocessConfig:
    return from_mapping(PreprocessConfig, {"source": "a", "destination": "b", **settings_})


@settings(max_examples=40)
@given(size=SIZES, target=UP_TO_2048, mode=st.sampled_from(["RGB", "RGBA"]))
def test_any_picture_is_cropped_to_exactly_the_target(
    size: tuple[int, int], target: tuple[int, int], mode: str
) -> None:
    (derived,) = derive(picture(size, mode), config_of(), target).pictures
    assert (derived.image.size, derived.image.mode) == (target, mode)


@settings(max_examples=30)
@given(size=SIZES, target=UP_TO_128, overlap=st.sampled_from([0.0, 0.2, 0.5]))
def test_any_picture_is_split_into_pieces_of_exactly_the_target(
    size: tuple[int, int], target: tuple[int, int], overlap: float
) -> None:
    derived = derive(picture(size), config_of(split=True, split_overlap=overlap), target)
    assert {one.image.size for one in derived.pictures} == {target}


@settings(max_examples=20)
@given(size=SIZES, target=TARGETS)
def test_any_picture_is_cropped_around_its_focal_point_to_exactly_the_target(
    size: tuple[int, int], target: tuple[int, int]
) -> None:
    config = config_of(focal_crop=True, focal_debug=True, face_weight=0.0)
    derived = derive(picture(size), config, target, mask=picture(size).convert("L"))
    (one,) = derived.pictures
    assert one.mask is not None
    assert one.image.size == one.mask.size == target
    assert len(derived.debug_pictures) == 1


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 300), (19, 21)])
@pytest.mark.parametrize("target", [(64, 64), (512, 768)])
def test_faces_are_looked_for_in_any_picture(size: tuple[int, int], target: tuple[int, int]) -> None:
    (one,) = derive(picture(size), config_of(focal_crop=True), target).pictures
    assert one.image.size == target


@settings(max_examples=40)
@given(size=SIZES, flip=st.sampled_from(["none", "both"]), grey=st.booleans())
def test_any_picture_gets_an_allowed_size_or_the_target_and_says_which(
    size: tuple[int, int], flip: str, grey: bool
) -> None:
    config = config_of(auto_size=True, flip=flip, grayscale_copies=grey)
    derived = derive(picture(size), config, (64, 72))
    (made,) = {one.image.size for one in derived.pictures}
    no_size = any("found no size" in note for note in derived.notes)
    assert made == (64, 72) if no_size else made in set(config.auto_sizing.sizes())
    assert len(derived.pictures) == (4 if flip == "both" else 1) * (2 if grey else 1)


@settings(max_examples=300)
@given(size=st.tuples(SIDES, SIDES), target=st.tuples(st.integers(1, 2048), st.integers(1, 2048)))
def test_a_cut_lies_within_the_scaled_picture_which_just_covers_the_target(
    size: tuple[int, int], target: tuple[int, int]
) -> None:
    cut = centre_cut(size, *target)
    left, top, right, bottom = cut.box
    assert cut.scaled == covering_size(size, *target)
    assert left >= 0 and top >= 0 and right <= cut.scaled[0] and bottom <= cut.scaled[1]
    assert cut.size == target
    # one side fits exactly, and the picture is squeezed by less than a pixel
    assert cut.scaled[0] == target[0] or cut.scaled[1] == target[1]
    assert abs(cut.scaled[0] * size[1] - cut.scaled[1] * size[0]) <= max(size)


@settings(max_examples=300)
@given(
    size=st.tuples(SIDES, SIDES),
    target=st.tuples(st.integers(64, 2048), st.integers(64, 2048)),
    overlap=st.floats(0, 0.9),
    threshold=st.floats(0.01, 1),
)
def test_pieces_cover_the_whole_picture_and_share_enough(
    size: tuple[int, int], target: tuple[int, int], overlap: float, threshold: float
) -> None:
    assume(is_oversized(size, *target, threshold))
    cuts = split_cuts(size, *target, overlap)
    along = 1 if size[1] > size[0] else 0
    starts = [cut.box[along] for cut in cuts]
    length, piece = cuts[0].scaled[along], target[along]
    assert starts[0] == 0
    assert starts[-1] == max(length - piece, 0)
    assert all(cut.size == target for cut in cuts)
    steps = [after - before for before, after in itertools.pairwise(starts)]
    assert all(piece - step >= piece * overlap - 1 for step in steps)
