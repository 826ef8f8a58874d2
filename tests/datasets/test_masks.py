"""Masks become weights of latent cells."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from PIL import Image

from traintab.datasets.latents import LatentSettings
from traintab.datasets.masks import LossMasks, read_masks
from traintab.datasets.report import DatasetImage, scan
from traintab.datasets.variants import PictureRules
from traintab.errors import DatasetError
from traintab.prompts.captions import CaptionRules

PictureMaker = Callable[..., Path]


@pytest.fixture
def left_half(tmp_path: Path) -> DatasetImage:
    """A picture of which the left half is opaque, and white in its mask."""
    picture = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    picture.paste((0, 200, 0, 255), (0, 0, 32, 64))
    picture.save(tmp_path / "a.png")
    mask = Image.new("L", (64, 64), 0)
    mask.paste(255, (0, 0, 32, 64))
    mask.save(tmp_path / "a-masklabel.png")
    (image,) = scan(tmp_path, CaptionRules()).images
    return dataclasses.replace(image, mask_path=tmp_path / "a-masklabel.png")


def masks_of(
    images: Sequence[DatasetImage],
    source: str = "files",
    size: tuple[int, int] = (64, 64),
    floor: float = 0.0,
    **settings: object,
) -> LossMasks:
    rules = LatentSettings(width=64, height=64, **settings)  # type: ignore[arg-type]
    reading = read_masks(images, [size] * len(images), rules, cell=8, source=source, floor=floor)
    done = []
    while True:
        try:
            done.append(next(reading))
        except StopIteration as end:
            assert done == list(range(1, len(images) + 1))
            masks: LossMasks = end.value
            return masks


@pytest.mark.parametrize("source", ["alpha", "files"])
def test_what_is_opaque_or_white_counts_and_the_rest_does_not(left_half: DatasetImage, source: str) -> None:
    pixels = masks_of([left_half], source).pixels([0], [0])
    expected = torch.zeros(1, 1, 8, 8)
    expected[..., :4] = 1
    assert torch.equal(pixels, expected)


def test_outside_the_mask_the_floor_is_left(left_half: DatasetImage) -> None:
    pixels = masks_of([left_half], floor=0.25).pixels([0], [0])
    assert pixels[0, 0, 0].tolist() == [1, 1, 1, 1, 0.25, 0.25, 0.25, 0.25]


def test_a_cell_on_the_edge_counts_by_its_area(left_half: DatasetImage) -> None:
    pixels = masks_of([left_half], size=(24, 24)).pixels([0], [0])
    assert pixels[0, 0, 0].tolist() == pytest.approx([1, 0.5, 0], abs=0.01)


def test_masks_are_mirrored_with_their_pictures(left_half: DatasetImage) -> None:
    masks = masks_of([left_half], flip=True)
    assert torch.equal(masks.pixels([0], [1]), masks.pixels([0], [0]).flip(-1))


def test_masks_are_cut_as_their_pictures_are(left_half: DatasetImage) -> None:
    rules = PictureRules(variants=12, random_crop=0.8)
    masks = masks_of([left_half], rules=rules)
    for number in range(12):
        part = rules.variant(left_half.content_hash, number).part
        start, reach = 64 * (1 - part.share) * part.x, 64 * part.share
        in_mask = min(1.0, max(0.0, (32 - start) / reach))
        assert masks.pixels([0], [number]).mean().item() == pytest.approx(in_mask, abs=0.02)


def test_a_crop_beside_the_mask_counts_as_little_as_its_surroundings(left_half: DatasetImage) -> None:
    rules = PictureRules(variants=40, random_crop=0.8)
    masks = masks_of([left_half], rules=rules, floor=0.1)
    beside = [n for n in range(40) if not bool(masks.weights[0][n].any())]
    assert beside, "some crops of forty lie at the right"
    counts = masks.counts([0, 0], [0, beside[0]])
    assert counts is not None
    assert counts.tolist() == pytest.approx([1, 0.1])
    assert masks.counts([0], [0]) is None


def test_a_picture_without_a_mask_counts_as_a_whole_and_is_named(
    left_half: DatasetImage, make_picture: PictureMaker
) -> None:
    (plain,) = scan(make_picture("plain.png").parent, CaptionRules()).images
    for source in ("alpha", "files"):
        masks = masks_of([plain, left_half], source)
        assert masks.pixels([0], [0]).eq(1).all()
        assert (masks.whole, masks.empty) == (("plain.png",), ())


def test_a_mask_that_leaves_nothing_is_named(left_half: DatasetImage) -> None:
    assert left_half.mask_path is not None
    Image.new("L", (64, 64), 0).save(left_half.mask_path)
    assert masks_of([left_half]).empty == ("a.png",)


def test_a_mask_that_some_crops_show_is_not_said_to_leave_nothing(tmp_path: Path) -> None:
    Image.new("RGB", (192, 64)).save(tmp_path / "a.png")
    (image,) = scan(tmp_path, CaptionRules()).images
    mask = Image.new("L", (192, 64), 0)
    mask.paste(255, (0, 0, 48, 64))  # left of the square in the middle
    mask.save(tmp_path / "a-masklabel.png")
    image = dataclasses.replace(image, mask_path=tmp_path / "a-masklabel.png")
    assert masks_of([image]).empty == ("a.png",)
    assert masks_of([image], rules=PictureRules(variants=12, random_crop=0.5)).empty == ()


def test_a_mask_of_another_size_is_laid_over_the_whole_picture(left_half: DatasetImage) -> None:
    assert left_half.mask_path is not None
    small = Image.new("L", (20, 10), 255)
    small.paste(0, (10, 0, 20, 10))
    small.save(left_half.mask_path)
    assert masks_of([left_half]).pixels([0], [0]).mean().item() == pytest.approx(0.5, abs=0.02)


def test_a_mask_that_went_away_is_told(left_half: DatasetImage) -> None:
    assert left_half.mask_path is not None
    left_half.mask_path.unlink()
    with pytest.raises(DatasetError, match=r"a-masklabel\.png of a\.png was there a moment ago"):
        masks_of([left_half])
