"""What a training writes."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["OutputsConfig"]


@dataclass(frozen=True, kw_only=True)
class OutputsConfig:
    """What is written while training."""

    save_every: int = option(
        500,
        "Save a copy of embedding to log directory every N steps, 0 to disable",
        "Copies to go back to; the state to resume from is saved as often.",
        unit="steps",
        minimum=0,
        maximum=10_000_000,
        step=1,
        elem_id="train_save_embedding_every",
    )
    save_image_with_stored_embedding: bool = option(
        True,
        "Save images with embedding in PNG chunks",
        "Pictures that are embeddings themselves, to show and to share.",
        elem_id="train_save_image_with_stored_embedding",
    )
    save_optimizer_state: bool = option(
        False,
        "Save Optimizer state as separate *.optim file",
        "What the optimizer remembers, beside each .pt: A1111 and a later training go on with it. It is found"
        " there whether this is on or off.",
        elem_id="train_save_optimizer_state",
    )
    write_csv_every: int = option(
        10,
        "Save a loss row to the CSV file every N steps, 0 to disable",
        "The loss, step by step, for a spreadsheet.",
        unit="steps",
        minimum=0,
        maximum=10_000_000,
        step=1,
        elem_id="training_write_csv_every",
    )
