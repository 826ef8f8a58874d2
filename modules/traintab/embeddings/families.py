"""Which models embeddings are for, told by the widths of their vectors."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["model_family", "spoken_widths"]

_FAMILIES = (
    ({"clip_l": 768}, "Stable Diffusion 1"),
    ({"clip_h": 1024}, "Stable Diffusion 2"),
    ({"clip_l": 768, "clip_g": 1280}, "SDXL"),
    ({"clip_g": 1280}, "the second half of SDXL"),
)


def model_family(widths: Mapping[str, int]) -> str:
    """`SDXL` and the like for the widths by text encoder; the widths themselves when no family is known."""
    return next((family for known, family in _FAMILIES if dict(widths) == known), spoken_widths(widths))


def spoken_widths(widths: Mapping[str, int]) -> str:
    """`768 (clip_l) and 1280 (clip_g)`"""
    return " and ".join(f"{width} ({encoder})" for encoder, width in widths.items())
