"""Gradients of float16 models, kept from vanishing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

__all__ = ["LossScaler"]

_FIRST_SCALE = 2.0**16
_LEAST_SCALE = 1.0
# float32 holds the scaled loss far beyond this; no gradient needs more.
_LARGEST_SCALE = 2.0**24
_UPDATES_BEFORE_GROWTH = 500


class LossScaler:
    """What the loss is multiplied by before the backward pass, found out while training; part of the state.

    float16 has no numbers below 6e-8, and the gradients of a UNet are smaller. Their sum would be infinite
    with too large a scale: then the update is skipped and tried again at half the scale, and after 500
    updates without that the scale is doubled. Scales are powers of two, so that dividing by them loses
    nothing. The rule is that of Micikevicius et al. 2018, "Mixed Precision Training".
    """

    def __init__(self, scale: float = _FIRST_SCALE) -> None:
        self.scale = scale
        self.skipped = 0
        self._updates = 0

    @property
    def is_lowest(self) -> bool:
        """Whether a gradient that is infinite now is so without any scale."""
        return self.scale <= _LEAST_SCALE

    def unscale(self, gradients: Iterable[torch.Tensor]) -> None:
        """Divide by the scale in place."""
        for gradient in gradients:
            gradient.div_(self.scale)

    def skip(self) -> None:
        """An update was skipped, because its gradient wasn't finite."""
        self.skipped += 1
        self.scale = max(self.scale / 2, _LEAST_SCALE)
        self._updates = 0

    def count_update(self) -> None:
        """An update was made."""
        self._updates += 1
        if self._updates == _UPDATES_BEFORE_GROWTH:
            self.scale = min(self.scale * 2, _LARGEST_SCALE)
            self._updates = 0

    def state_dict(self) -> dict[str, Any]:
        """Scale, updates since it changed, and updates skipped in all."""
        return {"scale": self.scale, "updates": self._updates, "skipped": self.skipped}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()`."""
        self.scale, self.skipped = float(state["scale"]), int(state["skipped"])
        self._updates = int(state["updates"])
