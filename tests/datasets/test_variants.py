"""Variants of a picture."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.variants import Colors, Part, PictureRules, Variant

ALL = PictureRules(variants=8, random_crop=0.2, color_jitter=0.5, grayscale_copies=0.25)


def test_the_first_variant_is_the_picture_as_it_is() -> None:
    assert ALL.variant("a", 0) == Variant()
    assert ALL.key(Variant()) == ""


def test_a_variant_depends_on_the_picture_and_its_number_alone() -> None:
    assert ALL.variant("a", 3) == ALL.variant("a", 3)
    assert len({ALL.variant(name, number) for name in "ab" for number in range(1, 8)}) == 14


@given(st.text(max_size=8), st.integers(1, 7), st.floats(0.01, 0.9), st.floats(0.01, 1))
def test_any_variant_stays_within_what_was_asked_for(
    name: str, number: int, crop: float, jitter: float
) -> None:
    part, colors, _ = PictureRules(variants=8, random_crop=crop, color_jitter=jitter).variant(name, number)
    assert 1 - crop <= part.share <= 1
    assert 0 <= part.x <= 1
    assert 0 <= part.y <= 1
    assert all(1 - jitter <= factor <= 1 + jitter for factor in colors[:3])
    assert abs(colors.hue) <= 0.1 * jitter


def test_each_option_changes_its_own_part_alone() -> None:
    crop = PictureRules(variants=4, random_crop=0.2).variant("a", 2)
    assert (crop.colors, crop.is_gray) == (Colors(), False)
    jitter = PictureRules(variants=4, color_jitter=0.2).variant("a", 2)
    assert (jitter.part, jitter.is_gray) == (Part(), False)
    gray = PictureRules(variants=4, grayscale_copies=0.5).variant("a", 2)
    assert gray == Variant(is_gray=True)


def test_the_wanted_share_of_variants_is_grey_and_at_least_one_but_the_first_only_with_all() -> None:
    for share, expected in ((0.0, 0), (0.01, 1), (0.25, 2), (0.99, 7), (1.0, 8)):
        wanted = PictureRules(variants=8, grayscale_copies=share)
        assert sum(wanted.variant("a", number).is_gray for number in range(8)) == expected


def test_whatever_changes_pixels_has_a_key_of_its_own() -> None:
    keys = [
        PictureRules().key(Variant()),
        PictureRules(resize_mode="stretch").key(Variant()),
        PictureRules(resize_mode="none").key(Variant()),
        PictureRules(background="black").key(Variant()),
        PictureRules().key(Variant(is_gray=True)),
        PictureRules().key(Variant(part=Part(0.9))),
        PictureRules().key(Variant(colors=Colors(hue=0.01))),
    ]
    assert len(set(keys)) == len(keys)


def test_buckets_crop_as_ever_so_that_what_is_cached_serves_them() -> None:
    assert PictureRules(resize_mode="buckets").key(Variant()) == ""
