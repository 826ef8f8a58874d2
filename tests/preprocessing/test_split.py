from __future__ import annotations

import pytest
from PIL import Image

from traintab.preprocessing.split import is_oversized, split_cuts


def gradient(width: int, height: int) -> Image.Image:
    """Grey levels that rise from one end of the longer side to the other."""
    ramp = Image.linear_gradient("L")
    return (ramp if height > width else ramp.rotate(90)).resize((width, height)).convert("RGB")


@pytest.mark.parametrize(
    ("size", "target", "oversized"),
    [
        ((512, 1024), (512, 512), True),  # r = 0.5, at the threshold
        ((512, 1000), (512, 512), False),  # r = 0.512
        ((1024, 512), (512, 512), True),
        ((512, 512), (512, 512), False),
        ((512, 1024), (512, 768), False),  # r = 0.75 for a tall target
        ((512, 1024), (768, 512), True),  # r = 0.33 for a wide one
    ],
)
def test_a_picture_is_oversized_when_its_shape_is_twice_the_targets(
    size: tuple[int, int], target: tuple[int, int], oversized: bool
) -> None:
    assert is_oversized(size, *target, 0.5) is oversized


def test_even_at_threshold_one_a_picture_of_the_targets_shape_is_not_oversized() -> None:
    assert not is_oversized((300, 300), 512, 512, 1.0)


@pytest.mark.parametrize(
    ("length", "overlap", "pieces"), [(1024, 0.0, 2), (1024, 0.2, 3), (1536, 0.2, 4), (1536, 0.9, 21)]
)
def test_the_fewest_pieces_that_keep_the_overlap(length: int, overlap: float, pieces: int) -> None:
    # ceil((length - 512 * overlap) / (512 * (1 - overlap))), as in the web UI
    tall = split_cuts((512, length), 512, 512, overlap)
    wide = split_cuts((length, 512), 512, 512, overlap)
    assert len(tall) == len(wide) == pieces
    assert {piece.size for piece in tall + wide} == {(512, 512)}


@pytest.mark.parametrize("size", [(64, 200), (200, 64)])
def test_the_pieces_go_from_one_end_to_the_other(size: tuple[int, int]) -> None:
    image = gradient(*size)
    pieces = [cut.of(image) for cut in split_cuts(size, 64, 64, 0.2)]
    assert pieces[0].getpixel((0, 0)) == image.getpixel((0, 0))
    assert pieces[-1].getpixel((63, 63)) == image.getpixel((size[0] - 1, size[1] - 1))


def test_a_picture_hardly_longer_than_the_target_gives_one_piece() -> None:
    # flooring makes the scaled side equal to the target, where a naive spacing divides by zero
    pieces = split_cuts((1000, 1001), 64, 64, 0.2)
    assert [piece.size for piece in pieces] == [(64, 64)]


@pytest.mark.parametrize(
    ("size", "target", "overlap", "offsets"),
    [
        # 512x1100: count = ceil((1100 - 102.4) / 409.6) = 3, spacing (1100 - 512) / 2 = 294
        ((512, 1100), (512, 512), 0.2, [0, 294, 588]),
        # 1000x4000 at 512 wide is 2048 high: ceil((2048 - 102.4) / 409.6) = 5, spacing 384
        ((1000, 4000), (512, 512), 0.2, [0, 384, 768, 1152, 1536]),
        # 800x3001 at 300 wide is 1125 high (1125.375): ceil((1125 - 0) / 300) = 4, spacing 275
        ((800, 3001), (300, 300), 0.0, [0, 275, 550, 825]),
        # 640x1480 to 512x768 is 1184 high: ceil((1184 - 384) / 384) = 3, spacing 208
        ((640, 1480), (512, 768), 0.5, [0, 208, 416]),
        # 333x1000 at 64 wide is 192 high: ceil((192 - 6.4) / 57.6) = 4, spacing 42.67, cut to whole pixels
        ((333, 1000), (64, 64), 0.1, [0, 42, 85, 128]),
    ],
)
def test_pieces_start_where_the_web_ui_starts_them(
    size: tuple[int, int], target: tuple[int, int], overlap: float, offsets: list[int]
) -> None:
    tall = split_cuts(size, *target, overlap)
    assert [cut.box[1] for cut in tall] == offsets
    wide = split_cuts(size[::-1], *target[::-1], overlap)
    assert [cut.box[0] for cut in wide] == offsets
    assert [cut.scaled for cut in wide] == [cut.scaled[::-1] for cut in tall]
