from __future__ import annotations

from PIL import Image

from traintab.preprocessing.grayscale import grayscale_copy


def test_colours_become_the_grey_of_their_lightness() -> None:
    copy = grayscale_copy(Image.new("RGB", (2, 2), (255, 0, 0)))
    assert copy.mode == "RGB"
    assert copy.getpixel((0, 0)) == (76, 76, 76)  # 0.299 * 255, by ITU-R 601


def test_how_opaque_a_picture_is_stays() -> None:
    image = Image.new("RGBA", (2, 1), (0, 255, 0, 255))
    image.putpixel((1, 0), (0, 255, 0, 40))
    copy = grayscale_copy(image)
    assert [copy.getpixel((x, 0)) for x in (0, 1)] == [(150, 150, 150, 255), (150, 150, 150, 40)]
