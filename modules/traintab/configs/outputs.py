"""What a training writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .option import option

__all__ = ["SAVE_PRECISION_CHOICES", "OutputsConfig"]

SAVE_PRECISION_CHOICES = ("fp32", "fp16", "bf16")


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
    save_precision: str = option(
        "fp32",
        "Save precision",
        "The number format of the embedding's file and its copies: fp32 keeps every bit; fp16 and bf16 halve"
        " the file and round it, bf16 to 3 digits, whose .pt older web UIs refuse. Resume has fp32 always.",
        choices=SAVE_PRECISION_CHOICES,
        elem_id="train_save_precision",
    )
    comment: str = option(
        "",
        "Comment",
        "A note for whoever gets the file: how to prompt it, what it was trained on. It is written into the"
        " embedding as its description.",
        elem_id="train_comment",
    )
    keep_last: int = option(
        0,
        "Keep only the last N copies, 0 to keep all",
        "Saves disk space in long runs, 5 is typical; what is removed can't be gone back to. The best step"
        " and what Save now saved stay.",
        unit="copies",
        minimum=0,
        maximum=10_000,
        step=1,
        elem_id="train_keep_last",
    )
    keep_every: int = option(
        0,
        "Of older copies keep every K-th, 0 for none",
        "With 4, copies saved every 500 steps stay at 2000, 4000 and so on. Counts where only the last N are"
        " kept.",
        unit="copies",
        minimum=0,
        maximum=10_000,
        step=1,
        elem_id="train_keep_every",
    )
    tensorboard: bool = option(
        False,
        "Enable TensorBoard logging",
        "Loss, learning rate, evaluations, norm and previews for TensorBoard, in the run's folder"
        " tensorboard. It needs the package tensorboard.",
        elem_id="train_tensorboard",
    )

    def contradictions(self) -> Iterator[ConfigError]:
        """What is asked of older copies says nothing as long as all are kept."""
        if self.keep_every and not self.keep_last:
            yield ConfigError(
                f"Of older copies keep every K-th is {self.keep_every}, but all copies are kept; say how many"
                " of the last to keep, or set it to 0.",
                field="keep_every",
            )
