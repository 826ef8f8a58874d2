"""Sizes told by the first bytes, against files by Pillow and heads by hand."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from traintab.embeddings.formats.containers.picture_sizes import avif_size, jxl_size, webp_size


def saved(kind: str, size: tuple[int, int], **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "orange").save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (70, 64), (3000, 2)])
@pytest.mark.parametrize("extras", [{}, {"exif": b"Exif\0\0MM"}], ids=["plain", "extended"])
def test_a_lossless_webp_tells_its_size(size: tuple[int, int], extras: dict[str, bytes]) -> None:
    assert webp_size(saved("WEBP", size, lossless=True, **extras)) == size


def test_lossy_moving_and_cut_off_webp_hold_nothing() -> None:
    moving = saved("WEBP", (8, 8), lossless=True, save_all=True, append_images=[Image.new("RGB", (8, 8))])
    for data in (
        saved("WEBP", (8, 8)),
        moving,
        b"",
        b"RIFF\0\0\0\0WEBPVP8L",
        b"RIFF\0\0\0\0WEBP" + bytes(9000),
    ):
        assert webp_size(data) is None


def avif(matrix: int, *sizes: tuple[int, int]) -> bytes:
    properties = (
        b"ispe\0\0\0\0" + width.to_bytes(4, "big") + height.to_bytes(4, "big") for width, height in sizes
    )
    return b"\0\0\0\x20ftypavif" + b"".join(properties) + b"colrnclx\0\1\0\x0d" + matrix.to_bytes(2, "big")


def test_an_avif_tells_its_largest_size_when_its_colors_are_exact() -> None:
    assert avif_size(avif(0, (70, 64), (30, 200))) == (70, 200)
    assert avif_size(avif(6, (70, 64))) is None
    assert avif_size(avif(0)) is None


def bits(*fields: tuple[int, int]) -> bytes:
    """Numbers of so many bits each, the lowest bit first, as JPEG XL packs them."""
    number, place = 0, 0
    for value, count in fields:
        number |= value << place
        place += count
    return number.to_bytes(12, "little")


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (bits((1, 1), (7, 5), (1, 3)), (64, 64)),
        (bits((1, 1), (7, 5), (0, 3), (3, 5)), (32, 64)),
        (bits((0, 1), (0, 2), (99, 9), (0, 3), (1, 2), (4999, 13)), (5000, 100)),
        (bits((0, 1), (3, 2), (2**30 - 1, 30), (7, 3)), (2**31, 2**30)),
        (bits((0, 1), (2, 2), (89_999, 18), (5, 3)), (160_000, 90_000)),
    ],
)
@pytest.mark.parametrize("container", [b"", b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl "])
def test_a_jpeg_xl_tells_its_size(head: bytes, size: tuple[int, int], container: bytes) -> None:
    assert jxl_size(container + b"\xff\x0a" + head) == size


def test_a_jpeg_xl_without_a_picture_has_no_size() -> None:
    assert jxl_size(b"\0\0\0\x0cJXL \r\n\x87\n") is None
