from pathlib import Path
from typing import Any

import pytest

from traintab.errors import BusyError, EmbeddingFileError
from traintab.training.lock import embedding_lock
from traintab.ui.embeddings.folder_actions import delete_refused
from traintab.ui.embeddings.listing import listing
from traintab.ui.embeddings.refused_panel import refused_html, refused_updates
from traintab.ui.page import Page


@pytest.fixture
def broken(folder: Path) -> list[str]:
    """Where two files without an embedding lie below the folder."""
    places = ["broken.pt", "old/broken.pt"]
    for place in places:
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_bytes(b"no embedding")
    return places


def test_a_refused_file_can_not_write_into_the_page(studio: Any, folder: Path) -> None:
    (folder / "<img src=x onerror=alert(1)>.pt").write_bytes(b"no embedding")
    text = refused_html(listing(studio))
    assert "<img" not in text and "&lt;img src=x" in text


def test_every_refused_file_is_told_and_offered(studio: Any, broken: list[str]) -> None:
    text, chooser, frame = refused_updates(listing(studio))
    assert all(place in text for place in broken) and chooser["choices"] == broken
    assert frame["visible"] and frame["label"] == "2 files can't be used"


def test_without_refused_files_there_is_nothing_to_see(studio: Any, put: Any) -> None:
    put("mira.pt")
    text, chooser, frame = refused_updates(listing(studio))
    assert text == "" and chooser["choices"] == [] and not frame["visible"]


def test_a_refused_file_goes_to_the_trash(page: Page, folder: Path, broken: list[str]) -> None:
    message, chooser = delete_refused(page, ["old/broken.pt"])
    (kept,) = page.studio.paths.trash_dir.rglob("broken.pt")
    assert str(kept.parent) in message and chooser["value"] == []
    assert (folder / "broken.pt").is_file() and not (folder / "old/broken.pt").exists()


def test_several_refused_files_go_at_once(page: Page, broken: list[str]) -> None:
    message, _ = delete_refused(page, broken)
    assert "2 files are in the trash" in message and listing(page.studio).refused == ()
    assert len(list(page.studio.paths.trash_dir.rglob("broken.pt"))) == 2


def test_a_file_that_was_mended_meanwhile_is_not_deleted(page: Page, put: Any, broken: list[str]) -> None:
    mended = put("broken.pt")
    with pytest.raises(EmbeddingFileError, match=r"broken\.pt isn't among the refused files"):
        delete_refused(page, ["broken.pt"])
    assert mended.is_file()


def test_a_broken_file_of_an_embedding_in_training_is_left_alone(page: Page, broken: list[str]) -> None:
    with embedding_lock("broken", page.studio.paths), pytest.raises(BusyError, match="being trained"):
        delete_refused(page, broken)


def test_without_a_choice_nothing_is_deleted(page: Page, broken: list[str]) -> None:
    with pytest.raises(EmbeddingFileError, match="No file is chosen"):
        delete_refused(page, [])
