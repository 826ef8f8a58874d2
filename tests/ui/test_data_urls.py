"""Pictures inside the page."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from traintab.ui.data_urls import data_url, jpeg_data_url


def opened(url: str) -> Image.Image:
    head, _, data = url.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(data, validate=True)))


@pytest.mark.parametrize(
    ("size", "side", "shown"),
    [((400, 200), 100, (100, 50)), ((60, 90), 100, (60, 90)), ((7, 5000), 50, (1, 50))],
)
def test_the_longer_side_is_brought_down_to_the_size_asked_for(
    size: tuple[int, int], side: int, shown: tuple[int, int]
) -> None:
    assert opened(jpeg_data_url(Image.new("RGB", size), side)).size == shown


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "CMYK"])
def test_any_kind_of_picture_is_shown_and_stays_as_it_is(mode: str) -> None:
    picture = Image.new(mode, (64, 64))
    assert opened(jpeg_data_url(picture, 32)).format == "JPEG"
    assert picture.size == (64, 64) and picture.mode == mode


def test_a_jpeg_file_is_kept_byte_for_byte() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "JPEG")
    assert base64.b64decode(data_url(stream.getvalue()).partition(",")[2]) == stream.getvalue()
