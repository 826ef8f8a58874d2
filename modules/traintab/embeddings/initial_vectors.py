"""The first vectors of a new embedding, and vectors brought to another number of rows."""

from __future__ import annotations

import torch

__all__ = ["initial_vectors", "resampled"]


def initial_vectors(token_vectors: torch.Tensor, num_vectors: int) -> torch.Tensor:
    """Spread the token vectors `[tokens, width]` of a text over `[num_vectors, width]`, float32 on the CPU.

    Row i takes token `i * tokens // num_vectors` (A1111's rule): with fewer tokens than rows each is
    repeated, with more some are passed over. No tokens at all, an empty text, give zeros. The result
    shares no memory with `token_vectors`. Raises ValueError for another shape or less than one vector.
    """
    if token_vectors.ndim != 2 or num_vectors < 1:
        raise ValueError(
            f"expected [tokens, width] and at least 1 vector, not {list(token_vectors.shape)}, {num_vectors}"
        )
    tokens, width = token_vectors.shape
    if tokens == 0:
        return torch.zeros(num_vectors, width)
    rows = torch.arange(num_vectors) * tokens // num_vectors
    return token_vectors.detach().to(device="cpu", dtype=torch.float32)[rows].clone()


def resampled(vectors: torch.Tensor, num_vectors: int) -> torch.Tensor:
    """`vectors` `[rows, width]` as `[num_vectors, width]`, of which none is lost: float32 on the CPU.

    To more rows they are repeated, as `initial_vectors` does; to fewer each new row is the mean of those that
    stand in its share of the old ones. No rows give zeros. Raises ValueError as `initial_vectors`.
    """
    rows = vectors.shape[0]
    if vectors.ndim != 2 or rows <= num_vectors:
        return initial_vectors(vectors, num_vectors)
    if num_vectors < 1:
        raise ValueError(f"expected at least 1 vector, not {num_vectors}")
    share = torch.arange(rows) * num_vectors // rows
    sums = torch.zeros(num_vectors, vectors.shape[1])
    sums.index_add_(0, share, vectors.detach().to(device="cpu", dtype=torch.float32))
    return sums / torch.bincount(share, minlength=num_vectors).unsqueeze(1)
