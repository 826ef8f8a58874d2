"""Latents on disk, by the content of the picture."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from traintab.datasets.latent_cache import LatentCache, Posterior, View
from traintab.errors import StorageError

UPRIGHT, MIRRORED = View("ab" * 32), View("ab" * 32, is_mirrored=True)


def posterior(seed: int = 0) -> Posterior:
    generator = torch.Generator().manual_seed(seed)
    return Posterior(*(torch.randn(4, 8, 8, generator=generator) for _ in range(2)))


def cache_in(folder: Path, *, fingerprint: str = "f", size: tuple[int, int] = (64, 64)) -> LatentCache:
    return LatentCache(folder, fingerprint=fingerprint, size=size, shape=(4, 8, 8))


def test_what_was_written_is_read_bit_for_bit(tmp_path: Path) -> None:
    cache, kept = cache_in(tmp_path), posterior()
    assert cache.read(UPRIGHT) is None
    cache.write(UPRIGHT, kept)
    found = cache_in(tmp_path).read(UPRIGHT)
    assert found is not None
    assert torch.equal(found.mean, kept.mean)
    assert torch.equal(found.std, kept.std)


@pytest.mark.parametrize(
    ("fingerprint", "size", "view"),
    [
        ("g", (64, 64), UPRIGHT),
        ("f", (64, 128), UPRIGHT),
        ("f", (64, 64), MIRRORED),
        ("f", (64, 64), View("cd" * 32)),
    ],
)
def test_another_vae_size_orientation_or_content_is_another_entry(
    tmp_path: Path, fingerprint: str, size: tuple[int, int], view: View
) -> None:
    cache_in(tmp_path).write(UPRIGHT, posterior())
    assert cache_in(tmp_path, fingerprint=fingerprint, size=size).read(view) is None


@settings(max_examples=60)
@given(position=st.floats(0, 1, exclude_max=True), flipped=st.integers(1, 255))
def test_a_file_with_any_byte_changed_counts_as_none_or_is_still_right(
    tmp_path_factory: pytest.TempPathFactory, position: float, flipped: int
) -> None:
    cache = cache_in(tmp_path_factory.mktemp("cache"))
    cache.write(UPRIGHT, posterior())
    path = cache.path_of(UPRIGHT)
    data = bytearray(path.read_bytes())
    data[int(position * len(data))] ^= flipped
    path.write_bytes(data)
    found = cache.read(UPRIGHT)
    assert found is None or torch.equal(found.mean, posterior().mean)


@settings(max_examples=30)
@given(share=st.floats(0, 1, exclude_max=True), is_padded=st.booleans())
def test_a_torn_file_counts_as_none(
    tmp_path_factory: pytest.TempPathFactory, share: float, is_padded: bool
) -> None:
    """What a power failure leaves of a file that wasn't flushed: a part, or blocks of zeros."""
    cache = cache_in(tmp_path_factory.mktemp("cache"))
    cache.write(UPRIGHT, posterior())
    path = cache.path_of(UPRIGHT)
    data = path.read_bytes()
    part = data[: int(share * len(data))]
    path.write_bytes(part.ljust(len(data), b"\0") if is_padded else part)
    assert cache.read(UPRIGHT) is None


def test_latents_of_another_shape_count_as_none(tmp_path: Path) -> None:
    cache_in(tmp_path).write(UPRIGHT, posterior())
    other = LatentCache(tmp_path, fingerprint="f", size=(64, 64), shape=(16, 8, 8))
    assert other.read(UPRIGHT) is None


@pytest.mark.parametrize(
    "digest", [torch.zeros(32), torch.zeros(1, 32, dtype=torch.uint8), torch.tensor(2**40), torch.zeros(0)]
)
def test_a_sha256_that_is_none_counts_as_none(tmp_path: Path, digest: torch.Tensor) -> None:
    cache = cache_in(tmp_path)
    cache.write(UPRIGHT, posterior())
    path = cache.path_of(UPRIGHT)
    path.write_bytes(save({**load(path.read_bytes()), "sha256": digest}))
    assert cache.read(UPRIGHT) is None


def test_writing_waits_for_no_disk_and_leaves_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = cache_in(tmp_path)
    cache.write(UPRIGHT, posterior())
    monkeypatch.setattr(os, "fsync", lambda descriptor: pytest.fail("flushed"))
    cache.write(MIRRORED, posterior(1))
    assert sorted(cache.folder.iterdir()) == sorted([cache.path_of(UPRIGHT), cache.path_of(MIRRORED)])


def test_its_size_is_told(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.write(UPRIGHT, posterior())
    assert 0 <= cache.path_of(UPRIGHT).stat().st_size - cache.bytes_per_view < 600


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "latents").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match=r"Writing .* failed"):
        cache_in(tmp_path).write(UPRIGHT, posterior())
