"""How a training learns its vectors."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["OptimizationConfig"]


@dataclass(frozen=True, kw_only=True)
class OptimizationConfig:
    """How the vectors are learned."""

    steps: int = option(
        1000,
        "Max steps",
        "Training ends when the embedding has seen this many steps in all.",
        unit="steps",
        minimum=1,
        maximum=10_000_000,
        step=1,
        elem_id="train_steps",
    )
    learning_rate: str = option(
        "0.005",
        "Embedding Learning rate",
        "One rate, or a schedule: 0.005:100, 1e-3:1000, 1e-5. Too high breaks it, too low learns nothing.",
        elem_id="train_embedding_learn_rate",
        required=True,
    )
    batch_size: int = option(
        4,
        "Batch size",
        "Pictures in one pass; more is steadier and takes more memory. The web UI's own default is 1.",
        minimum=1,
        maximum=1024,
        step=1,
        elem_id="train_batch_size",
    )
    gradient_accumulation_steps: int = option(
        1,
        "Gradient accumulation steps",
        "Passes before each update: a larger batch without the memory.",
        minimum=1,
        maximum=1024,
        step=1,
        elem_id="train_gradient_step",
    )
    clip_grad_mode: str = option(
        "disabled",
        "Gradient Clipping",
        "Bound the gradient by value or by norm.",
        choices=("disabled", "value", "norm"),
        elem_id="train_clip_grad_mode",
    )
    clip_grad_value: str = option(
        "0.1",
        "Gradient clip value",
        "The bound, or a schedule of bounds.",
        elem_id="train_clip_grad_value",
        required=True,
    )
    move_to_ram: bool = option(
        False,
        "Move VAE and text encoder to RAM",
        "The VAE waits in main memory while training, which frees video memory; previews take a little"
        " longer. The text encoder stays: every step goes through it.",
        elem_id="train_move_to_ram",
    )
