"""Prompt and negative prompt of a picture to what guides the UNet."""

from __future__ import annotations

from collections.abc import Mapping

from ..conditioning.scheduled import ScheduledParts, schedule_conditioning
from ..configs import GenerationConfig
from ..embeddings.checksum import short_hash
from ..embeddings.embedding import Embedding
from ..models.model import Model
from ..prompts.composition import split_and
from ..prompts.extra_networks import take_extra_networks
from .guidance import Guidance

__all__ = ["guide"]


def guide(
    model: Model, config: GenerationConfig, embeddings: Mapping[str, Embedding]
) -> tuple[Guidance, dict[str, str]]:
    """What the UNet is told at each step, and the file hash of every embedding used that has a file.

    `config` has its size and guidance scale filled in. The negative prompt is left out where it has no
    effect: with a scale of 1, unless texts with weights are joined.
    """
    scale = config.guidance_scale or model.default_guidance_scale
    text, _ = take_extra_networks(config.prompt)  # a tag behind a weight would hide it
    is_guided = scale != 1 or [part.weight for part in split_and(text)] != [1.0]
    conditioning = schedule_conditioning(
        model,
        [config.prompt, config.negative_prompt] if is_guided else [config.prompt],
        embeddings,
        steps=config.num_inference_steps,
        clip_skip=config.clip_skip,
    )
    prompt: ScheduledParts = conditioning.prompts[0]
    guidance = Guidance(
        prompt=prompt,
        negative=conditioning.prompts[1] if is_guided else None,
        scale=scale,
        size=(config.width or model.default_size, config.height or model.default_size),
    )
    sources = {name: embeddings[name].source for name in conditioning.used}
    return guidance, {name: short_hash(file) for name, file in sources.items() if file and file.is_file()}
