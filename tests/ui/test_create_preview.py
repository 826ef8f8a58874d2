"""What the text becomes, below the fields of *Create embedding*."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from traintab.configs import CreateConfig, all_options
from traintab.model_slot import ModelState, ModelStatus
from traintab.ui.create_preview import create_preview_html
from traintab.ui.page import Page
from traintab.ui.tokenizer_at_hand import TokenizerAtHand


@pytest.fixture
def shown(page: Page, studio: Any, tiny_families: Any) -> Any:
    """The sentences for some values of the fields, all others being at their defaults."""
    studio.model_status = ModelStatus(spec="sd1", state=ModelState.READY)
    studio.model = replace(tiny_families.model("sd1"))
    plain = {name: declared.default for name, declared in all_options(CreateConfig).items()}

    def look(**values: Any) -> str:
        page_html = create_preview_html(page, TokenizerAtHand(studio), {**plain, **values})
        return html.unescape(re.sub("<[^>]+>", "\n", page_html)).strip()

    return look


def test_tokens_rows_and_places_left_are_told(shown: Any) -> None:
    told = shown(initialization_text="a photo of girl", num_vectors=3)
    assert told.startswith("4 tokens → 3 vectors: the rows start from “a”, “photo”, “of”.")
    assert "72 of a prompt's 75 places are left for other words." in told
    assert "Not used: “girl”. To keep all of the text take 4 vectors" in told


def test_one_of_each_is_told_as_one(shown: Any) -> None:
    assert shown(initialization_text="girl").startswith("1 token → 1 vector: it starts from “girl”.")


def test_rows_that_begin_alike_are_told(shown: Any) -> None:
    told = shown(initialization_text="girl", num_vectors=2)
    assert "the rows start from “girl”, “girl”." in told and "some rows begin alike" in told


def test_zeros_means_and_other_embeddings_have_their_own_words(shown: Any, studio: Any) -> None:
    assert "all start from zeros. 74 of" in shown(initialization_text="")
    mean = shown(initialization_text="girl, photo", initialization_method="mean", num_vectors=2)
    assert mean.startswith("1 token → 2 vectors: each starts from the mean of “girl”, “photo”.")
    studio.embeddings = lambda widths=None: {"mira": SimpleNamespace(num_vectors=5)}
    copied = {"initialization_method": "embedding", "num_vectors": 2}
    assert shown(initialization_embedding="mira", **copied) == "5 vectors of mira → 2 vectors."
    assert shown(initialization_embedding="gone", **copied) == ""


def test_of_a_long_text_not_every_row_is_spelled_out(shown: Any) -> None:
    assert "“a”, “a” and 18 more." in shown(initialization_text="a " * 30, num_vectors=30)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "mira"}, "There is an embedding called mira already"),
        ({"name": "Mira"}, "There is an embedding called Mira already"),
        ({"name": "mirabelle"}, "begin alike"),
        ({"name": "girl"}, "already knows the word 'girl'"),
        ({"name": "a:b"}, "holds ':' at character 2"),
    ],
)
def test_a_name_with_a_catch_is_told_while_one_types(shown: Any, values: dict[str, str], words: str) -> None:
    assert words in shown(**values)


def test_a_free_name_an_empty_one_and_one_to_overwrite_are_fine(shown: Any) -> None:
    plain = shown()
    assert shown(name="zoe-9") == shown(name="  ") == shown(name="mira", overwrite=True) == plain


def test_texts_are_no_html(page: Page, studio: Any) -> None:
    values = {"name": "<b>", "initialization_text": "<i>"}
    found = create_preview_html(page, TokenizerAtHand(studio), values)
    assert "<b>" not in found and "&lt;b&gt;" in found


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"num_vectors": 80}, "Number of vectors per token is 80"),
        ({"num_vectors": None}, "Number of vectors per token is"),
        ({"initialization_method": "embedding"}, "Initialization embedding is empty"),
    ],
)
def test_what_can_not_be_created_is_told_in_its_place(shown: Any, values: Any, words: str) -> None:
    assert words in shown(**values) and "→" not in shown(**values)


def test_before_the_model_is_loaded_its_tokenizer_is_read_once(
    studio: Any, tiny_model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.model_status = ModelStatus(spec=str(tiny_model_dir), state=ModelState.LOADING)
    tokenizer = TokenizerAtHand(studio)
    first = tokenizer.get()
    assert first is not None and len(first.tokenize("a photo")) == 2
    monkeypatch.setattr("traintab.models.tokenizers.load_tokenizers", None)
    assert tokenizer.get() is first
    monkeypatch.undo()
    for spec in ("owner/on-the-hub", "no such model"):
        studio.model_status = ModelStatus(spec=spec, state=ModelState.LOADING)
        assert tokenizer.get() is None
