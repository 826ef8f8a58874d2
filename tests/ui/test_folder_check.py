"""*Check folder* on the page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import PreprocessConfig, all_options
from traintab.errors import BusyError, ConfigError
from traintab.folder_checking import FolderCheckSnapshot
from traintab.preprocessing.folder_check import FolderCheck
from traintab.ui.folder_check import check, view
from traintab.ui.folder_check_html import folder_check_html, shapes_svg
from traintab.ui.page import Page


def values(**own: Any) -> dict[str, Any]:
    return {**{name: declared.default for name, declared in all_options(PreprocessConfig).items()}, **own}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b <i>"):
        Image.linear_gradient("L").save(folder / f"{name}.png")
    (folder / "torn.png").write_bytes(b"no picture")
    return folder


def test_the_result_is_shown_once_and_stays_for_a_refreshed_page(
    page: Page, studio: Any, source: Path
) -> None:
    look = view(studio.folder_checks)
    assert look(-1)[1] == ""
    check(page, values(source=str(source), flip="horizontal"))
    revision = studio.folder_checks.wait(30).revision
    seen, shown, start, stop = look(0)
    assert seen == revision
    assert start["interactive"] and not stop["visible"]
    assert "1 picture is there twice" in shown and "b &lt;i&gt;.png" in shown and "b <i>" not in shown
    assert "1 file can&#x27;t be read" in shown
    assert "00000-1-a.png" in shown and "128 × 128" in shown
    assert shown.count("data:image/jpeg") >= 6
    assert look(seen)[0] != seen and look(-1)[1] == shown
    assert not list(source.glob("**/preprocessed"))


def test_a_check_that_cant_be_made_is_said(page: Page, studio: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Source directory is empty"):
        check(page, values(source=""))
    check(page, values(source=str(tmp_path / "nowhere")))
    assert "is not a folder" in folder_check_html(studio.folder_checks.wait(30))


def test_only_one_check_runs_and_it_can_be_stopped(
    page: Page, studio: Any, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traintab.preprocessing.folder_check import scan

    look_at = scan.look_at

    def slowly(*arguments: Any) -> Any:
        time.sleep(0.3)
        return look_at(*arguments)

    monkeypatch.setattr(scan, "look_at", slowly)
    check(page, values(source=str(source), workers=1))
    assert 'role="status"' in folder_check_html(studio.folder_checks.snapshot())
    with pytest.raises(BusyError, match="being checked"):
        check(page, values(source=str(source)))
    studio.folder_checks.interrupt()
    snapshot = studio.folder_checks.wait(30)
    assert snapshot.check.not_looked_at == 2 and "2 files were not looked at" in folder_check_html(snapshot)


def test_progress_and_errors_are_told() -> None:
    running = FolderCheckSnapshot(is_active=True, done=5, total=20, message="Looking.")
    assert "5 of 20 files" in folder_check_html(running) and "width: 25%" in folder_check_html(running)
    assert "&lt;b&gt;" in folder_check_html(FolderCheckSnapshot(error="<b>"))


def test_of_pictures_that_were_not_looked_at_nothing_is_promised() -> None:
    def told(left: int) -> str:
        check = FolderCheck(
            folder=Path("in"),
            size=(64, 64),
            total=1 + left,
            sizes=((64, 64),),
            shapes={"1:1": 1},
            captions=1,
            findings=(),
            advice=(),
            not_looked_at=left,
        )
        return folder_check_html(FolderCheckSnapshot(check=check))

    assert "Nothing is wrong with these pictures." in told(0)
    assert "Nothing is wrong with those that were looked at." in told(2)


def test_the_highest_bar_belongs_to_the_most_frequent_shape() -> None:
    drawn = shapes_svg({"2:3": 4, "1:1": 2, "3:2": 0})
    assert "4 near 2:3, 2 near 1:1" in drawn and drawn.count("<rect") == 3
    assert 'height="64.0"' in drawn and 'height="32.0"' in drawn and 'height="0.0"' in drawn
