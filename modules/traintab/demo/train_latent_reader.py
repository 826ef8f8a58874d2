"""Stage 3: the reader of latents learns from the pool's drawings, blurred, faded and noisy ones too."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from .device import is_card, on_processor, reduced_precision, training_device
from .encoding import NUMBER_WEIGHT
from .latent_reader import LatentReader, Readings
from .latents import Latents
from .pace import Pace, Report, descend, keep_gradients, set_learning_rate
from .pool import load_pool
from .train_judge import judge_loss

BATCH, CARD_BATCH = 128, 1024


def disturbed(latents: Tensor) -> Tensor:
    """Blurred, faded and noisy latents, one strength a picture, as an early guess of a picture may be."""
    count = len(latents)

    def strength(share: float) -> Tensor:
        chosen = torch.rand(count, 1, 1, 1) < share
        return (torch.rand(count, 1, 1, 1) * chosen).to(latents.device)

    blurred = F.avg_pool2d(F.pad(latents, (1, 1, 1, 1), mode="replicate"), 3, 1)
    latents = latents + (blurred - latents) * strength(0.6)
    return latents * (1 - 0.4 * strength(0.5)) + 0.5 * strength(1.0) * torch.randn_like(latents)


def reading_loss(
    found: tuple[tuple[Tensor, ...], Tensor], readings: Readings, indices: Sequence[int]
) -> Tensor:
    """What the reader has `found` in the pictures at `indices`, compared with what they show: cross entropy,
    and the squared errors of the numbers.
    """
    logits, numbers = found
    wrong = numbers.float() - readings.numbers[indices].to(numbers.device)
    shown = readings.has_numbers[indices].to(numbers.device)
    loss = judge_loss(logits, readings.classes[indices].to(numbers.device))
    return loss + NUMBER_WEIGHT * (wrong.square() * shown).sum() / len(indices)


def train_latent_reader(work_dir: Path, minutes: float, report: Report) -> None:
    """Train for `minutes`; writes `latent_reader.pt`."""
    done = work_dir / "latent_reader.pt"
    if done.exists():
        return
    torch.manual_seed(5)
    device = training_device()
    _, attributes = load_pool(work_dir / "pool")
    readings = Readings(attributes)
    latents, reader = Latents(work_dir), LatentReader().to(device)
    optimizer = torch.optim.AdamW(reader.parameters(), weight_decay=0.02)
    pace = Pace("latent reader", minutes, work_dir / "latent_reader_resume.pt", report)
    state = pace.load()
    if state:
        reader.load_state_dict(state["reader"])
        optimizer.load_state_dict(state["optimizer"])
    rng, size = random.Random(pace.step), CARD_BATCH if is_card(device) else BATCH
    while pace.fraction < 1:
        indices = sorted(rng.randrange(len(latents)) for _ in range(size))
        with reduced_precision(device):
            found = reader(disturbed(latents.draw(indices)))
        loss = reading_loss(found, readings, indices)
        set_learning_rate(optimizer, pace.learning_rate(2e-3, pace.fraction))
        descend(loss, optimizer, keep_gradients)
        pace.step += 1
        if pace.is_report_due():
            pace.tell(f"loss {float(loss.detach()):.3f}")
        if pace.is_save_due():
            pace.save({"reader": reader.state_dict(), "optimizer": optimizer.state_dict()})
    torch.save(on_processor(reader.state_dict()), done)
