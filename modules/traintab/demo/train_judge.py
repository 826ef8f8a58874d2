"""Stage 3: the judge learns from drawings made on the spot, held-out features and combinations included."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from .artist import draw_small
from .device import on_processor, prepared, reduced_precision, training_device
from .judge import KEYS, JudgeNetwork
from .pace import Pace, Report, descend, keep_gradients, set_learning_rate
from .styles import STYLES, style_of
from .world import ATTRIBUTES, HELD_OUT, sample_any_head, sample_any_thing, sample_outfit, sample_setting

BATCH = 64
FIRST_SEED = 10_000_000


def sample_anything(rng: random.Random) -> dict[str, str]:
    """Attributes of a picture from the whole world, held-out values and combinations included."""
    if rng.random() < 0.15:
        picture = sample_any_thing(rng)
        if rng.random() < 0.1:
            picture["shape"] = rng.choice(HELD_OUT["shape"])
    else:
        picture = {**sample_any_head(rng), **sample_outfit(rng), **sample_setting(rng)}
        if rng.random() < 0.4:
            picture |= _two_tone(picture["hair color"], rng)
    draw = rng.random()
    if draw < 0.55:
        return {**picture, "style": "anime"}
    return {
        **picture,
        "style": "other" if draw < 0.7 else rng.choice([name for name in STYLES if name != "anime"]),
    }


def _two_tone(color: str, rng: random.Random) -> dict[str, str]:
    """Hair of two colours: too rare in the world for the judge to learn how they meet."""
    others = [other for other in ATTRIBUTES["second hair color"] if other != color]
    blend = rng.choice(("tips", "split", *HELD_OUT["hair blend"]))
    return {"hair blend": blend, "second hair color": rng.choice(others)}


def judge_labels(attributes: dict[str, str], seed: int) -> list[int]:
    """For each of the judge's heads the number of the right value, or -100 where there is none to see."""
    shows_colors = style_of(attributes["style"], seed).shows_colors()
    labels = []
    for key in KEYS:
        value = attributes.get(key)
        hidden = ("color" in key or key == "hair blend") and not shows_colors
        labels.append(-100 if value is None or hidden else ATTRIBUTES[key].index(value))
    return labels


def draw_batch(first_seed: int, size: int) -> tuple[Tensor, Tensor]:
    """Drawings float32 [size, 3, 128, 128] in -1 to 1 and labels int64 [size, heads]."""
    images, labels = [], []
    for seed in range(first_seed, first_seed + size):
        attributes = sample_anything(random.Random(seed))
        images.append(np.asarray(draw_small(attributes, seed)))
        labels.append(judge_labels(attributes, seed))
    pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return pixels, torch.tensor(labels)


def _drawn(step: int) -> tuple[np.ndarray, np.ndarray]:
    """The batch of a step; as arrays, which need no shared memory to come from another process."""
    images, labels = draw_batch(FIRST_SEED + step * BATCH, BATCH)
    return images.numpy(), labels.numpy()


def disturb(images: Tensor) -> Tensor:
    """Blur, noise, shifts and uneven colour, as a generator's pictures may have them; one strength a
    picture.
    """
    count = len(images)

    def strength(low: float, high: float) -> Tensor:
        return torch.empty(count, 1, 1, 1).uniform_(low, high).to(images.device)

    blurred = F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, 1)
    softer = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2, mode="bilinear")
    images = images + (blurred - images) * strength(-0.2, 1) * (strength(0, 1) < 0.6)
    images = images + (softer - images) * strength(0, 1) * (strength(0, 1) < 0.5)
    images = images * strength(0.88, 1.1) + strength(-0.08, 0.08)
    images = images + torch.empty(count, 3, 1, 1).uniform_(-0.05, 0.05).to(images.device)
    grain = torch.randn_like(images) * strength(0, 0.06)
    blotches = F.interpolate(torch.randn(count, 3, 16, 16).to(images.device), scale_factor=8, mode="bilinear")
    blotches = blotches * strength(0, 0.06)
    moved = torch.roll(images, (int(torch.randint(-3, 4, ())), int(torch.randint(-3, 4, ()))), (2, 3))
    return (moved + grain + blotches).clamp(-1, 1)


def judge_loss(logits: tuple[Tensor, ...], labels: Tensor) -> Tensor:
    """Sum over the heads of the mean cross entropy, over pictures where the head has something to see."""
    loss = logits[0].new_zeros(())
    for column, head in enumerate(logits):
        target = labels[:, column]
        if (target >= 0).any():
            loss = loss + F.cross_entropy(head.float(), target)
    return loss


def accuracy(logits: tuple[Tensor, ...], labels: Tensor) -> Tensor:
    """For each head the share of right answers, NaN without any to give: float32 [heads]."""
    shares = []
    for column, head in enumerate(logits):
        seen = labels[:, column] >= 0
        shares.append((head[seen].argmax(-1) == labels[seen, column]).float().mean())
    return torch.stack(shares)


def train_judge(work_dir: Path, minutes: float, report: Report) -> None:
    """Train for `minutes`; writes `judge.safetensors` in float16."""
    done = work_dir / "judge.safetensors"
    if done.exists():
        return
    torch.manual_seed(2)
    device = training_device()
    network = JudgeNetwork().to(device)
    optimizer = torch.optim.AdamW(network.parameters(), betas=(0.9, 0.98), weight_decay=0.02)
    pace = Pace("judge", minutes, work_dir / "judge_resume.pt", report)
    state = pace.load()
    if state:
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
    drawn = prepared(_drawn, pace.step, device)
    while pace.fraction < 1:
        images, labels = (torch.from_numpy(part).to(device) for part in next(drawn))
        with reduced_precision(device):
            _, logits = network(disturb(images))
        loss = judge_loss(logits, labels)
        set_learning_rate(optimizer, pace.learning_rate(2e-3, pace.fraction))
        descend(loss, optimizer, keep_gradients)
        pace.step += 1
        if pace.is_report_due():
            pace.tell(
                f"loss {float(loss):.3f}, {100 * float(accuracy(logits, labels).nanmean()):.1f} % right"
            )
        if pace.is_save_due():
            pace.save({"network": network.state_dict(), "optimizer": optimizer.state_dict()})
    weights = on_processor(network.state_dict())
    save_file({key: tensor.half().contiguous() for key, tensor in weights.items()}, done)


__all__ = ["accuracy", "disturb", "draw_batch", "judge_labels", "sample_anything", "train_judge"]
