from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.embeddings.initial_vectors import initial_vectors, resampled

TOKENS = torch.arange(6, dtype=torch.float32).reshape(3, 2)


@pytest.mark.parametrize(
    ("tokens", "num_vectors", "rows"),
    [
        (1, 4, [0, 0, 0, 0]),
        (2, 4, [0, 0, 1, 1]),
        (3, 3, [0, 1, 2]),
        (3, 2, [0, 1]),
        (3, 1, [0]),
        (2, 3, [0, 0, 1]),
    ],
)
def test_row_i_takes_token_i_times_tokens_over_vectors(
    tokens: int, num_vectors: int, rows: list[int]
) -> None:
    assert torch.equal(initial_vectors(TOKENS[:tokens], num_vectors), TOKENS[rows])


def test_no_token_gives_zeros() -> None:
    assert torch.equal(initial_vectors(torch.empty(0, 5), 2), torch.zeros(2, 5))


def test_the_result_is_a_float32_copy_without_a_gradient() -> None:
    source = torch.ones(1, 2, dtype=torch.float16, requires_grad=True)
    result = initial_vectors(source, 1)
    assert result.dtype == torch.float32
    assert not result.requires_grad
    result += 1
    assert source[0, 0].item() == 1


def test_the_token_table_is_never_shared() -> None:
    table = torch.ones(1, 2)
    initial_vectors(table, 1).zero_()
    assert table.sum() == 2


@pytest.mark.parametrize(("shape", "num_vectors"), [((2,), 1), ((1, 2), 0), ((1, 1, 2), 1)])
def test_other_shapes_are_a_programming_error(shape: tuple[int, ...], num_vectors: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        initial_vectors(torch.zeros(shape), num_vectors)


@pytest.mark.parametrize(
    ("num_vectors", "rows"),
    [(1, [[0, 1, 2]]), (2, [[0, 1], [2]]), (3, [[0], [1], [2]]), (6, [[0], [0], [1], [1], [2], [2]])],
)
def test_fewer_rows_are_means_and_more_are_repeated(num_vectors: int, rows: list[list[int]]) -> None:
    expected = torch.stack([TOKENS[share].mean(dim=0) for share in rows])
    torch.testing.assert_close(resampled(TOKENS, num_vectors), expected)


@given(rows=st.integers(1, 75), num_vectors=st.integers(1, 75))
def test_every_row_has_its_share_of_any_number(rows: int, num_vectors: int) -> None:
    vectors = torch.eye(rows)
    made = resampled(vectors, num_vectors)
    assert made.shape == (num_vectors, rows)
    torch.testing.assert_close(made.sum(dim=1), torch.ones(num_vectors))
    if num_vectors <= rows:
        assert bool((made.sum(dim=0) > 0).all())  # none is lost


def test_rows_are_a_copy_and_none_give_zeros() -> None:
    assert torch.equal(resampled(torch.empty(0, 5), 2), torch.zeros(2, 5))
    same = resampled(TOKENS, 3)
    same.zero_()
    assert TOKENS.abs().max() > 0


def test_no_vector_at_all_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="at least 1 vector"):
        resampled(TOKENS, 0)
