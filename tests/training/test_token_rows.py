"""What an initialization text becomes."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.configs import CreateConfig
from traintab.embeddings.initial_vectors import initial_vectors
from traintab.models.discovery import resolve
from traintab.models.model import Model
from traintab.models.tokenizers import load_tokenizers
from traintab.paths import Paths
from traintab.training.starting_vectors import starting_vectors
from traintab.training.token_rows import TokenRows, token_rows


def rows_of(model: Model, text: str, num_vectors: int = 1, **more: object) -> TokenRows:
    config = CreateConfig(name="zq", initialization_text=text, num_vectors=num_vectors, **more)  # type: ignore[arg-type]
    found = token_rows(config, model.text_encoders[0])
    assert found is not None
    return found


def test_fewer_rows_than_tokens_pass_over_some(model: Model) -> None:
    found = rows_of(model, "a photo of girl", 2)
    assert found.tokens == ("a", "photo", "of", "girl")
    assert found.rows == (0, 2)
    assert found.unused == ("photo", "girl")
    assert not found.repeats


def test_more_rows_than_tokens_repeat_them_and_take_places(model: Model) -> None:
    found = rows_of(model, "a girl", 4)
    assert found.rows == (0, 0, 1, 1)
    assert found.repeats and found.unused == ()
    assert (found.places, found.places_left) == (75, 71)


def test_the_beginning_of_a_word_is_told_from_a_whole_one(model: Model) -> None:
    tokens = rows_of(model, "girlz").tokens
    assert len(tokens) > 1
    assert all(token.endswith("…") for token in tokens[:-1]) and not tokens[-1].endswith("…")


def test_zeros_and_an_empty_text_start_from_no_token(model: Model) -> None:
    assert rows_of(model, "girl", 2, initialization_method="zeros").rows == (None, None)
    assert rows_of(model, "  ", 1).rows == (None,)


def test_of_the_mean_of_words_each_row_is_all_of_them(model: Model) -> None:
    found = rows_of(model, "girl, photo", 2, initialization_method="mean")
    assert found.words == ("girl", "photo")
    assert found.rows == (None, None) and found.unused == ()


def test_another_embedding_s_vectors_are_no_tokens(model: Model) -> None:
    config = CreateConfig(name="zq", initialization_method="embedding", initialization_embedding="mira")
    assert token_rows(config, model.text_encoders[0]) is None


@pytest.mark.option("auto_vectors")
def test_as_many_rows_as_the_text_has_tokens(model: Model) -> None:
    assert len(rows_of(model, "a photo of girl", 1, auto_vectors=True).rows) == 4
    assert len(rows_of(model, "girl " * 90, 1, auto_vectors=True).rows) == 75


@settings(max_examples=40)
@given(text=st.text(max_size=30), num_vectors=st.integers(1, 75), auto=st.booleans())
def test_what_is_told_is_what_would_be_made(model: Model, text: str, num_vectors: int, auto: bool) -> None:
    found = rows_of(model, text, num_vectors, auto_vectors=auto)
    config = CreateConfig(name="zq", initialization_text=text, num_vectors=num_vectors, auto_vectors=auto)
    made = starting_vectors(config, model, Paths.under())["clip_l"]
    own = model.text_encoders[0].token_vectors(text)
    assert len(found.rows) == len(made) and len(found.tokens) == len(own)
    expected = [torch.zeros(made.shape[1]) if row is None else own[row] for row in found.rows]
    assert torch.equal(torch.stack(expected), made)
    assert torch.equal(initial_vectors(own, len(found.rows)), made)


def test_the_tokenizer_alone_tells_the_same(model: Model, tiny_model_dir: object) -> None:
    checkpoint = resolve(str(tiny_model_dir), Paths.under())
    config = CreateConfig(name="zq", initialization_text="a photo of girlz", num_vectors=3)
    assert token_rows(config, load_tokenizers(checkpoint)[0]) == token_rows(config, model.text_encoders[0])
