"""What a finished preprocessing offers: the skipped files, and its folder for *Train*."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.errors import NothingToDoError
from traintab.jobs import JobSnapshot, JobStatus
from traintab.ui.page import Page
from traintab.ui.preprocess_result import can_use_result, edit_captions, skipped_html, use_in_train

FINISHED = JobSnapshot(
    kind="preprocess",
    title="Preprocessing of photos",
    status=JobStatus.FINISHED,
    counts=(("pictures written", 2), ("files unchanged", 0), ("files skipped", 1)),
    skipped=(("torn.png", "It ends <early>."),),
    result_folder="ready",
    result_size=(512, 640),
)


def with_pictures(folder: Path, *sizes: tuple[int, int]) -> JobSnapshot:
    for number, size in enumerate(sizes):
        Image.new("RGB", size).save(folder / f"{number}.png")
    return replace(FINISHED, result_folder=str(folder))


def fields_of(page: Page, updates: tuple[Any, ...]) -> dict[str, Any]:
    return {
        name: update["value"]
        for name, update in zip(page.train.names, updates, strict=True)
        if "value" in update
    }


@pytest.mark.parametrize(
    ("changes", "can"),
    [
        ({}, True),
        ({"status": JobStatus.INTERRUPTED}, True),
        ({"status": JobStatus.RUNNING}, False),
        ({"kind": "train"}, False),
        ({"counts": (("pictures written", 0), ("files unchanged", 3), ("files skipped", 0))}, True),
        ({"counts": (("pictures written", 0), ("files unchanged", 0), ("files skipped", 3))}, False),
        ({"result_folder": ""}, False),
    ],
)
def test_a_folder_can_be_used_when_pictures_lie_in_it(changes: dict[str, Any], can: bool) -> None:
    assert can_use_result(replace(FINISHED, **changes)) is can


def test_the_folder_and_its_size_go_to_the_train_panel(page: Page, studio: Any, tmp_path: Path) -> None:
    studio.job = with_pictures(tmp_path, (512, 640), (512, 640))
    message, tabs, *updates = use_in_train(page)
    assert fields_of(page, tuple(updates)) == {"data_dir": str(tmp_path), "width": "512", "height": "640"}
    assert tabs["selected"] == "train" and "512 × 640" in message
    assert page.remembered.values("train")["data_dir"] == str(tmp_path)


def test_pictures_of_several_sizes_are_trained_in_buckets(page: Page, studio: Any, tmp_path: Path) -> None:
    studio.job = with_pictures(tmp_path, (512, 640), (640, 448))
    (tmp_path / "0.png").write_bytes(b"broken")
    message, _, *updates = use_in_train(page)
    assert fields_of(page, tuple(updates))["resize_mode"] == "buckets"
    assert "differ in size" in message


def test_one_other_size_among_many_pictures_is_seen(page: Page, studio: Any, tmp_path: Path) -> None:
    studio.job = with_pictures(tmp_path, (640, 448), *[(512, 640)] * 70)
    _, _, *updates = use_in_train(page)
    assert fields_of(page, tuple(updates))["resize_mode"] == "buckets"


def test_masks_and_subfolders_are_no_pictures_of_another_size(
    page: Page, studio: Any, tmp_path: Path
) -> None:
    (tmp_path / "debug").mkdir()
    studio.job = with_pictures(tmp_path, (512, 640))
    Image.new("L", (64, 64)).save(tmp_path / "0-masklabel.png")
    Image.new("L", (64, 64)).save(tmp_path / "debug" / "0.png")
    _, _, *updates = use_in_train(page)
    assert "resize_mode" not in fields_of(page, tuple(updates))


def test_a_folder_that_is_gone_is_named_and_not_looked_into(page: Page, studio: Any, tmp_path: Path) -> None:
    studio.job = replace(FINISHED, result_folder=str(tmp_path / "gone"))
    _, _, *updates = use_in_train(page)
    assert fields_of(page, tuple(updates))["data_dir"] == str(tmp_path / "gone")


def test_captions_are_edited_in_the_folder_of_the_pictures(page: Page, studio: Any) -> None:
    studio.job = FINISHED
    _, tabs, inner, folder = edit_captions(page)
    assert (tabs["selected"], inner["selected"], folder) == ("preprocess", "captions", "ready")


def test_without_pictures_there_is_nothing_to_use(page: Page, studio: Any) -> None:
    studio.job = JobSnapshot()
    with pytest.raises(NothingToDoError, match="press Preprocess first"):
        use_in_train(page)
    with pytest.raises(NothingToDoError, match="press Preprocess first"):
        edit_captions(page)


def test_every_skipped_file_is_listed_with_its_reason() -> None:
    shown = skipped_html(FINISHED)
    assert "1 file was skipped" in shown and "torn.png" in shown and "It ends &lt;early&gt;." in shown
    assert skipped_html(replace(FINISHED, skipped=())) == "" == skipped_html(replace(FINISHED, kind="train"))


def test_of_very_many_skipped_files_the_others_are_counted() -> None:
    shown = skipped_html(replace(FINISHED, counts=(("files skipped", 1500),)))
    assert "1,500 files were skipped" in shown and "And 1,499 more" in shown
