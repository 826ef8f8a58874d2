"""Latents and the folding of their scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from traintab.demo.characters import sample_picture
from traintab.demo.latents import encode_pool, fold_scale, latent_scale
from traintab.demo.pool import render_pool
from traintab.demo.train_vae import new_vae


def silent(_line: str) -> None:
    pass


def test_folding_scales_the_latents_and_nothing_else() -> None:
    torch.manual_seed(0)
    vae = new_vae().eval()
    images = torch.rand(1, 3, 64, 64) * 2 - 1
    mean, std = torch.linspace(-1, 1, 8), torch.linspace(0.5, 3, 8)
    with torch.no_grad():
        before = vae.encode(images).latent_dist
        decoded = vae.decode(before.mean).sample
        fold_scale(vae, mean, std)
        after = vae.encode(images).latent_dist
        expected = (before.mean - mean[:, None, None]) / std[:, None, None]
        assert torch.allclose(after.mean, expected, atol=1e-5)
        assert torch.allclose(after.std, before.std / std[:, None, None], rtol=1e-4)
        assert torch.allclose(vae.decode(after.mean).sample, decoded, atol=1e-4)


def test_the_scale_is_that_of_mean_and_spread_together() -> None:
    rng = np.random.default_rng(0)
    raw = np.zeros((200, 16, 16, 16), dtype=np.float32)
    raw[:, :8] = rng.normal(2.0, 3.0, (200, 8, 16, 16))
    raw[:, 8:] = 4.0
    mean, std = latent_scale(raw.astype(np.float16))
    assert mean.tolist() == pytest.approx([2.0] * 8, abs=0.1)
    assert std.tolist() == pytest.approx([5.0] * 8, abs=0.1)


def test_the_pool_is_encoded_to_mean_and_deviation(tmp_path: Path) -> None:
    render_pool(tmp_path / "pool", 3, sample_picture, silent)
    torch.manual_seed(0)
    vae = new_vae()
    torch.save(vae.state_dict(), tmp_path / "vae.pt")
    encode_pool(tmp_path, silent)
    latents = np.load(tmp_path / "latents.npy")
    assert latents.shape == (3, 16, 16, 16)
    assert latents.dtype == np.float16
    assert (latents[:, 8:] > 0).all()
    assert np.isfinite(latents).all()
