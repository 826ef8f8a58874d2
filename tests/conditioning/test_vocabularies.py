from __future__ import annotations

import pytest

from traintab.conditioning.vocabularies import knows_word, vocabularies_of
from traintab.models.model import Model


def test_a_models_own_vector_is_nearest_to_its_own_word(tiny_model: Model) -> None:
    vector = tiny_model.text_encoders[0].token_vectors("girl")
    vocabulary = vocabularies_of(tiny_model)["clip_l"]
    (near,) = vocabulary.nearest(vector, 1)
    assert near[0].token == "girl"
    assert near[0].cosine == pytest.approx(1.0, abs=1e-3)
    assert vocabulary.width == 32


def test_the_beginning_of_a_word_is_spelled_with_dots(tiny_model: Model) -> None:
    encoder = tiny_model.text_encoders[0]
    vectors = encoder.token_vectors("qx")
    spelled = [near[0].token for near in vocabularies_of(tiny_model)["clip_l"].nearest(vectors, 1)]
    assert spelled == ["q…", "x"]


def test_no_token_is_spelled_as_nothing(tiny_model: Model) -> None:
    weight = tiny_model.text_encoders[0].embedding_layer.weight
    near = vocabularies_of(tiny_model)["clip_l"].nearest(weight[:1], len(weight))[0]
    assert len(near) == len(weight)
    assert all(token.token.isprintable() and token.token.strip() for token in near)


def test_only_a_word_of_one_token_is_known(tiny_model: Model) -> None:
    assert knows_word(tiny_model, "girl")
    assert knows_word(tiny_model, "GIRL")
    assert not knows_word(tiny_model, "qx7")
    assert not knows_word(tiny_model, "girl girl")
    assert not knows_word(tiny_model, "")
