"""What an optimizer remembers, as plain tensors and numbers, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

__all__ = ["OptimizerMemory"]

# What Prodigy finds out is no setting, though it stands among them.
_LEARNED = ("d", "d0", "d_max", "d_hat", "d_numerator", "d_denom", "k")


class OptimizerMemory:
    """The memory of one optimizer, whose tensors are the vectors of a training.

    `kind` names whose memory it is: what another one remembered is of no use to this one. Plain AdamW's is
    the two moments that A1111 knows, and isn't kept here (`TrainingState.copied_moments`).
    """

    def __init__(self, optimizer: torch.optim.Optimizer, kind: str) -> None:
        self._optimizer = optimizer
        self._kind = kind
        self._first = self._learned()

    @property
    def is_plain_adamw(self) -> bool:
        """Whether two moments and a count are all there is to remember."""
        is_adamw = type(self._optimizer) is torch.optim.AdamW
        return is_adamw and not self._optimizer.defaults["amsgrad"]

    @property
    def factor(self) -> float:
        """What the optimizer multiplies the learning rate by: what Prodigy has found, 1 for the others."""
        return float(self._optimizer.param_groups[0].get("d", 1.0))

    def state_dict(self) -> dict[str, Any]:
        """Copies on the CPU: tensors, numbers, and lists and dicts of them; empty for plain AdamW."""
        if self.is_plain_adamw:
            return {}
        tensors = [self._optimizer.state.get(tensor, {}) for tensor in self._tensors()]
        return {"kind": self._kind, "tensors": _copied(tensors), "groups": _copied(self._learned())}

    def fits(self, state: Mapping[str, Any]) -> bool:
        """Whether a `state_dict()` is of the same kind of optimizer."""
        return not state if self.is_plain_adamw else state.get("kind") == self._kind

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()`; begin anew when that is of another optimizer."""
        self._optimizer.state.clear()
        is_ours = bool(state) and self.fits(state)
        groups = state["groups"] if is_ours else self._first
        for group, learned in zip(self._optimizer.param_groups, groups, strict=True):
            group.update(_copied(learned))
        if is_ours:
            for tensor, kept in zip(self._tensors(), state["tensors"], strict=True):
                if kept:
                    self._optimizer.state[tensor] = self._placed(kept, tensor.device)

    def count_device(self, vectors: torch.device) -> torch.device:
        """Where torch's optimizers count their steps: on the CPU, unless the count is read on the card."""
        defaults = self._optimizer.defaults
        is_beside = bool(defaults.get("fused") or defaults.get("capturable"))
        return vectors if is_beside else torch.device("cpu")

    def _placed(self, kept: Mapping[str, Any], device: torch.device) -> dict[str, Any]:
        """Copies where the vectors are, and a count of steps where it belongs."""
        copies: dict[str, Any] = _copied(kept)
        return {
            key: value.to(self.count_device(device) if key == "step" else device)
            if isinstance(value, torch.Tensor)
            else value
            for key, value in copies.items()
        }

    def _tensors(self) -> list[torch.Tensor]:
        return [tensor for group in self._optimizer.param_groups for tensor in group["params"]]

    def _learned(self) -> list[dict[str, Any]]:
        groups = self._optimizer.param_groups
        return [{key: group[key] for key in _LEARNED if key in group} for group in groups]


def _copied(tree: Any) -> Any:
    if isinstance(tree, torch.Tensor):
        return tree.detach().to("cpu", copy=True)
    if isinstance(tree, Mapping):
        return {key: _copied(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_copied(value) for value in tree]
    return tree
