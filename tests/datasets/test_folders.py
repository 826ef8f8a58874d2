"""Which files of which folders are pictures of the data set."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

import pytest

from traintab.datasets.folders import DatasetFolder, check_distinct, pictures_in, repeats_of_name
from traintab.datasets.report import scan_folders
from traintab.errors import DatasetError
from traintab.prompts.captions import CaptionRules


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Pictures on three levels, two of them below folders with repeats; nobody looks into the files."""
    root = tmp_path / "set"
    for name in (
        "a.png",
        "10_hat/b.png",
        "10_hat/deep/c.png",
        "face/2_smile/d.png",
        "face/e.png",
        ".cache/f.png",
        "0_none/g.png",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return root


def check(folders: list[DatasetFolder]) -> None:
    check_distinct([(folder, pictures_in(folder)) for folder in folders])


def found(folder: DatasetFolder) -> list[tuple[str, int]]:
    return [(picture.name, picture.repeats) for picture in pictures_in(folder)]


def test_a_plain_folder_is_flat(root: Path) -> None:
    assert found(DatasetFolder(path=root)) == [("a.png", 1)]


@pytest.mark.option("subfolders")
def test_subfolders_count_except_hidden_ones(root: Path) -> None:
    assert found(DatasetFolder(path=root, subfolders=True)) == [
        ("a.png", 1),
        ("0_none/g.png", 1),
        ("10_hat/b.png", 1),
        ("10_hat/deep/c.png", 1),
        ("face/e.png", 1),
        ("face/2_smile/d.png", 1),
    ]


@pytest.mark.option("folder_repeats")
def test_folder_names_tell_repeats_of_the_folders_right_below(root: Path) -> None:
    assert found(DatasetFolder(path=root, name_repeats=True)) == [("a.png", 1), ("10_hat/b.png", 10)]


@pytest.mark.option("folder_repeats")
def test_with_subfolders_the_nearest_folder_name_tells_the_repeats(root: Path) -> None:
    assert found(DatasetFolder(path=root, name_repeats=True, subfolders=True)) == [
        ("a.png", 1),
        ("0_none/g.png", 1),
        ("10_hat/b.png", 10),
        ("10_hat/deep/c.png", 10),
        ("face/e.png", 1),
        ("face/2_smile/d.png", 2),
    ]


def test_the_name_of_the_folder_itself_tells_repeats_too(root: Path) -> None:
    assert found(DatasetFolder(path=root / "10_hat", name_repeats=True)) == [("b.png", 10)]


def test_a_folder_has_the_repeats_it_is_given(root: Path) -> None:
    assert found(DatasetFolder(path=root / "10_hat", repeats=3)) == [("b.png", 3)]


@pytest.mark.parametrize(
    ("name", "repeats"),
    [("10_hat", 10), ("1_", 1), ("007_x", 7), ("0_x", None), ("hat", None), ("10hat", None), ("-1_x", None)],
)
def test_a_name_tells_repeats_when_a_number_and_a_dash_begin_it(name: str, repeats: int | None) -> None:
    assert repeats_of_name(name) == repeats


def test_a_link_back_to_a_folder_above_is_not_followed(root: Path) -> None:
    (root / "face" / "round").symlink_to(root, target_is_directory=True)
    assert len(found(DatasetFolder(path=root, subfolders=True))) == 6


def test_a_folder_given_twice_is_told(root: Path) -> None:
    with pytest.raises(DatasetError, match="is given twice: they would count twice"):
        check([DatasetFolder(path=root), DatasetFolder(path=root / "face" / "..")])


@pytest.mark.parametrize(("below", "how"), [("face", "subfolders"), ("10_hat", "name_repeats")])
def test_a_folder_below_one_that_is_looked_into_is_told_in_whatever_order(
    root: Path, below: str, how: Literal["subfolders", "name_repeats"]
) -> None:
    inner, outer = DatasetFolder(path=root / below), DatasetFolder(path=root)
    whole = dataclasses.replace(outer, subfolders=how == "subfolders", name_repeats=how == "name_repeats")
    for folders in ([whole, inner], [inner, whole]):
        with pytest.raises(DatasetError, match=f"{below} has pictures of .*set, which is given too"):
            check(folders)
    check([outer, inner])


def test_a_hidden_folder_below_one_that_is_looked_into_may_be_given(root: Path) -> None:
    check([DatasetFolder(path=root, subfolders=True), DatasetFolder(path=root / ".cache")])


def test_a_link_to_a_folder_that_is_given_too_is_told(root: Path) -> None:
    (root.parent / "link").symlink_to(root, target_is_directory=True)
    with pytest.raises(DatasetError, match="is given twice"):
        check([DatasetFolder(path=root), DatasetFolder(path=root.parent / "link")])


def test_a_path_that_can_be_none_is_refused(root: Path) -> None:
    (root / "round").symlink_to(root / "round")
    for path in (root / "round", Path("a\0b")):
        with pytest.raises(DatasetError, match="doesn't exist or can't be reached"):
            scan_folders([DatasetFolder(path=path)], CaptionRules())
