"""What is found in a folder of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from traintab.datasets.folders import DatasetFolder
from traintab.datasets.report import scan, scan_folders
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
    assert f"Not looked into: deeper in {folder} (Look into subfolders is off)." in report.summary()


def test_folders_without_a_number_are_told_where_names_tell_repeats(make_picture: PictureMaker) -> None:
    folder = make_picture("3_hats/a.png").parent.parent
    make_picture("faces/b.png", "blue")
    report = scan_folders([DatasetFolder(path=folder, name_repeats=True)], RULES)
    assert report.repeats == (3,)
    assert "Not looked into: faces in" in report.summary()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="doesn't exist or can't be reached; give a folder"):
        scan(tmp_path / "nowhere", RULES)


def test_a_missing_folder_of_class_pictures_is_called_so(make_picture: PictureMaker, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    own = DatasetFolder(path=make_picture("a.png").parent)
    for name, told in (("nowhere", "doesn't exist"), ("empty", "holds no pictures")):
        classes = DatasetFolder(path=tmp_path / name, is_class=True)
        with pytest.raises(DatasetError, match=f"The class pictures directory .*{name} {told}"):
            scan_folders([own, classes], RULES)


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


def test_class_pictures_alone_are_nothing_to_train_on(make_picture: PictureMaker, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"")
    classes = DatasetFolder(path=make_picture("a.png").parent, is_class=True)
    with pytest.raises(DatasetError, match=r"None of the 1 pictures in .*broken\.png"):
        scan_folders([DatasetFolder(path=tmp_path), classes], RULES)


def test_a_picture_whose_name_leaves_no_room_for_a_caption_s_ending_is_read(
    make_picture: PictureMaker,
) -> None:
    picture = make_picture(f"{'h' * 250}.png")
    report = scan(picture.parent, CaptionRules(extension=".caption"))
    assert [image.caption_source for image in report.images] == ["file name"]


def test_the_subfolders_that_hold_the_pictures_are_named(make_picture: PictureMaker) -> None:
    folder = make_picture("10_hat/a.png").parent.parent
    make_picture("empty/deep/b.png")
    with pytest.raises(
        DatasetError, match=r"only in subfolders \(10_hat\); switch on Look into subfolders or Repeats by"
    ):
        scan(folder, RULES)


def test_several_folders_are_told_with_their_shares(make_picture: PictureMaker) -> None:
    first = make_picture("hats/a.png", "red").parent
    make_picture("hats/b.png", "blue")
    second = make_picture("faces/a.png", "green").parent
    report = scan_folders([DatasetFolder(path=first), DatasetFolder(path=second, weight=2.0)], RULES)
    assert [image.name for image in report.images] == ["a.png", "b.png", "faces/a.png"]
    assert report.repeats == (1, 1, 4)
    assert report.summary().startswith(
        f"3 pictures in 2 folders, 6 showings an epoch: 2 in {first} (once each), 1 in {second} (4"
    )


def test_repeats_of_a_single_folder_are_told(make_picture: PictureMaker) -> None:
    folder = make_picture("a.png").parent
    report = scan_folders([DatasetFolder(path=folder, repeats=3)], RULES)
    assert report.summary() == f"1 picture in {folder}, each shown 3 times an epoch."


def test_pictures_of_two_folders_called_alike_are_told_apart(make_picture: PictureMaker) -> None:
    folders = [
        make_picture("a.png", "red").parent,
        make_picture("one/x/a.png", "blue").parent,
        make_picture("two/x/a.png", "green").parent,
    ]
    report = scan_folders([DatasetFolder(path=folder) for folder in folders], RULES)
    assert len({image.name for image in report.images}) == 3
    assert report.images[0].name == "a.png"


def test_a_folder_may_have_caption_files_of_another_ending_and_a_caption_for_all(
    make_picture: PictureMaker,
) -> None:
    first = make_picture("a.png", "red")
    make_picture("b.png", "blue")
    first.with_suffix(".cap").write_text("written", encoding="utf-8")
    folder = DatasetFolder(path=first.parent, caption_extension=".cap", class_tokens="zq hat")
    report = scan_folders([folder], RULES)
    assert [(i.caption, i.caption_source) for i in report.images] == [
        ("written", "a.cap"),
        ("zq hat", "class_tokens"),
    ]


def test_a_folder_may_add_to_each_of_its_captions(make_picture: PictureMaker) -> None:
    first = make_picture("a.png", "red")
    make_picture("b.png", "blue")
    first.with_suffix(".txt").write_text("a hat", encoding="utf-8")
    folder = DatasetFolder(path=first.parent, caption_prefix="anime,", caption_suffix="(best)")
    captions = [image.caption for image in scan_folders([folder], RULES).images]
    assert captions == ["anime, a hat (best)", "anime, b (best)"]
