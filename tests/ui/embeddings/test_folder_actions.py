from pathlib import Path
from typing import Any

import pytest

from traintab.errors import BusyError, EmbeddingFileError, EmbeddingNameError
from traintab.training.lock import embedding_lock
from traintab.ui.embeddings.folder_actions import delete, rename
from traintab.ui.page import Page


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
