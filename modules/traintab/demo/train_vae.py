"""Stage 1: the autoencoder, 128 px pictures to 8 latent channels of 16 x 16 and back.

First encoder and decoder together, then the decoder alone on frozen latents (the encoder is what the UNet
sees, so it may not change once latents are encoded).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor

from .device import Rows, is_card, on_processor, reduced_precision, training_device
from .pace import Pace, Report, descend, set_learning_rate
from .pair import Pair
from .pool import load_pool

KL_WEIGHT = 2e-4
BATCH, CARD_BATCH = 8, 64
ROUGHNESS = 0.2


def new_vae() -> AutoencoderKL:
    """An untrained autoencoder of the demo model's shape."""
    levels = 4
    return AutoencoderKL(
        block_out_channels=(16, 32, 64, 128),
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        layers_per_block=1,
        latent_channels=8,
        norm_num_groups=8,
        sample_size=128,
    )


def face_weights() -> Tensor:
    """How much each pixel counts: float32 [1, 1, 128, 128], eyes most, then the face, mean 1."""
    y, x = torch.meshgrid(torch.arange(128.0), torch.arange(128.0), indexing="ij")
    weights = torch.ones(128, 128)
    weights += 1.0 * (((x - 64) / 36) ** 2 + ((y - 66) / 34) ** 2 < 1)
    weights += 2.0 * ((abs(x - 64) < 32) & (abs(y - 62) < 15))
    return (weights / weights.mean())[None, None]


def edges(images: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of neighbouring pixels of float [batch, 3, height, width], along both axes."""
    return images[..., 1:] - images[..., :-1], images[..., 1:, :] - images[..., :-1, :]


def reconstruction_loss(decoded: Tensor, images: Tensor, weights: Tensor) -> Tensor:
    """Weighted L1 + MSE + the error of 8 x 8 patches' colours + differences of edges, between float
    [batch, 3, 128, 128] in -1 to 1.
    """
    error = decoded - images
    loss = ((error.abs() + 2 * error.square()) * weights).mean() + F.avg_pool2d(error, 8).abs().mean()
    for ours, theirs, cut in zip(
        edges(decoded), edges(images), (weights[..., 1:], weights[..., 1:, :]), strict=True
    ):
        loss = loss + ((ours - theirs).abs() * cut).mean()
    return loss


def batches(pictures: Rows, seed: int, size: int) -> Iterator[Tensor]:
    """Endless random batches, float32 [size, 3, 128, 128] in -1 to 1."""
    rng = np.random.default_rng(seed)
    while True:
        chosen = np.sort(rng.integers(0, len(pictures), size))
        yield pictures.take(chosen).permute(0, 3, 1, 2).float() / 127.5 - 1


def psnr(decoded: Tensor, images: Tensor) -> float:
    """Mean peak signal-to-noise ratio in dB of [batch, 3, height, width] in -1 to 1."""
    error = ((decoded.clamp(-1, 1) - images) / 2).square().mean(dim=(1, 2, 3))
    return float((-10 * error.log10()).mean())


def _roughened(latents: Tensor) -> Tensor:
    """Latents with noise of up to a fifth of their deviation, one strength a picture.

    A decoder that has seen such noise draws clean areas from a generator's imperfect latents.
    """
    strength = torch.rand(len(latents), 1, 1, 1).to(latents.device) * ROUGHNESS
    return latents + strength * latents.std(dim=(0, 2, 3), keepdim=True) * torch.randn_like(latents)


def _step(vae: AutoencoderKL, images: Tensor, weights: Tensor, decoder_only: bool) -> tuple[Tensor, Tensor]:
    with reduced_precision(images.device):
        with torch.set_grad_enabled(not decoder_only):
            posterior = vae.encode(images).latent_dist
            latents = _roughened(posterior.sample()) if decoder_only else posterior.sample()
        decoded = vae.decode(latents).sample.float()
    loss = reconstruction_loss(decoded, images, weights)
    if not decoder_only:
        loss = loss + KL_WEIGHT * posterior.kl().mean() / posterior.mean[0].numel()
    return loss, decoded.detach()


def _load_vae(work_dir: Path, decoder_only: bool) -> AutoencoderKL:
    vae = new_vae()
    if decoder_only:
        vae.load_state_dict(torch.load(work_dir / "vae.pt", weights_only=True))
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
    return vae


def train_vae(work_dir: Path, minutes: float, report: Report, *, decoder_only: bool = False) -> None:
    """Train for `minutes` on the pool; writes `vae.pt`, or `vae_decoder.pt` when only the decoder is
    trained.
    """
    name = "vae_decoder" if decoder_only else "vae"
    if (work_dir / f"{name}.pt").exists():
        return
    torch.manual_seed(0)
    pair = Pair(work_dir / f"{name}_meeting")
    pictures, _ = load_pool(work_dir / "pool")
    device = training_device()
    vae = _load_vae(work_dir, decoder_only).to(device)
    trained = [parameter for parameter in vae.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, betas=(0.9, 0.98), weight_decay=1e-3)
    pace = Pace(name, minutes, work_dir / f"{name}_resume.pt", report)
    state = pace.load()
    if state:
        vae.load_state_dict(state["vae"])
        optimizer.load_state_dict(state["optimizer"])
    pair.copy_from_first(trained)
    weights, size = face_weights().to(device), CARD_BATCH if is_card(device) else BATCH
    for images in batches(Rows(pictures, device), 2 * pace.step + pair.rank, size):
        fraction = pair.agree(pace.fraction)
        set_learning_rate(optimizer, pace.learning_rate(1.5e-3 if decoder_only else 2e-3, fraction))
        loss, decoded = _step(vae, images, weights, decoder_only)
        descend(loss, optimizer, lambda: pair.average_gradients(trained))
        pace.step += 1
        if pair.is_first:
            if pace.is_report_due():
                pace.tell(f"loss {float(loss.detach()):.4f}, {psnr(decoded, images):.2f} dB")
            if pace.is_save_due():
                pace.save({"vae": vae.state_dict(), "optimizer": optimizer.state_dict()})
        if fraction >= 1:
            break
    if pair.is_first:
        torch.save(on_processor(vae.state_dict()), work_dir / f"{name}.pt")
    pair.close()
