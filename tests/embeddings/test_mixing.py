from __future__ import annotations

import math

import pytest
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.mixing import drop_vectors, keep_vectors, mix_embeddings, rescale_vectors
from traintab.errors import EmbeddingFileError


def embedding(name: str, *rows: float, width: int = 8, model: str | None = "tiny") -> Embedding:
    """Each row filled with one number."""
    vectors = torch.tensor(rows).unsqueeze(1).expand(-1, width).clone()
    return Embedding(name=name, vectors={"clip_l": vectors}, step=500, sd_checkpoint_name=model)


def rows_of(made: Embedding, encoder: str = "clip_l") -> list[float]:
    return made.vectors[encoder][:, 0].tolist()


A, B = embedding("a", 1.0, 2.0), embedding("b", 3.0, 6.0)


def test_a_mix_is_the_weighted_average_of_each_row() -> None:
    mixed = mix_embeddings([(A, 0.75), (B, 0.25)], name="c")
    assert rows_of(mixed) == [1.5, 3.0]
    assert (mixed.name, mixed.vectors["clip_l"].dtype) == ("c", torch.float32)


@pytest.mark.parametrize("factor", [1.0, 2.0, 100.0])
def test_only_the_ratio_of_the_weights_counts(factor: float) -> None:
    assert rows_of(mix_embeddings([(A, factor), (B, factor)], name="c")) == pytest.approx([2.0, 4.0])


def test_a_negative_weight_leads_away() -> None:
    assert rows_of(mix_embeddings([(A, 1.5), (B, -0.5)], name="c")) == [0.0, 0.0]


def test_the_shorter_one_is_filled_up_with_zeros() -> None:
    mixed = mix_embeddings([(embedding("short", 4.0), 0.5), (B, 0.5)], name="c")
    assert rows_of(mixed) == [3.5, 3.0]


def test_a_strict_mix_refuses_the_shorter_one_by_name() -> None:
    with pytest.raises(EmbeddingFileError, match="short has 1 vectors and the longest has 2"):
        mix_embeddings([(embedding("short", 4.0), 0.5), (B, 0.5)], name="c", strict=True)
    assert mix_embeddings([(A, 0.5), (B, 0.5)], name="c", strict=True).num_vectors == 2


def test_each_encoder_is_mixed_with_its_own() -> None:
    def pair(value: float) -> Embedding:
        tensors = {"clip_l": torch.full((1, 8), value), "clip_g": torch.full((1, 16), -value)}
        return Embedding(name="xl", vectors=tensors)

    mixed = mix_embeddings([(pair(1.0), 0.5), (pair(3.0), 0.5)], name="c")
    assert (rows_of(mixed), rows_of(mixed, "clip_g")) == ([2.0], [-2.0])
    assert mixed.widths == {"clip_l": 8, "clip_g": 16}


def test_different_widths_are_refused_with_both_names() -> None:
    with pytest.raises(EmbeddingFileError) as caught:
        mix_embeddings([(A, 0.5), (embedding("wide", 1.0, width=16), 0.5)], name="c")
    assert "Mixing a with wide: a has vectors of width 8 (clip_l)" in str(caught.value)
    assert "width 16" in str(caught.value)


@pytest.mark.parametrize("weights", [(0.0, 0.0), (1.0, -1.0), (-1.0, 0.5), (math.nan, 1.0), (math.inf, 1.0)])
def test_weights_without_a_positive_sum_are_refused(weights: tuple[float, float]) -> None:
    with pytest.raises(EmbeddingFileError, match="the weights add up to"):
        mix_embeddings([(A, weights[0]), (B, weights[1])], name="c")


def test_one_embedding_is_no_mix() -> None:
    with pytest.raises(EmbeddingFileError, match="at least two"):
        mix_embeddings([(A, 1.0)], name="c")


def test_a_mix_is_untrained_and_names_the_model_its_parts_agree_on() -> None:
    assert mix_embeddings([(A, 1), (B, 1)], name="c").step == 0
    assert mix_embeddings([(A, 1), (B, 1)], name="c").sd_checkpoint_name == "tiny"
    other = embedding("o", 1.0, 1.0, model="large")
    assert mix_embeddings([(A, 1), (other, 1)], name="c").sd_checkpoint_name is None


def test_mixing_changes_none_of_its_parts() -> None:
    before = A.vectors["clip_l"].clone()
    mix_embeddings([(A, 1), (B, 1)], name="c").vectors["clip_l"].zero_()
    assert torch.equal(A.vectors["clip_l"], before)


def test_vectors_are_kept_by_number_in_their_old_order() -> None:
    four = embedding("four", 1.0, 2.0, 3.0, 4.0)
    assert rows_of(keep_vectors(four, [4, 2, 2])) == [2.0, 4.0]
    assert rows_of(drop_vectors(four, [1])) == [2.0, 3.0, 4.0]
    assert keep_vectors(four, [1]).step == 500


@pytest.mark.parametrize("number", [0, -1, 3])
def test_a_vector_that_is_not_there_is_named(number: int) -> None:
    for operation in (keep_vectors, drop_vectors):
        with pytest.raises(EmbeddingFileError, match=f"no vector {number}: it has 2"):
            operation(A, [number])


def test_one_vector_at_least_is_left() -> None:
    with pytest.raises(EmbeddingFileError, match="No vector of a would be left"):
        drop_vectors(A, [1, 2])
    with pytest.raises(EmbeddingFileError, match="No vector of a would be left"):
        keep_vectors(A, [])


def test_kept_vectors_share_no_memory_with_the_old_ones() -> None:
    keep_vectors(A, [1]).vectors["clip_l"].zero_()
    assert rows_of(A) == [1.0, 2.0]


def test_rescaled_vectors_have_the_length_and_keep_their_direction() -> None:
    rescaled = rescale_vectors(A, {"clip_l": 0.4}).vectors["clip_l"]
    assert rescaled.norm(dim=1).tolist() == pytest.approx([0.4, 0.4])
    assert torch.nn.functional.cosine_similarity(rescaled, A.vectors["clip_l"]).tolist() == pytest.approx(
        [1, 1]
    )


def test_a_vector_of_zeros_stays_zero() -> None:
    assert rows_of(rescale_vectors(embedding("z", 0.0, 1.0), {"clip_l": 1.0}))[0] == 0


@pytest.mark.parametrize("norms", [{}, {"clip_h": 1.0}, {"clip_l": 0.0}, {"clip_l": math.nan}])
def test_an_encoder_without_a_length_is_named(norms: dict[str, float]) -> None:
    with pytest.raises(EmbeddingFileError, match="no length for its clip_l"):
        rescale_vectors(A, norms)
