"""Counting in epochs instead of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .option import option

__all__ = ["EpochsConfig"]


def _epochs(label: str, help: str, *, elem_id: str) -> Any:
    return option(0, label, help, unit="epochs", minimum=0, maximum=1_000_000, step=1, elem_id=elem_id)


@dataclass(frozen=True, kw_only=True)
class EpochsConfig:
    """An epoch shows every picture once, or as often as its folder says; 0 counts in steps."""

    max_epochs: int = _epochs(
        "Max epochs, 0 for Max steps",
        "Ends after so many rounds of all pictures, in place of Max steps: 50 to 200 for 10 to 30 pictures."
        " The same number takes longer with more pictures.",
        elem_id="train_max_epochs",
    )
    save_every_epochs: int = _epochs(
        "Save a copy of embedding every N epochs, 0 for steps",
        "Takes the place of every N steps; 10 epochs of 20 pictures are 50 steps with batches of 4.",
        elem_id="train_save_every_epochs",
    )
    preview_every_epochs: int = _epochs(
        "Save an image every N epochs, 0 for steps",
        "Takes the place of every N steps. Each image costs as much time as some steps.",
        elem_id="train_preview_every_epochs",
    )
