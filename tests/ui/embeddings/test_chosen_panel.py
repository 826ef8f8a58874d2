from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.embeddings.formats import read_embedding
from traintab.errors import EmbeddingFileError
from traintab.ui.embeddings.chosen_panel import download, facts, insert_name
from traintab.ui.embeddings.details import NOTHING_CHOSEN
from traintab.ui.embeddings.download import Downloads
from traintab.ui.page import Page


def test_the_facts_come_with_the_preview_and_the_buttons(page: Page, put: Any, folder: Path) -> None:
    put("mira.pt")
    text, picture, actions, files = facts(page, "mira")
    assert 'data-label="mira"' in text and not picture["visible"] and actions["visible"] and files is None
    Image.new("RGB", (64, 64)).save(folder / "mira.preview.png")
    assert facts(page, "mira")[1]["visible"]


def test_without_a_choice_there_is_nothing_to_press(page: Page, folder: Path) -> None:
    text, picture, actions, _ = facts(page, None)
    assert text == NOTHING_CHOSEN and not picture["visible"] and not actions["visible"]


@pytest.mark.parametrize(
    ("field", "words"), [("prompt", "in the prompt"), ("negative_prompt", "in the negative prompt")]
)
def test_a_name_is_inserted_remembered_and_shown(page: Page, put: Any, field: str, words: str) -> None:
    put("mira.pt")
    prompts = {"prompt": "a photo of", "negative_prompt": "a photo of"}
    message, *texts, tabs = insert_name(page, "mira", field, prompts)
    expected = {**prompts, field: "a photo of, mira"}
    assert f"mira {words}" in message and texts == list(expected.values())
    assert tabs["selected"] == "txt2img" and page.remembered.values("txt2img") == {field: expected[field]}


def test_a_pair_goes_into_both_prompts(page: Page, put: Any) -> None:
    put("mira.pt")
    put("mira-neg.pt")
    message, text, negative, _ = insert_name(
        page, "mira", "prompt", {"prompt": "", "negative_prompt": "blurry"}
    )
    assert (text, negative) == ("mira", "blurry, mira-neg") and "mira-neg in the negative prompt" in message
    assert page.remembered.values("txt2img") == {"prompt": text, "negative_prompt": negative}


def test_an_embedding_of_another_model_is_inserted_with_a_warning(page: Page, put: Any) -> None:
    put("wide.pt", width=1024)
    message, text, _, tabs = insert_name(page, "wide", "prompt", {"prompt": "", "negative_prompt": ""})
    assert text == "wide" and "be used now" in message and "selected" not in tabs


def test_a_file_is_made_for_saving(page: Page, put: Any) -> None:
    put("mira.pt", rows=3)
    message, files = download(page, Downloads(), "mira", ".safetensors, for sharing")
    (file,) = files["value"]
    assert "click the file" in message and files["visible"]
    assert Path(file).name == "mira.safetensors" and read_embedding(Path(file)).num_vectors == 3


def test_nothing_is_made_of_an_embedding_that_went_away(page: Page, put: Any) -> None:
    put("mira.pt").unlink()
    with pytest.raises(EmbeddingFileError, match="mira isn't in the embeddings folder"):
        download(page, Downloads(), "mira", ".pt, for A1111")
