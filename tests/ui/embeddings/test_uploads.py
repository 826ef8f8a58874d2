from pathlib import Path
from typing import Any

import pytest

from traintab.training.lock import embedding_lock
from traintab.ui.embeddings.uploads import upload
from traintab.ui.page import Page


def test_an_upload_enters_the_folder_and_is_chosen(
    page: Page, put: Any, folder: Path, tmp_path: Path
) -> None:
    sent = put(tmp_path / "zoe.safetensors", rows=3)
    message, chooser, drop_zone, waiting, button = upload(page, [str(sent)])
    assert "zoe is here" in message and drop_zone is None
    assert chooser["value"] == "zoe" and (folder / "zoe.safetensors").is_file()
    assert waiting == [] and not button["visible"]


def test_a_bad_file_stays_outside_and_does_not_stop_the_others(
    page: Page, put: Any, folder: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "page.pt"
    bad.write_bytes(b"<html>")
    message, _, _, waiting, _ = upload(page, [str(bad), str(put(tmp_path / "zoe.pt"))])
    assert "zoe is here" in message and "traintab-failed" in message and "page.pt" in message
    assert [path.name for path in folder.iterdir()] == ["zoe.pt"] and waiting == []


def test_an_upload_of_a_taken_name_waits_until_replace_is_pressed(
    page: Page, put: Any, tmp_path: Path
) -> None:
    before = put("zoe.pt").read_bytes()
    sent = put(tmp_path / "zoe.pt", rows=2)
    message, chooser, _, waiting, button = upload(page, [str(sent)])
    assert "taken" in message and "value" not in chooser and waiting == [str(sent)]
    assert button["visible"] and button["value"] == "Replace zoe: the old one goes to the trash"
    assert page.studio.library.path_of("zoe").read_bytes() == before

    message, chooser, _, waiting, button = upload(page, waiting, replace=True)
    assert "zoe is here" in message and chooser["value"] == "zoe" and not waiting and not button["visible"]
    assert page.studio.library.find("zoe").num_vectors == 2
    (kept,) = page.studio.paths.trash_dir.rglob("zoe.pt")
    assert kept.read_bytes() == before


def test_several_taken_names_wait_together(page: Page, put: Any, tmp_path: Path) -> None:
    files = [str(put(tmp_path / name)) for name in ("mira.pt", "zoe.pt")]
    upload(page, files)
    *_, waiting, button = upload(page, files)
    assert waiting == files and button["value"].startswith("Replace 2 embeddings: the old ones go")


def test_an_embedding_in_training_is_not_replaced(page: Page, put: Any, tmp_path: Path) -> None:
    before = put("zoe.pt").read_bytes()
    sent = str(put(tmp_path / "zoe.pt", rows=2))
    with embedding_lock("zoe", page.studio.paths):
        message, *_ = upload(page, [sent], replace=True)
    assert "being trained" in message and page.studio.library.path_of("zoe").read_bytes() == before


@pytest.mark.parametrize(("name", "words"), [("cat", "already knows the word"), ("emb1", "emb12")])
def test_a_name_with_a_catch_comes_with_a_warning(
    page: Page, put: Any, tmp_path: Path, name: str, words: str
) -> None:
    put("emb12.pt")
    message, *_ = upload(page, [str(put(tmp_path / f"{name}.pt"))])
    assert f"{name} is here" in message and words in message
