from __future__ import annotations

import pytest
import torch

from traintab.embeddings.vocabulary import NearToken, Vocabulary

TABLE = torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [-1.0, 0.0]])
WORDS = Vocabulary(TABLE, lambda index: f"word{index}")


def test_the_median_norm_is_the_usual_length_of_a_word() -> None:
    assert WORDS.median_norm == pytest.approx(1.0)
    assert WORDS.width == 2


def test_the_nearest_tokens_are_told_by_angle_whatever_the_length() -> None:
    for length in (0.001, 1.0, 50.0):
        (near,) = WORDS.nearest(torch.tensor([[length, 0.9 * length]]), 2)
        assert [token.token for token in near] == ["word2", "word0"]
        assert near[0].cosine == pytest.approx(0.9986, abs=1e-3)


def test_each_vector_has_tokens_of_its_own() -> None:
    first, second = WORDS.nearest(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), 1)
    assert (first, second) == ([NearToken("word0", 1.0)], [NearToken("word1", 1.0)])


def test_zeros_are_like_nothing() -> None:
    assert WORDS.nearest(torch.zeros(1, 2), 3) == [[]]


def test_there_are_never_more_than_the_vocabulary_has() -> None:
    assert len(WORDS.nearest(torch.ones(1, 2), 100)[0]) == 4


def test_a_table_in_half_precision_with_a_gradient_is_left_alone() -> None:
    table = torch.nn.Parameter(TABLE.half())
    near = Vocabulary(table, str).nearest(torch.ones(1, 2), 1)
    assert near[0][0].token == "2"
    assert table.dtype == torch.float16
