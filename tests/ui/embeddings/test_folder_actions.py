from pathlib import Path
from typing import Any

import pytest

from traintab.errors import BusyError, EmbeddingFileError, EmbeddingNameError
from traintab.training.lock import embedding_lock
from traintab.ui.embeddings.folder_actions import delete, rename, upload
from traintab.ui.page import Page


def test_an_upload_enters_the_folder_and_is_chosen(
    page: Page, put: Any, folder: Path, tmp_path: Path
) -> None:
    sent = put(tmp_path / "zoe.safetensors", rows=3)
    message, chooser, drop_zone = upload(page, [str(sent)])
    assert "zoe is here" in message and drop_zone is None
    assert chooser["value"] == "zoe" and (folder / "zoe.safetensors").is_file()


def test_a_bad_file_stays_outside_and_does_not_stop_the_others(
    page: Page, put: Any, folder: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "page.pt"
    bad.write_bytes(b"<html>")
    message, _, _ = upload(page, [str(bad), str(put(tmp_path / "zoe.pt"))])
    assert "zoe is here" in message and "traintab-failed" in message and "page.pt" in message
    assert [path.name for path in folder.iterdir()] == ["zoe.pt"]


def test_an_upload_never_replaces_an_embedding(page: Page, put: Any, tmp_path: Path) -> None:
    before = put("zoe.pt").read_bytes()
    message, chooser, _ = upload(page, [str(put(tmp_path / "zoe.pt", rows=2))])
    assert "taken" in message and "value" not in chooser
    assert page.studio.library.find("zoe").num_vectors == 1
    assert page.studio.library.path_of("zoe").read_bytes() == before


def test_a_renamed_embedding_stays_chosen_under_its_new_name(page: Page, put: Any, folder: Path) -> None:
    put("mira.pt")
    message, chooser, field = rename(page, "mira", "mira-doll")
    assert "mira is called mira-doll now" in message and chooser["value"] == "mira-doll" and field == ""
    assert (folder / "mira-doll.pt").is_file() and not (folder / "mira.pt").exists()


def test_a_name_that_begins_another_is_given_with_a_warning(page: Page, put: Any) -> None:
    put("mira.pt")
    put("emb12.pt")
    message, *_ = rename(page, "mira", "emb1")
    assert "emb1 now" in message and "emb12" in message


def test_a_name_that_can_not_be_typed_is_refused(page: Page, put: Any, folder: Path) -> None:
    path = put("mira.pt")
    with pytest.raises(EmbeddingNameError):
        rename(page, "mira", "../mira")
    assert path.is_file()


def test_what_is_deleted_lies_in_the_trash(page: Page, put: Any) -> None:
    path = put("mira.pt")
    data = path.read_bytes()
    message, chooser = delete(page, "mira")
    (kept,) = page.studio.paths.trash_dir.rglob("mira.pt")
    assert kept.read_bytes() == data and str(kept.parent) in message
    assert chooser == {**chooser, "choices": [], "value": None} and not path.exists()


@pytest.mark.parametrize("action", [delete, lambda page, label: rename(page, label, "other")])
def test_an_embedding_in_training_is_left_alone(page: Page, put: Any, action: Any) -> None:
    path = put("mira.pt")
    with embedding_lock("mira", page.studio.paths), pytest.raises(BusyError, match="being trained"):
        action(page, "mira")
    assert path.is_file()


def test_without_a_choice_nothing_happens(page: Page, folder: Path) -> None:
    for action in (lambda: delete(page, None), lambda: rename(page, "", "x")):
        with pytest.raises(EmbeddingFileError, match="No embedding is chosen"):
            action()
