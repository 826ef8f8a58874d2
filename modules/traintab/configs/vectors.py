"""Which vectors a training makes, and how they are read and averaged."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["VectorsConfig"]


@dataclass(frozen=True, kw_only=True)
class VectorsConfig:
    """Embeddings trained together, the text encoder's layers, and the average that is saved."""

    more_embeddings: str = option(
        "",
        "More embeddings",
        "Others to train in the same run, with commas between: each learns where its name stands in a caption"
        " or template. [name] is the first one.",
        elem_id="train_more_embeddings",
    )
    clip_skip: int = option(
        1,
        "Clip skip",
        "Leaves out the text encoder's last layers: 1 for photos, 2 for most anime models. Draw with the same"
        " number later. SD1 only.",
        minimum=1,
        maximum=12,
        step=1,
        elem_id="train_clip_skip",
    )
    ema_decay: float = option(
        0.0,
        "Average of the vectors (EMA)",
        "Saves, draws and evaluates a running average of the vectors, which is calmer: 0.95 to 0.99 for some"
        " hundred steps, 0.999 for thousands; too near to 1 lags behind. 0: off.",
        minimum=0.0,
        maximum=0.9999,
        step=0.0001,
        elem_id="train_ema_decay",
    )
