"""Vectors that start from the text encoder's outputs."""

from __future__ import annotations

import torch
from torch.nn import functional

from traintab.configs import CreateConfig
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.create import create_embedding
from traintab.training.cross_initialization import cross_token_vectors


def test_each_points_where_the_text_encoder_s_state_does(model: Model) -> None:
    encoder = model.text_encoders[0]
    ids = [encoder.bos_id, *encoder.tokenize("red cat"), encoder.eos_id]
    ids += [encoder.pad_id] * (encoder.max_tokens - len(ids))
    with torch.no_grad():
        states = encoder.module(input_ids=torch.tensor([ids])).last_hidden_state[0, 1:3]
    vectors = cross_token_vectors(encoder, "red cat")
    torch.testing.assert_close(functional.cosine_similarity(vectors, states), torch.ones(2))


def test_each_is_as_long_as_its_token_s_vector(model: Model) -> None:
    encoder = model.text_encoders[0]
    own = encoder.token_vectors("red cat")
    vectors = cross_token_vectors(encoder, "red cat")
    torch.testing.assert_close(vectors.norm(dim=1), own.norm(dim=1))
    assert not torch.allclose(vectors, own)


def test_a_text_longer_than_a_chunk_is_cut(model: Model) -> None:
    encoder = model.text_encoders[0]
    assert len(cross_token_vectors(encoder, "cat " * 200)) == encoder.max_content_tokens


def test_no_words_give_no_vectors(model: Model) -> None:
    assert cross_token_vectors(model.text_encoders[0], "").shape == (0, 32)


def test_an_embedding_is_created_from_them(model: Model, paths: Paths) -> None:
    config = CreateConfig(name="new", initialization_text="cat", num_vectors=2, cross_initialization=True)
    vectors = create_embedding(config, model=model, paths=paths).vectors["clip_l"]
    cat = cross_token_vectors(model.text_encoders[0], "cat")
    assert torch.equal(vectors, cat.expand(2, -1))
