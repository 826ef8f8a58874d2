from __future__ import annotations

import pytest
import torch

from traintab.embeddings.initial_vectors import initial_vectors

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
