"""What every sampler has in common: it asks for predictions of the UNet, one after another."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple, Protocol

import torch

__all__ = ["Evaluation", "Evaluations", "Sampling", "draw_noise"]


class Evaluation(NamedTuple):
    """A question to the UNet: `model_input` `[b, c, h, w]` in its own scale, at `timestep` `[]`.

    `step` counts the sampling steps from 0; some samplers evaluate twice in one.
    """

    model_input: torch.Tensor
    timestep: torch.Tensor
    step: int


Evaluations = Generator[Evaluation, torch.Tensor, torch.Tensor]
"""Yields questions, is sent the UNet's predictions `[b, c, h, w]`, and returns the picture's latents."""


class Sampling(Protocol):
    """One run of a sampler: its noise levels are set, and it can't be used again."""

    num_steps: int

    def start(self, noise: torch.Tensor, clean: torch.Tensor | None = None) -> torch.Tensor:
        """The latents to begin with, from standard normal `noise`, and `clean` latents to draw over."""

    def run(self, latents: torch.Tensor, generators: Sequence[torch.Generator]) -> Evaluations:
        """Go from what `start` gave to the picture; noise on the way comes from `generators`."""


def draw_noise(like: torch.Tensor, generators: Sequence[torch.Generator]) -> torch.Tensor:
    """Standard normal noise of the shape of `like`, each picture's from its own CPU generator."""
    shape = (1, *like.shape[1:])
    return torch.cat([torch.randn(shape, generator=generator) for generator in generators]).to(like.device)
