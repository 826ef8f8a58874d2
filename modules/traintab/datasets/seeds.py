"""Seeds made from a seed and what it is for, so that no two uses share their randomness."""

from __future__ import annotations

import hashlib

import torch

__all__ = ["derived_seed", "seeded_generator"]


def derived_seed(*parts: int | str) -> int:
    """A number from 0 to 2**63 - 1 that depends on all parts and is the same on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big") >> 1


def seeded_generator(*parts: int | str) -> torch.Generator:
    """A generator on the CPU with the derived seed; the same numbers whatever device trains."""
    return torch.Generator().manual_seed(derived_seed(*parts))
