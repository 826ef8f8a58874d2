"""Which files are masks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.datasets.folders import DatasetFolder, pictures_in
from traintab.datasets.mask_files import find_mask, is_mask_folder

PictureMaker = Callable[..., Path]


@pytest.mark.parametrize(
    "name", ["hat-masklabel.png", "hat-masklabel.PNG", "hat-masklabel.webp", "mask/hat.png", "mask/hat.jpg"]
)
def test_a_mask_stands_beside_its_picture_or_in_the_folder_mask(
    make_picture: PictureMaker, name: str
) -> None:
    picture, other = make_picture("hat.jpg"), make_picture("cap.jpg")
    mask = make_picture(name)
    assert find_mask(picture) == mask
    assert find_mask(other) is None


def test_masks_are_no_pictures_of_the_data_set(make_picture: PictureMaker) -> None:
    folder = make_picture("hat.jpg").parent
    make_picture("hat-masklabel.png")
    make_picture("mask/hat.png")
    make_picture("more/cap.png")
    found = pictures_in(DatasetFolder(path=folder, subfolders=True))
    assert [picture.name for picture in found] == ["hat.jpg", "more/cap.png"]


def test_a_folder_of_people_in_masks_is_looked_into(make_picture: PictureMaker) -> None:
    folder = make_picture("hat.jpg").parent
    make_picture("mask/carnival.png")
    assert not is_mask_folder(folder / "mask")
    assert len(pictures_in(DatasetFolder(path=folder, subfolders=True))) == 2


def test_a_picture_whose_name_leaves_no_room_for_that_of_a_mask_has_none(tmp_path: Path) -> None:
    assert find_mask(tmp_path / f"{'h' * 250}.png") is None
