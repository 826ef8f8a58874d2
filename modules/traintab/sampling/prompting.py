"""Prompt and negative prompt of a picture to what guides the UNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from ..conditioning.conditioning import Conditioning, condition
from ..configs import GenerationConfig
from ..embeddings.checksum import short_hash
from ..embeddings.embedding import Embedding
from ..models.model import Model
from .guidance import Guidance

__all__ = ["guide"]


@dataclass(frozen=True, eq=False)
class _Text:
    """See `guidance.Part`."""

    prompt_embeds: torch.Tensor
    pooled_prompt_embeds: torch.Tensor | None
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class _Prompt:
    """A prompt that stays the same at all steps."""

    text: _Text

    def at(self, step: int) -> Sequence[_Text]:
        """The one text."""
        return (self.text,)


def guide(
    model: Model, config: GenerationConfig, embeddings: Mapping[str, Embedding]
) -> tuple[Guidance, dict[str, str]]:
    """What the UNet is told at each step, and the file hash of every embedding used that has a file.

    `config` has its size and guidance scale filled in.
    """
    scale = config.guidance_scale or model.default_guidance_scale
    is_guided = scale != 1
    prompts = [config.prompt, config.negative_prompt] if is_guided else [config.prompt]
    conditioning = condition(model, prompts, embeddings, clip_skip=config.clip_skip)
    guidance = Guidance(
        prompt=_prompt(conditioning, 0, model),
        negative=_prompt(conditioning, 1, model) if is_guided else None,
        scale=scale,
        size=(config.width or model.default_size, config.height or model.default_size),
    )
    sources = {name: embeddings[name].source for name in conditioning.used}
    return guidance, {name: short_hash(file) for name, file in sources.items() if file and file.is_file()}


def _prompt(conditioning: Conditioning, index: int, model: Model) -> _Prompt:
    pooled = conditioning.pooled_prompt_embeds
    return _Prompt(
        _Text(
            conditioning.prompt_embeds[index : index + 1].to(model.device),
            None if pooled is None else pooled[index : index + 1].to(model.device),
        )
    )
