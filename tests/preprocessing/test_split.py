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
