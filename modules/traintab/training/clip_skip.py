"""Which of its last layers a text encoder leaves out while training: checked, and told where it can't."""

from __future__ import annotations

from ..models.model import Model

__all__ = ["check_clip_skip", "clip_skip_told"]


def check_clip_skip(clip_skip: int, model: Model) -> None:
    """Raise ConfigError when the model's text encoder hasn't that many layers."""
    for encoder in model.text_encoders:
        encoder.check_clip_skip(clip_skip)


def clip_skip_told(clip_skip: int, model: Model) -> str:
    """That a clip skip above 1 changes nothing for this model; empty where it does."""
    if clip_skip == 1 or any(encoder.output_layer.obeys_clip_skip for encoder in model.text_encoders):
        return ""
    return (
        f"Clip skip {clip_skip} changes nothing here: {model.name} always gives out the layer it was made"
        " with, in training and in drawing, as in the web UI."
    )
