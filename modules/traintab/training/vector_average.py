"""The running average of the vectors (EMA): what they come to, without the last steps' back and forth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

__all__ = ["VectorAverage"]


class VectorAverage:
    """Follows the trained vectors: each update keeps `decay` of the average and takes the rest from them.

    The first updates take more, so that the start doesn't weigh for hundreds of steps: of update n at most
    `(1 + n) / (10 + n)` is kept, as in diffusers' and TensorFlow's moving averages. `vectors` maps a text
    encoder's name to float32 `[num_vectors, width]` on the device of those that are followed.
    """

    def __init__(self, vectors: Mapping[str, torch.Tensor], decay: float) -> None:
        self.vectors = {name: tensor.detach().clone() for name, tensor in vectors.items()}
        self._decay = decay
        self._updates = 0

    @torch.no_grad()
    def update(self, vectors: Mapping[str, torch.Tensor]) -> None:
        """Take in the vectors as they are after a step."""
        self._updates += 1
        decay = min(self._decay, (1 + self._updates) / (10 + self._updates))
        for name, tensor in self.vectors.items():
            tensor.lerp_(vectors[name].detach(), 1 - decay)

    def state_dict(self) -> dict[str, Any]:
        """The average so far and how many updates are in it: copies on the CPU."""
        vectors = {name: tensor.to("cpu", copy=True) for name, tensor in self.vectors.items()}
        return {"updates": self._updates, "vectors": vectors}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()`."""
        self._updates = int(state["updates"])
        for name, tensor in self.vectors.items():
            tensor.copy_(state["vectors"][name])
