"""Which places of a picture count in the loss."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["LOSS_MASKS", "MasksConfig"]

LOSS_MASKS = ("off", "alpha", "files")


@dataclass(frozen=True, kw_only=True)
class MasksConfig:
    """Masks as loss weights: what is white or opaque is learned, what is black or transparent isn't."""

    loss_mask: str = option(
        "off",
        "Loss mask",
        "Learn only a part of each picture. alpha: what isn't transparent; files: what is white in"
        " NAME-masklabel.png beside the picture, or in a folder mask. Good against busy backgrounds.",
        choices=LOSS_MASKS,
        elem_id="train_loss_mask",
    )
    unmasked_weight: float = option(
        0.0,
        "Weight outside the mask",
        "How much the rest of the picture counts. 0: not at all; 0.1 keeps a subject in its surroundings.",
        minimum=0.0,
        maximum=1.0,
        step=0.05,
        elem_id="train_unmasked_weight",
    )
