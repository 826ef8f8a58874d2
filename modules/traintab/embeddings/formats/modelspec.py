"""Metadata of the safetensors files we write: the `modelspec` standard, which trainers and web UIs show.

Standard: Stability-AI/ModelSpec. `modelspec.steps` and A1111's words `sd_checkpoint` are additions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from ..embedding import Embedding

__all__ = ["modelspec_metadata"]


@dataclass(frozen=True)
class _Architecture:
    """A family of models; its resolution and prediction type where all its models share them."""

    name: str
    resolution: str = ""
    prediction_type: str = ""


# Keyed by the last text encoder and its width. SD2 has models of 512 px predicting noise and of 768 px
# predicting velocity, which vectors can't tell.
_ARCHITECTURES = MappingProxyType(
    {
        ("clip_l", 768): _Architecture("stable-diffusion-v1", "512x512", "epsilon"),
        ("clip_h", 1024): _Architecture("stable-diffusion-v2-512"),
        ("clip_g", 1280): _Architecture("stable-diffusion-xl-v1-base", "1024x1024", "epsilon"),
    }
)


def modelspec_metadata(
    embedding: Embedding, today: date, known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Title, trigger phrase, comment, date, base model with hash, steps, resolution and prediction type.

    What isn't known is left out. `known` holds further fields, or better values for these, by their full
    keys: `{"modelspec.resolution": "768x768"}`.
    """
    last = max(embedding.widths.items(), key=lambda item: item[1])
    architecture = _ARCHITECTURES.get(last, _Architecture(f"custom-{last[1]}"))
    fields = {
        "format": "pt",
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.architecture": f"{architecture.name}/textual-inversion",
        "modelspec.title": embedding.name,
        "modelspec.trigger_phrase": embedding.name,
        "modelspec.description": embedding.comment or "",
        "modelspec.date": today.isoformat(),
        "modelspec.resolution": architecture.resolution,
        "modelspec.prediction_type": architecture.prediction_type,
        "modelspec.steps": "" if embedding.step is None else str(embedding.step),
        "sd_checkpoint": embedding.sd_checkpoint or "",
        "sd_checkpoint_name": embedding.sd_checkpoint_name or "",
        **(known or {}),
    }
    return {key: value for key, value in fields.items() if value}
