"""Short fingerprints of embeddings: of the numbers, and of the file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch

from ..errors import NonFiniteError

__all__ = ["checksum", "short_hash"]

_BITS32 = 0xFFFFFFFF


def checksum(vectors: torch.Tensor) -> str:
    """A1111's four hex digits of float32 vectors of any shape; zeros give `0000`.

    Every number times 100, cut to an integer, is folded in as `r = (r * 281) xor (n * 997)` modulo 2**32,
    and the low 16 bits remain. Raises NonFiniteError for NaN and infinity.
    """
    flat = vectors.detach().to(device="cpu", dtype=torch.float32).reshape(-1) * 100
    if not bool(torch.isfinite(flat).all()):
        raise NonFiniteError(
            "The checksum of vectors that are NaN or infinite was asked for; use the last good ones."
        )
    folded = 0
    for value in flat.tolist():
        folded = ((folded * 281) ^ (int(value) * 997)) & _BITS32
    return f"{folded & 0xFFFF:04x}"


def short_hash(path: Path) -> str:
    """The first 12 hex digits of the file's SHA-256: what A1111 writes as `TI hashes` into pictures."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:12]
