"""How far from words the vectors may go: the limits beside the loss.

Textual inversion drives vectors to lengths that no word has; then they drown the other words of a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch

from ..configs import TechniquesConfig
from ..models.model import Model
from .state import TrainingState

__all__ = ["KeepNorm", "NormControl", "PullToStart", "norm_control_of"]

_SHARE_OF_THE_WAY = 0.01


class NormControl(Protocol):
    """Corrects the vectors after an update."""

    def apply(self, vectors: Mapping[str, torch.Tensor]) -> None:
        """Change the float32 leaves `[num_vectors, width]` (by text encoder) in place."""


class KeepNorm:
    """Each vector is as long as a word's usually is; `norms` are these lengths by text encoder."""

    def __init__(self, norms: Mapping[str, float]) -> None:
        self._norms = dict(norms)

    @torch.no_grad()
    def apply(self, vectors: Mapping[str, torch.Tensor]) -> None:
        """Scale every vector to its text encoder's length; one of zeros has no direction and stays."""
        for name, tensor in vectors.items():
            lengths = tensor.norm(dim=1, keepdim=True)
            tensor.mul_(torch.where(lengths > 0, self._norms[name] / lengths, 1.0))


class PullToStart:
    """Each vector goes a hundredth of the way back to where its training began.

    What it began with belongs to the training state, so that a resumed run is drawn to the same place.
    """

    def __init__(self, start: Mapping[str, torch.Tensor], share: float = _SHARE_OF_THE_WAY) -> None:
        self._start = {name: tensor.detach().clone() for name, tensor in start.items()}
        self._share = share

    @torch.no_grad()
    def apply(self, vectors: Mapping[str, torch.Tensor]) -> None:
        """Move every vector towards its start."""
        for name, tensor in vectors.items():
            tensor.lerp_(self._start[name], self._share)

    def state_dict(self) -> dict[str, Any]:
        """Where the vectors began, by text encoder."""
        return {name: tensor.cpu() for name, tensor in self._start.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be drawn to where an earlier part of the run began."""
        self._start = {name: state[name].to(tensor.device) for name, tensor in self._start.items()}


def norm_control_of(techniques: TechniquesConfig, model: Model, state: TrainingState) -> NormControl | None:
    """What the settings ask for, made part of `state` where it has to remember something."""
    if techniques.norm_control == "vocabulary":
        tables = {encoder.name: encoder.embedding_layer.weight for encoder in model.text_encoders}
        return KeepNorm({name: _median_norm(table) for name, table in tables.items()})
    if techniques.norm_control == "start":
        pull = PullToStart(state.vectors)
        state.register("norm_control", pull)
        return pull
    return None


def _median_norm(table: torch.Tensor) -> float:
    """The usual length of a word's vector in a token table `[vocabulary, width]`."""
    return float(table.detach().float().norm(dim=1).median())
