"""The tiny model, loaded once, and what its UNet may be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.sampling.guidance import Guidance


@pytest.fixture(scope="session")
def tiny_model(tiny_model_dir: Path) -> Model:
    return load_model(str(tiny_model_dir), Paths.under(tiny_model_dir.parent), device="cpu")


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
