"""What is found in a folder of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.datasets.report import scan
from traintab.errors import DatasetError
from traintab.prompts.captions import CaptionRules

RULES = CaptionRules()
PictureMaker = Callable[..., Path]


def test_pictures_come_in_the_order_of_their_names_with_captions(make_picture: PictureMaker) -> None:
    make_picture("b.png", "blue")
    first = make_picture("a.jpg", size=(30, 20))
    first.with_suffix(".txt").write_text("red hat", encoding="utf-8")
    report = scan(first.parent, RULES)
    assert [(i.path.name, i.caption) for i in report.images] == [("a.jpg", "red hat"), ("b.png", "b")]
    assert (report.images[0].width, report.images[0].height) == (30, 20)
    assert len(report.images[0].content_hash) == 64


def test_an_unreadable_picture_is_listed_and_the_others_are_kept(make_picture: PictureMaker) -> None:
    folder = make_picture("good.png").parent
    (folder / "bad.png").write_bytes(b"no picture at all")
    report = scan(folder, RULES)
    assert [image.path.name for image in report.images] == ["good.png"]
    assert [(p.name, why) for p, why in report.unreadable] == [("bad.png", "not a picture, or damaged")]
    assert "Skipped, because unreadable: bad.png (not a picture, or damaged)." in report.summary()


def test_a_truncated_picture_is_unreadable(make_picture: PictureMaker) -> None:
    path = make_picture("a.png", size=(300, 300))
    make_picture("b.png")
    path.write_bytes(path.read_bytes()[:-40])
    assert [bad.name for bad, _ in scan(path.parent, RULES).unreadable] == ["a.png"]


def test_the_same_content_twice_is_named(make_picture: PictureMaker) -> None:
    folder = make_picture("a.png", "red").parent
    make_picture("b.png", "blue")
    make_picture("c.png", "red")
    report = scan(folder, RULES)
    assert report.duplicates == ((folder / "c.png", folder / "a.png"),)
    assert len(report.images) == 3
    assert "c.png is a.png" in report.summary()


def test_texts_hidden_files_and_subfolders_are_passed_over(make_picture: PictureMaker) -> None:
    folder = make_picture("a.png").parent
    make_picture("deeper/b.png")
    (folder / "notes.txt").write_text("hello", encoding="utf-8")
    (folder / "._a.png").write_bytes(b"a Mac's shadow of a.png")
    report = scan(folder, RULES)
    assert len(report.images) == 1
    assert report.unreadable == ()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="doesn't exist or can't be reached; give a folder"):
        scan(tmp_path / "nowhere", RULES)


def test_a_folder_whose_name_is_impossible_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="doesn't exist or can't be reached"):
        scan(tmp_path / ("n" * 5000), RULES)


def test_a_file_in_place_of_a_folder_is_told(make_picture: PictureMaker) -> None:
    with pytest.raises(DatasetError, match="is a file; give a folder"):
        scan(make_picture("a.png"), RULES)


def test_an_empty_folder_is_told_with_the_kinds_of_pictures(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no pictures.*\.png"):
        scan(tmp_path, RULES)


def test_a_folder_of_broken_pictures_names_them(tmp_path: Path) -> None:
    for name in "abcde":
        (tmp_path / f"{name}.jpg").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"None of the 5 pictures.*a\.jpg.*and 2 more"):
        scan(tmp_path, RULES)
