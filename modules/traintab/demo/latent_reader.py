"""A reader of latents: which attributes do they show? It tells the UNet what it left out of a picture.

The squared error hardly notices a scar of two cells or a skin one shade too light, and these are what a
character is known by. So the latents that the UNet's prediction stands for are read by a small classifier,
and what the caption states has to be found in them. It was trained on the artist's drawings alone, is no
part of the shipped model, and shares nothing with the judge, which reads finished pictures. It reads the
numbers of style and form too: how many lobes a toy has is lost on the squared error's mean as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .device import reduced_precision, training_device
from .encoding import CLASSES, KEYS, NUMBER_WEIGHT, NUMBERED, Known, class_numbers, form_numbers
from .judge import convolution
from .styles import style_of
from .world import Attributes

UNREADABLE = -100
NOISE = 0.3


class LatentReader(nn.Module):
    """Convolutions to 4 x 4, one hidden layer that keeps positions, one linear head an attribute and one for
    the numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(8, 64, 1),
            convolution(64, 96, 2),
            convolution(96, 96, 1),
            convolution(96, 128, 2),
            nn.Conv2d(128, 48, 1),
            nn.Flatten(),
            nn.Linear(48 * 16, 192),
            nn.SiLU(),
        )
        self.heads = nn.Linear(192, sum(len(CLASSES[key]) for key in KEYS) + len(NUMBERED))

    def forward(self, latents: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """A tuple of logits [batch, values] in the order of `KEYS`, and numbers [batch, 26], of latents
        [batch, 8, 16, 16].
        """
        sizes = [*(len(CLASSES[key]) for key in KEYS), len(NUMBERED)]
        *logits, numbers = self.heads(self.body(latents)).split(sizes, dim=-1)
        return tuple(logits), numbers


def readable(attributes: Attributes, seed: int) -> list[int]:
    """For each of `KEYS` the number of the value in `CLASSES`, -100 where picture `seed` can't show it."""
    shows_colors = style_of(attributes["style"], seed).shows_colors()
    numbers = []
    for key, number in zip(KEYS, class_numbers(attributes), strict=True):
        needs_colors = "color" in key or key in ("hair blend", "skin", "mark")
        numbers.append(UNREADABLE if number < 0 or (needs_colors and not shows_colors) else number)
    return numbers


class Readings:
    """What can be read in the pictures of the pool.

    `classes`: `readable` of each, int64 [pictures, attributes]. `numbers`: float32 [pictures, 26].
    `has_numbers`: bool [pictures, 26], which of those the picture shows.
    """

    def __init__(self, attributes: Sequence[Attributes]) -> None:
        self.classes = torch.tensor([readable(each, seed) for seed, each in enumerate(attributes)])
        self.numbers = torch.tensor([form_numbers(each, seed) for seed, each in enumerate(attributes)])
        toy, plain = CLASSES["shape"].index("toy"), CLASSES["hair blend"].index("plain")
        shape, blend = (self.classes[:, KEYS.index(key)] for key in ("shape", "hair blend"))
        has_style = torch.ones_like(shape, dtype=torch.bool)
        has_blend = (blend >= 0) & (blend != plain)
        shown = {"style": has_style, "shape": shape == toy, "hair blend": has_blend}
        self.has_numbers = torch.stack([shown[key] for key in NUMBERED], dim=1)


def errors(logits: Sequence[Tensor], classes: Tensor) -> Tensor:
    """The cross entropy of every head, 0 where there is nothing to read: float32 [batch, attributes]."""
    return torch.stack(
        [
            F.cross_entropy(head.float(), classes[:, column], ignore_index=UNREADABLE, reduction="none")
            for column, head in enumerate(logits)
        ],
        dim=1,
    )


class Proofreader:
    """Finds in predicted latents what their captions state."""

    def __init__(self, work_dir: Path, attributes: Sequence[Attributes]) -> None:
        self._device = training_device()
        self._reader = LatentReader().eval().requires_grad_(False).to(self._device)
        weights = torch.load(work_dir / "latent_reader.pt", map_location="cpu", weights_only=True)
        self._reader.load_state_dict(weights)
        self._readings = Readings(attributes)

    def loss(self, latents: Tensor, indices: Sequence[int], told: Known) -> Tensor:
        """What is told and can be read: mean cross entropy, and the squared errors of its numbers.

        `latents` [batch, 8, 16, 16] of the pictures at `indices`; `told` bool [batch, attributes] and
        [batch, 26]. Noise is added to the latents, so that no pattern that only the reader sees can serve.
        """
        strength = torch.rand(len(latents), 1, 1, 1).to(latents.device) * NOISE
        with reduced_precision(self._device):
            logits, numbers = self._reader(latents + strength * torch.randn_like(latents))
        rows = torch.as_tensor(indices)
        classes = self._readings.classes[rows].to(self._device)
        counted = told.values.to(self._device) & (classes >= 0)
        missed = (errors(logits, classes) * counted).sum()
        is_shown = (told.numbers & self._readings.has_numbers[rows]).to(self._device)
        wrong = numbers.float() - self._readings.numbers[rows].to(self._device)
        loss: Tensor = (missed + NUMBER_WEIGHT * (wrong.square() * is_shown).sum()) / counted.sum().clamp(
            min=1
        )
        return loss
