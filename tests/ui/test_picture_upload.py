"""*Add pictures from this device*: what was sent becomes the source of preprocessing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from traintab.ui.app import Access, guard_rules
from traintab.ui.outside_paths import OutsidePaths
from traintab.ui.page import Page
from traintab.ui.picture_upload import add_pictures


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    folder = tmp_path / "sent"
    folder.mkdir()
    Image.new("RGB", (32, 32), "red").save(folder / "a.png")
    (folder / "a.txt").write_text("a red field")
    (folder / "<b>.png").write_text("<html>")
    return folder


def test_the_folder_becomes_the_source_and_a_destination_is_proposed(page: Page, sent: Path) -> None:
    files = [SimpleNamespace(name=str(sent / "a.png")), str(sent / "a.txt"), str(sent / "<b>.png")]
    message, source, destination = add_pictures(page, files, "", "")
    assert "Pictures added: 1; captions: 1." in message
    assert "&lt;b&gt;.png is not a picture" in message and "<b>" not in message
    assert Path(source).parent == page.studio.paths.pictures_dir
    assert sorted(path.name for path in Path(source).iterdir()) == ["a.png", "a.txt"]
    assert destination == f"{source}-prepared"
    assert page.remembered.values("preprocess") == {"source": source, "destination": destination}


def test_the_next_files_are_added_while_the_field_shows_the_folder(page: Page, sent: Path) -> None:
    file = str(sent / "a.png")
    _, first, chosen = add_pictures(page, [file], "", "")
    _, again, _ = add_pictures(page, [file], f" {first} ", chosen)
    assert again == first and len(list(Path(first).iterdir())) == 2
    _, other, new = add_pictures(page, [file], str(sent), chosen)
    assert other != first and Path(other).parent == page.studio.paths.pictures_dir
    assert new == f"{other}-prepared", "not mixed with the pictures of the first folder"


def test_fields_stay_as_they_are_when_nothing_was_taken(page: Page, sent: Path) -> None:
    message, source, destination = add_pictures(page, [str(sent / "<b>.png")], "mine", "ready")
    assert "traintab-failed" in message and "added" not in message
    assert not any("value" in one for one in (source, destination) if isinstance(one, dict))
    assert page.remembered.values("preprocess") == {}
    assert add_pictures(page, None, "", "")[0] == ""


def test_visitors_of_a_public_page_may_name_both_folders(page: Page, sent: Path) -> None:
    _, source, destination = add_pictures(page, [str(sent / "a.png")], "", "")
    rules = guard_rules("0.0.0.0", Access(auth=("ann", "secret")), page.studio.paths)
    outside = OutsidePaths(rules.inside, rules.uploads)
    assert outside.first_in({"data": [source, destination]}) == ""
    assert outside.first_in({"data": ["/usr/share"]}) == "/usr/share"
