from __future__ import annotations

import pytest
import torch

from traintab.conditioning.injection import RowsAndPlaces, injected_vectors
from traintab.models.model import Model
from traintab.models.text_encoder import TextEncoder


@pytest.fixture
def text_encoder(tiny_model: Model) -> TextEncoder:
    return tiny_model.text_encoders[0]


def places(rows: list[int], where: list[int]) -> RowsAndPlaces:
    return RowsAndPlaces(torch.tensor(rows), torch.tensor(where))


def test_the_layer_gives_the_vectors_at_their_places_and_the_table_elsewhere(
    text_encoder: TextEncoder,
) -> None:
    ids = torch.zeros(2, 77, dtype=torch.long)
    vectors = {"mycat": torch.randn(2, 32)}

    with injected_vectors(text_encoder, {"mycat": places([1, 0], [5, 77 + 3])}, vectors):
        output = text_encoder.embedding_layer(ids)

    table_row = text_encoder.embedding_layer.weight[0]
    assert torch.equal(output[0, 5], vectors["mycat"][1])
    assert torch.equal(output[1, 3], vectors["mycat"][0])
    assert torch.equal(output[0, 4], table_row)
    assert torch.equal(output[1, 5], table_row)


def test_afterwards_the_layer_is_as_before(text_encoder: TextEncoder) -> None:
    ids = torch.zeros(1, 77, dtype=torch.long)
    before = text_encoder.embedding_layer(ids)

    with (
        pytest.raises(KeyError),
        injected_vectors(text_encoder, {"mycat": places([0], [1])}, {"mycat": torch.ones(1, 32)}),
    ):
        raise KeyError

    assert torch.equal(text_encoder.embedding_layer(ids), before)


def test_the_gradient_flows_into_the_vectors_and_not_into_the_table(text_encoder: TextEncoder) -> None:
    vectors = torch.randn(2, 32, requires_grad=True)

    with injected_vectors(text_encoder, {"mycat": places([0, 1], [1, 2])}, {"mycat": vectors}):
        text_encoder.forward(torch.zeros(1, 77, dtype=torch.long)).states.square().sum().backward()

    assert vectors.grad is not None
    assert (vectors.grad.abs().sum(dim=1) > 0).all()
    assert text_encoder.embedding_layer.weight.grad is None


def test_a_row_that_stands_twice_gathers_both_gradients(text_encoder: TextEncoder) -> None:
    vectors = torch.zeros(1, 32, requires_grad=True)

    with injected_vectors(text_encoder, {"mycat": places([0, 0], [1, 2])}, {"mycat": vectors}):
        text_encoder.embedding_layer(torch.zeros(1, 77, dtype=torch.long)).sum().backward()

    assert torch.equal(vectors.grad, torch.full((1, 32), 2.0))


def test_several_embeddings_stand_side_by_side(text_encoder: TextEncoder) -> None:
    vectors = {"one": torch.ones(1, 32), "two": torch.full((1, 32), 2.0)}
    where = {"one": places([0], [1]), "two": places([0], [2])}

    with injected_vectors(text_encoder, where, vectors):
        output = text_encoder.embedding_layer(torch.zeros(1, 77, dtype=torch.long))

    assert output[0, 1:3].mean(dim=1).tolist() == [1.0, 2.0]
