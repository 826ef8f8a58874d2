"""What SDXL's UNet is told beside the prompt's tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

__all__ = ["AddedConditions"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AddedConditions:
    """`text_embeds` `[b, 1280]` of whole prompts (the pooled output of the second text encoder) and
    `time_ids` `[b, 6]`: original height and width, the crop's top and left, target height and width, in
    pixels. Any dtype and device; `Model.predict` casts and moves them.
    """

    text_embeds: torch.Tensor
    time_ids: torch.Tensor

    @classmethod
    def cat(cls, parts: Sequence[AddedConditions]) -> AddedConditions:
        """The batches one after the other, as `torch.cat` does with the latents that they belong to."""
        return cls(
            text_embeds=torch.cat([part.text_embeds for part in parts]),
            time_ids=torch.cat([part.time_ids for part in parts]),
        )
