"""Latents of the pool: encoded once when the encoder is final, and the folding of their scale into the
autoencoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.lib.format import open_memmap
from torch import Tensor

from .device import Rows, is_card, reduced_precision, training_device
from .pace import Report
from .pair import Pair
from .pool import load_pool
from .train_vae import new_vae

SHAPE = (16, 16, 16)
CHUNK, CARD_CHUNK = 50, 500


def fold_scale(vae: AutoencoderKL, mean: Tensor, std: Tensor) -> None:
    """Change both 1 x 1 convolutions so that latents, [8] a channel, come out with mean 0 and standard
    deviation 1.

    What the decoder sees stays the same. `scaling_factor` is 1 then, for every channel alike.
    """
    channels = len(mean)
    with torch.no_grad():
        quant, post = vae.quant_conv, vae.post_quant_conv
        quant.weight[:channels] /= std[:, None, None, None]
        quant.bias[:channels] = (quant.bias[:channels] - mean) / std
        quant.bias[channels:] -= 2 * std.log()
        post.bias += post.weight[:, :, 0, 0] @ mean
        post.weight *= std[None, :, None, None]


def encode_pool(work_dir: Path, report: Report) -> None:
    """Write `latents.npy`, float16 [count, 16, 16, 16]: 8 channels of posterior mean, 8 of standard
    deviation.

    Two processes take alternate chunks. The latents are raw: `latent_scale` tells their mean and deviation.
    """
    if (work_dir / "latents_done").exists():
        return
    pair = Pair(work_dir / "latents_meeting")
    pictures, _ = load_pool(work_dir / "pool")
    device = training_device()
    vae = new_vae()
    vae.load_state_dict(torch.load(work_dir / "vae.pt", weights_only=True))
    vae.to(device)
    path = work_dir / "latents.npy"
    if pair.is_first:
        open_memmap(path, mode="w+", dtype=np.float16, shape=(len(pictures), *SHAPE)).flush()
    pair.agree(0.0)
    latents = np.lib.format.open_memmap(path, mode="r+")
    chunk = CARD_CHUNK if is_card(device) else CHUNK
    starts = range(pair.rank * chunk, len(pictures), pair.world * chunk)
    for number, start in enumerate(starts):
        images = torch.from_numpy(pictures[start : start + chunk].copy()).to(device)
        with torch.no_grad(), reduced_precision(device):
            posterior = vae.encode(images.permute(0, 3, 1, 2).float() / 127.5 - 1).latent_dist
        both = torch.cat([posterior.mean, posterior.std], dim=1)
        latents[start : start + chunk] = both.float().cpu().numpy().astype(np.float16)
        if number % 50 == 49 and pair.is_first:
            report(f"latents: {number + 1} of {len(starts)} chunks encoded")
    latents.flush()
    pair.agree(0.0)
    if pair.is_first:
        (work_dir / "latents_done").touch()
    pair.close()


def latent_scale(latents: np.ndarray) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation a channel, float32 [8] each, over the first thousands of raw latents."""
    sample = torch.from_numpy(latents[:6000].astype(np.float32))
    mean, std = sample[:, :8], sample[:, 8:]
    spread = (mean.var(dim=(0, 2, 3)) + std.square().mean(dim=(0, 2, 3))).sqrt()
    return mean.mean(dim=(0, 2, 3)), spread


class Latents:
    """Scaled latents of the pool, sampled from their posterior."""

    def __init__(self, work_dir: Path) -> None:
        raw, device = np.load(work_dir / "latents.npy", mmap_mode="r"), training_device()
        self._raw = Rows(raw, device)
        mean, std = latent_scale(raw)
        self._mean, self._std = mean[:, None, None].to(device), std[:, None, None].to(device)

    def __len__(self) -> int:
        return len(self._raw)

    def draw(self, indices: Sequence[int]) -> Tensor:
        """Float32 [batch, 8, 16, 16] of about unit deviation."""
        raw = self._raw.take(indices).float()
        latents = raw[:, :8] + raw[:, 8:] * torch.randn_like(raw[:, :8])
        return (latents - self._mean) / self._std


def scaled_vae(work_dir: Path) -> AutoencoderKL:
    """The autoencoder with the best decoder there is, its latents of unit scale."""
    vae = new_vae()
    refined = work_dir / "vae_decoder.pt"
    vae.load_state_dict(torch.load(refined if refined.exists() else work_dir / "vae.pt", weights_only=True))
    fold_scale(vae, *latent_scale(np.load(work_dir / "latents.npy", mmap_mode="r")))
    vae.register_to_config(scaling_factor=1.0)
    vae.eval()
    return vae
