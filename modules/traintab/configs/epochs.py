"""Counting in epochs instead of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .option import option

__all__ = ["IN_STEPS", "EpochsConfig", "counted_in_steps"]

# The setting in epochs, and the setting in steps whose place it takes.
IN_STEPS: Mapping[str, str] = MappingProxyType(
    {"max_epochs": "steps", "save_every_epochs": "save_every", "preview_every_epochs": "preview_every"}
)


def counted_in_steps(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by their names with epochs switched off where steps are given: who types `--steps 500`
    for a run that counted in epochs means them.
    """
    given = {name.rpartition(".")[2] for name in values}
    off = {epochs: 0 for epochs, steps in IN_STEPS.items() if steps in given}
    return {**off, **values}


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
