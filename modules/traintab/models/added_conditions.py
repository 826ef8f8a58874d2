"""What SDXL's UNet is told beside the prompt's tokens."""

from __future__ import annotations

from dataclasses import dataclass

import torch

__all__ = ["NUM_TIME_IDS", "AddedConditions"]

NUM_TIME_IDS = 6
"""Numbers that SDXL's UNet is told of the picture's size."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AddedConditions:
    """`text_embeds` `[b, 1280]` of whole prompts (the pooled output of the second text encoder) and
    `time_ids` `[b, 6]`: original height and width, the crop's top and left, target height and width, in
    pixels. Any dtype and device; `Model.predict` casts and moves them.
    """

    text_embeds: torch.Tensor
    time_ids: torch.Tensor
