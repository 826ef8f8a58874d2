"""Pictures drawn for the tests of preprocessing."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw, ImageFilter

from .runs import Runs

Save = Callable[..., Path]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An empty source folder."""
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture
def save(source: Path) -> Save:
    """`save("a.png", (64, 64), "red", caption="...")` puts a plain picture into the source folder."""

    def save_picture(
        name: str, size: tuple[int, int], color: str = "red", caption: str | None = None
    ) -> Path:
        path = source / name
        Image.new("RGB", size, color).save(path)
        if caption is not None:
            path.with_suffix(".txt").write_text(caption, encoding="utf-8")
        return path

    return save_picture


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A destination that isn't there yet."""
    return tmp_path / "out"


@pytest.fixture
def again(source: Path, out: Path) -> Runs:
    """`again(flip="both")` preprocesses `source` into `out` once more, and gives the events."""
    return Runs(source, out)


@pytest.fixture
def red_is_green() -> bytes:
    """The ICC profile of sRGB with red and green exchanged: what it does can be told by eye."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">L", profile, 128)
    places = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    (at, size) = struct.unpack_from(">LL", profile, places[b"desc"] + 4)
    profile[at : at + size] = bytes(profile[at : at + size]).replace(b"s\0R\0G\0B", b"s\0W\0A\0P")
    return bytes(profile)


@pytest.fixture
def face() -> Image.Image:
    """A face of 200 x 200 pixels, drawn well enough for the cascades."""
    image = Image.new("RGB", (200, 200), (225, 225, 225))
    pen = ImageDraw.Draw(image)

    def ellipse(x: float, y: float, across: float, down: float, color: tuple[int, int, int]) -> None:
        pen.ellipse((2 * (x - across), 2 * (y - down), 2 * (x + across), 2 * (y + down)), fill=color)

    ellipse(50, 50, 34, 45, (90, 60, 40))
    ellipse(50, 56, 27, 36, (225, 180, 150))
    for x in (38, 62):
        ellipse(x, 46, 9, 5, (150, 105, 85))
        ellipse(x, 47, 6, 3.2, (245, 245, 245))
        ellipse(x, 47, 3, 3.2, (30, 20, 20))
        pen.rectangle((2 * x - 16, 74, 2 * x + 16, 79), fill=(60, 40, 30))
    pen.polygon([(100, 96), (90, 128), (110, 128)], fill=(235, 195, 165))
    for x in (46, 54):
        ellipse(x, 65, 2, 1.2, (120, 80, 60))
    ellipse(50, 76, 10, 3.2, (150, 70, 70))
    return image.filter(ImageFilter.GaussianBlur(2))
