from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.errors import ConfigError, PictureFileError
from traintab.ui.sent_picture import sent_picture


def data_url(image: Image.Image, kind: str = "png") -> str:
    stream = io.BytesIO()
    image.save(stream, kind)
    return f"data:image/{kind};base64,{base64.b64encode(stream.getvalue()).decode()}"


def test_a_path_is_opened(tmp_path: Path) -> None:
    Image.new("RGB", (4, 2), "red").save(tmp_path / "photo.jpg")

    assert sent_picture(str(tmp_path / "photo.jpg")).size == (4, 2)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_bytes_in_the_request_are_opened(kind: str) -> None:
    picture = sent_picture(data_url(Image.new("RGB", (4, 2), "red"), kind))

    assert (picture.mode, picture.size) == ("RGB", (4, 2))


def test_what_is_transparent_becomes_white() -> None:
    assert sent_picture(data_url(Image.new("RGBA", (1, 1), (0, 0, 0, 0)))).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("value", [None, "", "  ", 5, ["photo.png"]])
def test_a_request_without_a_picture_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="image is missing"):
        sent_picture(value)


@pytest.mark.parametrize(
    "value", ["missing.png", "a\0b.png", "data:image/png,abc", "data:image/png;base64,aGVsbG8="]
)
def test_what_is_no_picture_is_refused_in_a_sentence(value: str) -> None:
    with pytest.raises(PictureFileError, match="give a whole PNG, JPEG or WebP picture"):
        sent_picture(value)


def test_broken_base64_is_refused() -> None:
    with pytest.raises(PictureFileError, match="is no base64"):
        sent_picture("data:image/png;base64,%%%")
