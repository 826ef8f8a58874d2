from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from traintab.embeddings import card_pixels
from traintab.embeddings.card_pixels import (
    MAX_CARD_BYTES,
    attach_card_pixels,
    decode_card_pixels,
    picture_inside,
)

DATA = b'{"string_to_param": {"*": {"TORCHTENSOR": [[0.5, -0.25]]}}, "name": "mira"}'
# The first outputs of the scrambling stream, recorded from A1111.
RECORDED = (253, 242, 127, 44, 157, 27, 239, 133, 38, 79, 167, 4, 177, 95, 130, 79, 78, 14, 52, 215)


def scrambling(count: int) -> list[int]:
    state, values = 0, []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state % 255)
    return values


def block_by_hand(packed: bytes, height: int, shift: int) -> Image.Image:
    """A block built from the description of A1111's format, number by number, without decoration."""
    length = len(packed) + height - len(packed) % height
    length += 3 * height - length % (3 * height)
    stream = scrambling(length)
    values = [(packed[i % len(packed)] >> shift & 15) ^ (stream[i] & 15) for i in range(length)]
    return Image.frombytes("RGB", (length // height // 3, height), bytes(values))


def card_by_hand(data: bytes, picture: Image.Image) -> Image.Image:
    low, high = (block_by_hand(zlib.compress(data, 9), picture.height, shift) for shift in (0, 4))
    card = Image.new("RGB", (low.width * 2 + picture.width + 2, picture.height))
    card.paste(low, (0, 0))
    card.paste(picture, (low.width + 1, 0))
    card.paste(high, (low.width + 2 + picture.width, 0))
    return card


def low_halves(image: Image.Image) -> bytes:
    return bytes(value & 15 for value in image.tobytes())


def test_the_hand_made_stream_is_the_recorded_one() -> None:
    assert tuple(scrambling(len(RECORDED))) == RECORDED


@pytest.mark.parametrize("data", [DATA, b"{}", bytes(range(256)) * 40], ids=len)
def test_a_card_built_by_hand_is_decoded(data: bytes) -> None:
    assert decode_card_pixels(card_by_hand(data, Image.new("RGB", (64, 80), "orange"))) == data


def test_blocks_differ_from_those_built_by_hand_in_the_decoration_only() -> None:
    picture = Image.linear_gradient("L").resize((70, 90)).convert("RGB").point(lambda value: max(value, 1))
    ours = attach_card_pixels(picture, DATA, [0, 100, 255])
    by_hand = card_by_hand(DATA, picture)
    assert ours.size == by_hand.size
    assert low_halves(ours) == low_halves(by_hand)
    assert ours.tobytes() != by_hand.tobytes()


@settings(max_examples=20)
@given(
    data=st.binary(min_size=1, max_size=5000),
    width=st.integers(64, 300),
    height=st.integers(64, 300),
    shades=st.lists(st.integers(0, 255), max_size=5),
    color=st.sampled_from(["black", "white", "#0000ff", "#101010"]),
)
def test_pictures_of_any_size_and_color_carry_any_bytes(
    data: bytes, width: int, height: int, shades: list[int], color: str
) -> None:
    card = attach_card_pixels(Image.new("RGB", (width, height), color), data, shades)
    assert decode_card_pixels(card) == data


def test_black_added_around_a_card_is_looked_past() -> None:
    card = attach_card_pixels(Image.new("RGB", (64, 64)), DATA, [])
    framed = Image.new("RGB", (card.width + 9, card.height + 30))
    framed.paste(card, (4, 11))
    assert decode_card_pixels(framed) == DATA


def test_the_picture_between_the_blocks_is_found_again() -> None:
    picture = Image.linear_gradient("L").resize((90, 80)).convert("RGB").point(lambda value: max(value, 1))
    card = attach_card_pixels(picture, DATA, [3])
    framed = Image.new("RGB", (card.width + 9, card.height + 30))
    framed.paste(card, (4, 11))
    for each in (card, framed):
        inside = picture_inside(each)
        assert (inside.size, inside.tobytes()) == (picture.size, picture.tobytes())
    assert picture_inside(picture) is picture


@pytest.mark.parametrize("mode", ["RGBA", "RGBX"])
def test_a_card_saved_in_another_mode_is_decoded(mode: str) -> None:
    assert decode_card_pixels(attach_card_pixels(Image.new("RGB", (64, 64)), DATA, []).convert(mode)) == DATA


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (64, 64)),
        Image.new("L", (1, 1), 200),
        Image.new("RGB", (64, 64), "white"),
        Image.linear_gradient("L"),
        Image.merge("RGB", [Image.radial_gradient("L")] * 3),
    ],
    ids=["black", "a dot", "white", "rows", "rings"],
)
def test_an_ordinary_picture_holds_nothing(picture: Image.Image) -> None:
    assert decode_card_pixels(picture) is None


def test_black_columns_alone_make_no_card() -> None:
    picture = Image.new("RGB", (90, 64), "white")
    for x in (30, 60):
        picture.paste("black", (x, 0, x + 1, 64))
    assert decode_card_pixels(picture) is None


def test_a_card_that_was_saved_as_jpeg_holds_nothing() -> None:
    stream = io.BytesIO()
    attach_card_pixels(Image.new("RGB", (64, 64)), DATA, []).save(stream, "JPEG")
    assert decode_card_pixels(Image.open(stream)) is None


def test_blocks_of_different_widths_hold_nothing() -> None:
    card = attach_card_pixels(Image.new("RGB", (64, 64)), DATA * 20, [])
    assert decode_card_pixels(card.crop((0, 0, card.width - 1, card.height))) is None


def test_what_unpacks_to_too_much_is_left_alone() -> None:
    bomb = attach_card_pixels(Image.new("RGB", (64, 64)), bytes(MAX_CARD_BYTES + 1), [])
    assert decode_card_pixels(bomb) is None


def test_a_huge_picture_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    card = attach_card_pixels(Image.new("RGB", (64, 64)), DATA, [])
    monkeypatch.setattr(card_pixels, "_MAX_PIXELS", card.width * card.height - 1)
    monkeypatch.setattr(card, "convert", lambda mode: pytest.fail("was decoded"))
    assert decode_card_pixels(card) is None
