"""What every schema finds in a file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import torch

__all__ = ["EmbeddingFormat", "Parsed", "encoder_of_width"]

_ENCODERS_BY_WIDTH = ((1024, "clip_h"), (1280, "clip_g"), (4096, "t5"))


class EmbeddingFormat(str, Enum):
    """How an embedding is laid out in a file; the values are what the command line says."""

    WEBUI = "webui"
    EMB_PARAMS = "emb_params"
    EMP_PARAMS = "emp_params"
    ENCODERS = "clip_l+clip_g"
    TEXT_ENCODERS = "text_encoders"
    DIFFUSERS = "diffusers"
    BUNDLE = "bundle_emb"
    CARD = "card"


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """Checked vectors by text encoder, float32 `[num_vectors, width]`, and cleaned texts of a stranger."""

    format: EmbeddingFormat
    vectors: dict[str, torch.Tensor]
    step: int | None = None
    sd_checkpoint: str | None = None
    sd_checkpoint_name: str | None = None
    inner_name: str | None = None
    comment: str | None = None


def encoder_of_width(width: int) -> str:
    """The text encoder that a lone tensor of this width belongs to, by the models there are.

    1024 is SD2's `clip_h`, 1280 SDXL's second `clip_g`, 4096 a `t5`; 768 and every other width, such as the
    demo model's 128, is a model with the one text encoder `clip_l`. Whether it fits is decided against the
    model, by name and width (`Embedding.fits`).
    """
    return dict(_ENCODERS_BY_WIDTH).get(width, "clip_l")
