"""The tiny model, loaded once, and what its UNet may be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from traintab.sampling.guidance import Guidance


@dataclass(frozen=True, eq=False)
class FixedText:
    """A text of a prompt; `embeds` `[1, 77, 32]`."""

    prompt_embeds: torch.Tensor
    pooled_prompt_embeds: torch.Tensor | None = None
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class FixedPrompt:
    """A prompt of these texts, the same at all steps."""

    texts: tuple[FixedText, ...]

    def at(self, step: int) -> Sequence[FixedText]:
        return self.texts


def random_text(seed: int, weight: float = 1.0) -> FixedText:
    embeds = torch.randn(1, 77, 32, generator=torch.Generator().manual_seed(seed))
    return FixedText(embeds, weight=weight)


def fixed_guidance() -> Guidance:
    """Tells the tiny model's UNet always the same, without a negative prompt."""
    return Guidance(prompt=FixedPrompt((random_text(0),)))
