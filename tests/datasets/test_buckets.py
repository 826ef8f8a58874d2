"""Which size a picture is trained at."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.buckets import SizeRules, bucket_sizes
from traintab.errors import ConfigError

# Worked out by hand from the rule of kohya-ss/sd-scripts: sides from 256 to 1024 in steps of 64, at most
# 512 x 512 pixels, the widest of each height and the highest of each width.
KNOWN_512 = {
    (256, 1024),
    (320, 768),
    (384, 640),
    (448, 576),
    (512, 512),
    (576, 448),
    (640, 384),
    (768, 320),
    (1024, 256),
}


def rules(**fields: object) -> SizeRules:
    return SizeRules(**{"width": 512, "height": 512, "resize_mode": "buckets", **fields})  # type: ignore[arg-type]


def test_the_buckets_of_512_are_those_that_people_know() -> None:
    assert set(bucket_sizes(512, step=64, smallest=256, largest=1024)) >= KNOWN_512


def test_the_demo_s_128_has_buckets_too() -> None:
    assert (96, 168) in bucket_sizes(128, step=8, smallest=None, largest=None)


@pytest.mark.parametrize(
    ("picture", "bucket"),
    [
        ((1000, 1000), (512, 512)),
        ((1920, 1080), (640, 384)),
        ((1080, 1920), (384, 640)),
        ((3000, 2700), (512, 512)),
        ((300, 200), (640, 384)),
        ((4000, 500), (1024, 256)),
    ],
)
def test_a_picture_goes_where_the_least_is_cut_off(picture: tuple[int, int], bucket: tuple[int, int]) -> None:
    assert rules().sizes_of(*picture) == (bucket,)


SIDES = st.integers(8, 6000)


@given(SIDES, SIDES, st.integers(64, 1024), st.sampled_from([8, 16, 32, 64]), st.booleans())
def test_any_picture_gets_whole_steps_and_no_more_than_the_area(
    width: int, height: int, side: int, step: int, no_upscale: bool
) -> None:
    wanted = rules(width=side, height=side, bucket_step=step, no_upscale=no_upscale)
    ((bucket_width, bucket_height),) = wanted.sizes_of(width, height)
    assert bucket_width % step == bucket_height % step == 0
    assert min(bucket_width, bucket_height) >= step
    assert bucket_width * bucket_height <= side * side
    assert max(bucket_width, bucket_height) <= 2 * side


@given(SIDES, SIDES, st.sampled_from([8, 64]))
def test_no_other_bucket_is_nearer_to_the_picture_s_shape(width: int, height: int, step: int) -> None:
    ((bucket_width, bucket_height),) = rules(bucket_step=step).sizes_of(width, height)
    all_sizes = bucket_sizes(512, step=step, smallest=None, largest=None)
    far = [abs(math.log(w / h * height / width)) for w, h in all_sizes]
    assert abs(math.log(bucket_width / bucket_height * height / width)) <= min(far) + 1e-9


def test_not_enlarging_keeps_a_small_picture_s_own_size() -> None:
    assert rules(no_upscale=True).sizes_of(300, 200) == ((256, 192),)
    assert rules(no_upscale=True).sizes_of(3000, 2000) == rules().sizes_of(3000, 2000)


def test_a_long_picture_s_own_size_is_cut_at_the_largest_side() -> None:
    assert rules(no_upscale=True).sizes_of(3000, 70) == ((1024, 64),)
    assert rules(no_upscale=True, largest=640).sizes_of(1000, 200) == ((640, 192),)


def test_a_picture_smaller_than_a_step_is_enlarged_all_the_same() -> None:
    assert rules(no_upscale=True).sizes_of(40, 30) == rules().sizes_of(40, 30)


def test_every_resolution_gives_a_size() -> None:
    assert rules(resolutions=(512, 768)).sizes_of(100, 100) == ((512, 512), (768, 768))


def test_without_buckets_resolutions_keep_the_run_s_shape() -> None:
    wide = SizeRules(width=768, height=384, resize_mode="crop", resolutions=(256, 512))
    assert wide.sizes_of(99, 11) == ((360, 184), (728, 360))


def test_a_resolution_that_makes_a_side_too_large_is_refused() -> None:
    tall = SizeRules(width=512, height=1024, resolutions=(512, 2048))
    with pytest.raises(ConfigError, match=r"Resolutions has 2048 .* would be 1448 x 2896; .* up to 2048"):
        tall.sizes_of(100, 100)


@pytest.mark.parametrize("mode", ["crop", "stretch"])
def test_without_resolutions_the_run_s_size_is_everyone_s(mode: str) -> None:
    assert SizeRules(width=72, height=80, resize_mode=mode).sizes_of(1000, 10) == ((72, 80),)


def test_pictures_that_are_not_resized_lose_less_than_eight_pixels() -> None:
    assert rules(resize_mode="none").sizes_of(519, 300) == ((512, 296),)


def test_bounds_that_leave_no_bucket_are_told_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match=r"No bucket fits a resolution of 100: .* from 256 to 192.*Lower"):
        rules(width=100, height=100, smallest=256).sizes_of(10, 10)
