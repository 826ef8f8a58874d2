"""Facts in the metadata of a safetensors file: the fields of the `modelspec` standard that we write too."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date

from ...embedding import Embedding
from ..untrusted import clean_count, clean_text
from .parsed import Parsed

__all__ = ["read_metadata", "write_metadata"]

_ARCHITECTURES = {
    ("clip_l", 768): "stable-diffusion-v1",
    ("clip_h", 1024): "stable-diffusion-v2-512",
    ("clip_g", 1280): "stable-diffusion-xl-v1-base",
}


def read_metadata(metadata: Mapping[str, str], parsed: Parsed) -> Parsed:
    """`parsed` with the step, the model and the trigger phrase that the metadata tells."""
    return dataclasses.replace(
        parsed,
        step=clean_count(metadata.get("modelspec.steps") or metadata.get("step")),
        sd_checkpoint=clean_text(metadata.get("sd_checkpoint")),
        sd_checkpoint_name=clean_text(metadata.get("sd_checkpoint_name")),
        inner_name=parsed.inner_name
        or clean_text(metadata.get("modelspec.trigger_phrase") or metadata.get("modelspec.title")),
    )


def write_metadata(embedding: Embedding, today: date) -> dict[str, str]:
    """Metadata by the `modelspec` standard, which kohya's tools and web UIs show, and A1111's own words."""
    widths = embedding.widths
    last = list(widths.items())[-1]
    fields = {
        "format": "pt",
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.architecture": f"{_ARCHITECTURES.get(last, f'custom-{last[1]}')}/textual-inversion",
        "modelspec.title": embedding.name,
        "modelspec.trigger_phrase": embedding.name,
        "modelspec.date": today.isoformat(),
        "modelspec.steps": "" if embedding.step is None else str(embedding.step),
        "sd_checkpoint": embedding.sd_checkpoint or "",
        "sd_checkpoint_name": embedding.sd_checkpoint_name or "",
    }
    return {key: value for key, value in fields.items() if value}
