from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageChops

from traintab.configs import PreprocessConfig, all_options, from_mapping
from traintab.preprocessing.derive import OPERATIONS, Derived, derive, operations_on


def config_of(**settings: Any) -> PreprocessConfig:
    return from_mapping(PreprocessConfig, {"source": "a", "destination": "b", **settings})


def derived(size: tuple[int, int], **settings: Any) -> Derived:
    return derive(Image.new("RGB", size, "red"), config_of(**settings), (64, 64))


def sizes(result: Derived) -> list[tuple[int, int]]:
    return [picture.image.size for picture in result.pictures]


def halves(mode: str = "RGB") -> Image.Image:
    """A picture of 200 x 100 pixels whose left half is dark and whose right half is light."""
    image = Image.new("L", (200, 100), 40)
    image.paste(220, (100, 0, 200, 100))
    return image.convert(mode)


@pytest.mark.preprocess_option("width", "height")
def test_by_default_the_middle_is_cropped_to_the_target() -> None:
    assert sizes(derived((200, 100))) == [(64, 64)]
    (picture,) = derive(halves(), config_of(), (100, 40)).pictures
    assert picture.image.size == (100, 40)
    assert [picture.image.getpixel((x, 20)) for x in (10, 90)] == [(40, 40, 40), (220, 220, 220)]


@pytest.mark.preprocess_option("split")
def test_a_long_picture_is_split() -> None:
    assert sizes(derived((400, 100), split=True)) == [(64, 64)] * 5
    assert sizes(derived((400, 100))) == [(64, 64)]


@pytest.mark.preprocess_option("split_threshold", "split_overlap")
def test_when_a_picture_is_split_and_how_much_its_pieces_share_can_be_chosen() -> None:
    assert len(derived((150, 100), split=True).pictures) == 1
    assert len(derived((150, 100), split=True, split_threshold=0.7).pictures) == 2
    assert len(derived((400, 100), split=True, split_overlap=0.0).pictures) == 4
    assert len(derived((400, 100), split=True, split_overlap=0.5).pictures) == 7


def test_a_picture_that_needs_no_split_is_cropped() -> None:
    assert sizes(derived((100, 100), split=True)) == [(64, 64)]


def test_a_line_of_pixels_is_not_split_into_thousands_of_pictures() -> None:
    result = derive(Image.new("RGB", (5000, 1)), config_of(split=True), (512, 512))
    assert sizes(result) == [(512, 512)]
    assert "5000x1 pixels would be split into 6250 pieces" in result.notes[0]
    assert result.notes[1] == "Its middle was cropped to 512x512 instead."
    assert "enlarged 512 times" in result.notes[2]


@pytest.mark.preprocess_option("keep_original_size")
def test_keeping_the_original_size_does_not_crop() -> None:
    result = derived((200, 100), keep_original_size=True)
    assert sizes(result) == [(200, 100)]
    assert result.notes == []


@pytest.mark.preprocess_option("focal_crop")
def test_the_crop_goes_to_what_draws_the_eye() -> None:
    image = Image.new("RGB", (400, 100), (225, 225, 225))
    for x in range(300, 390, 20):
        image.paste("black", (x, 20, x + 10, 80))
    plain, focal = (derive(image, config_of(focal_crop=on), (64, 64)).pictures[0] for on in (False, True))
    assert plain.image.convert("L").getextrema() == (225, 225)
    assert focal.image.convert("L").getextrema()[0] < 30


@pytest.mark.preprocess_option("auto_size")
def test_the_operations_add_up() -> None:
    result = derived((400, 200), split=True, focal_crop=True, auto_size=True, keep_original_size=True)
    # no allowed size is near the shape 2:1 within 0.1 but 768x384
    assert sizes(result) == [(64, 64)] * 3 + [(64, 64), (768, 384), (400, 200)]
    assert [picture.original for picture in result.pictures] == [0, 1, 2, 3, 4, 5]


def test_a_shape_no_size_suits_is_cropped_in_the_middle_and_that_is_said() -> None:
    result = derived((2000, 200), auto_size=True)
    assert sizes(result) == [(64, 64)]
    assert "found no size from 384 to 768" in result.notes[0]
    assert result.notes[1] == "Its middle was cropped to 64x64 instead."


@pytest.mark.parametrize("other", ["split", "focal_crop", "keep_original_size"])
def test_the_middle_is_not_said_to_be_cropped_where_another_way_to_cut_is_asked_for(other: str) -> None:
    (note,) = derived((2000, 200), auto_size=True, **{other: True}).notes
    assert "found no size" in note


@pytest.mark.preprocess_option("flip")
@pytest.mark.parametrize(("flip", "copies"), [("none", 1), ("horizontal", 2), ("vertical", 2), ("both", 4)])
def test_flipped_copies_follow_each_picture(flip: str, copies: int) -> None:
    result = derived((400, 200), flip=flip, split=True)
    assert [picture.original for picture in result.pictures] == [
        copies * piece for piece in range(3) for _ in range(copies)
    ]


def test_a_mirrored_copy_shows_the_other_side() -> None:
    original, copy = derive(halves(), config_of(flip="horizontal"), (100, 40)).pictures
    assert (original.mirrored, copy.mirrored) == (False, True)
    assert copy.image.getpixel((10, 20)) == original.image.getpixel((89, 20)) == (220, 220, 220)


@pytest.mark.preprocess_option("grayscale_copies")
def test_each_picture_and_each_mirrored_one_gets_a_copy_without_colours() -> None:
    result = derived((100, 100), flip="horizontal", grayscale_copies=True)
    shown = [(picture.image.getpixel((0, 0)), picture.mirrored) for picture in result.pictures]
    red, grey = (255, 0, 0), (76, 76, 76)
    assert shown == [(red, False), (red, True), (grey, False), (grey, True)]
    assert {picture.original for picture in result.pictures} == {0}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"split": True},
        {"focal_crop": True},
        {"keep_original_size": True},
        {"auto_size": True, "auto_size_threshold": 1.0},
        {"flip": "both", "grayscale_copies": True},
    ],
)
def test_masks_are_cut_and_mirrored_as_their_pictures_are(settings: dict[str, Any]) -> None:
    for mask in (halves("L"), halves("L").resize((50, 25))):  # whatever the mask's own size
        for picture in derive(halves(), config_of(**settings), (64, 64), mask=mask).pictures:
            assert picture.mask is not None
            assert picture.mask.mode == "L"
            assert picture.mask.size == picture.image.size
            for x in (2, picture.image.width - 3):
                seen = picture.image.convert("L").getpixel((x, 30))
                assert abs(int(picture.mask.getpixel((x, 30))) - int(seen)) <= 6


def test_kept_transparency_is_cut_too() -> None:
    image = halves()
    image.putalpha(halves("L"))
    for picture in derive(image, config_of(focal_crop=True, flip="horizontal"), (64, 64)).pictures:
        assert picture.image.mode == "RGBA"
        assert {picture.image.getpixel((x, 9))[3] for x in (2, 61)} <= {40, 220}


@pytest.mark.parametrize(
    ("size", "note"),
    [
        ((32, 48), "32x48 pixels were enlarged 2 times to 64x64"),
        ((48, 500), "48x500 pixels were enlarged 1.3 times to 64x64"),
        ((60, 64), "60x64 pixels were enlarged 1.1 times to 64x64"),
    ],
)
def test_enlarging_is_said_with_numbers(size: tuple[int, int], note: str) -> None:
    assert note in derived(size).notes[0]
    assert len(derived(size, split=True, focal_crop=True).notes) == 1
    assert derived((64, 64)).notes == []


def test_what_is_enlarged_by_less_than_a_twentieth_is_not_called_soft() -> None:
    assert derived((62, 63)).notes == []


def test_a_smaller_version_is_cut_where_the_whole_picture_is() -> None:
    # 801 x 65 pixels at an eighth are 101 x 9, of which the picture fills 100.125 x 8.125
    ramp = Image.linear_gradient("L")
    image = Image.merge("RGB", [ramp, ramp.rotate(90), ramp.rotate(180)]).resize((801, 65))
    (of_whole,) = derive(image, config_of(), (24, 8)).pictures
    (of_eighth,) = derive(image.reduce(8), config_of(), (24, 8), whole=image.size).pictures
    difference = ImageChops.difference(of_whole.image, of_eighth.image)
    assert max(high for _, high in difference.getextrema()) <= 2


def test_a_picture_is_not_called_enlarged_because_less_of_it_was_decoded() -> None:
    assert derive(Image.new("RGB", (50, 50)), config_of(), (64, 64), whole=(400, 400)).notes == []


@pytest.mark.preprocess_option("focal_debug")
def test_debug_pictures_are_kept_apart() -> None:
    result = derived((200, 100), focal_crop=True, focal_debug=True)
    assert len(result.pictures) == len(result.debug_pictures) == 1
    assert derived((200, 100), focal_crop=True).debug_pictures == []


def test_the_order_of_operations_can_be_told() -> None:
    everything = config_of(
        brightness=1.1,
        contrast=1.1,
        background="mask",
        split=True,
        focal_crop=True,
        auto_size=True,
        keep_original_size=True,
        flip="both",
        grayscale_copies=True,
    )
    named = ("brightness", "contrast", "background", "split", "focal_crop", "auto_size")
    copies = ("keep_original_size", "flip", "grayscale_copies")
    labels = [all_options(PreprocessConfig)[name].label for name in (*named, *copies)]
    assert [label for label in operations_on(everything) if label in labels] == labels
    assert operations_on(config_of())[-1] == "Resize and crop the middle"
    assert len(OPERATIONS) == len({operation.label for operation in OPERATIONS})
