from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch

from traintab.embeddings.checksum import checksum, short_hash
from traintab.errors import NonFiniteError


def test_zeros_give_zeros_as_in_a1111() -> None:
    assert checksum(torch.zeros(3, 768)) == "0000"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.01], f"{997:04x}"),
        ([-0.01], f"{(-997) & 0xFFFF:04x}"),
        ([0.01, 0.02], f"{(997 * 281) ^ (2 * 997) & 0xFFFF:04x}"[-4:]),
        ([0.019], f"{997:04x}"),
        ([2.0**21], f"{(100 * 2**21 * 997) & 0xFFFF:04x}"),
    ],
)
def test_numbers_worked_out_by_hand(values: list[float], expected: str) -> None:
    assert checksum(torch.tensor(values)) == expected


def test_the_shape_doesnt_matter_but_the_order_does() -> None:
    values = torch.linspace(-1, 1, 8)
    assert checksum(values) == checksum(values.reshape(2, 4))
    assert checksum(values) != checksum(values.flip(0))


def test_nan_is_refused() -> None:
    with pytest.raises(NonFiniteError, match="NaN"):
        checksum(torch.tensor([float("nan")]))


def test_the_short_hash_is_the_start_of_the_files_sha256(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(b"abc" * 1_000_000)
    assert short_hash(path) == hashlib.sha256(b"abc" * 1_000_000).hexdigest()[:12]
