"""How a training uses the device's memory, and how exact it is there."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["CHECKPOINTING_CHOICES", "PRECISION_CHOICES", "MemoryConfig"]

PRECISION_CHOICES = ("auto", "fp32", "bf16", "fp16")
CHECKPOINTING_CHOICES = ("auto", "on", "off")


@dataclass(frozen=True, kw_only=True)
class MemoryConfig:
    """What memory is spent on while training. The vectors and their optimizer are float32 always."""

    precision: str = option(
        "auto",
        "Precision",
        "The number format of the model's frozen weights: auto is what suits the device, bf16 takes half the"
        " memory of fp32, fp16 is for cards without bf16. The vectors are fp32 always.",
        choices=PRECISION_CHOICES,
        elem_id="train_precision",
    )
    gradient_checkpointing: str = option(
        "auto",
        "Gradient checkpointing",
        "Computes parts of the model twice instead of keeping them: less memory, slower steps. auto: only"
        " where the memory wouldn't be enough.",
        choices=CHECKPOINTING_CHOICES,
        elem_id="train_gradient_checkpointing",
    )
    deterministic: bool = option(
        False,
        "Deterministic on graphics cards",
        "The same vectors to the last bit each time, also after a resume; a little slower. The processor is"
        " so always.",
        elem_id="train_deterministic",
    )
