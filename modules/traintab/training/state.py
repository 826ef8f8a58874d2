"""What changes while training, all of it: enough to go on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch

from ..datasets.batches import BatchOrder
from ..errors import NonFiniteError
from .inputs import TrainingInputs
from .optimizer_memory import OptimizerMemory
from .optimizers import OptimizerChoice
from .vector_average import VectorAverage

__all__ = ["StatePart", "TrainingState", "saved_vectors"]

_AVERAGE = "average"
_MOMENTS = ("exp_avg", "exp_avg_sq")
_ADAMW = OptimizerChoice()


class StatePart(Protocol):
    """Something else that changes while training: a loss scaler, a history, another generator.

    It is saved with the state, goes back with it after a breakdown, and is there again when a run is
    resumed. `state_dict()` is called after every step: make it cheap, and independent of what comes later.
    """

    def state_dict(self) -> dict[str, Any]:
        """Tensors on the CPU, numbers, texts, and lists and dicts of them; nothing else loads again."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()`."""


class TrainingState:
    """The trainable vectors, their optimizer, the randomness, the data order and the step.

    `vectors` maps a text encoder's name to a float32 leaf `[num_vectors, width]` on the training device;
    nothing else is trained. `generator` is on the CPU, so that every device sees the same noise. `step`
    counts completed optimizer updates. `inputs` are what it is trained on, and `lines` holds the template
    line drawn for each picture: a resumed run shows the same prompts, and tells what has changed. `average`
    follows the vectors when one is kept.
    """

    def __init__(
        self,
        vectors: Mapping[str, torch.Tensor],
        *,
        order: BatchOrder,
        generator: torch.Generator,
        step: int = 0,
        device: torch.device | str = "cpu",
        optimizer: OptimizerChoice = _ADAMW,
    ) -> None:
        self.vectors = {
            name: tensor.detach().to(device, torch.float32, copy=True).requires_grad_()
            for name, tensor in vectors.items()
        }
        self.optimizer = optimizer.make(list(self.vectors.values()))
        self._memory = OptimizerMemory(self.optimizer, optimizer.kind)
        self.generator = generator
        self.order = order
        self.step = step
        self.inputs = TrainingInputs()
        self.lines: tuple[str, ...] = ()
        self.average: VectorAverage | None = None
        self._parts: dict[str, StatePart] = {}
        self._unclaimed: dict[str, Mapping[str, Any]] = {}
        self._last_good = self.state_dict()

    def register(self, name: str, part: StatePart) -> None:
        """Make `part` belong to the state; before `load_state_dict` or after it, that is the same.

        Raises ValueError when another part has this name.
        """
        if name in self._parts:
            raise ValueError(f"The training state has a part {name!r} already; give this one another name.")
        self._parts[name] = part
        if name in self._unclaimed:
            part.load_state_dict(self._unclaimed.pop(name))
        self.remember()

    def state_dict(self) -> dict[str, Any]:
        """Copies on the CPU: tensors, whole numbers and texts only, so that it loads without pickled code."""
        return {
            "step": self.step,
            "vectors": self.copied_vectors(),
            "moments": self.copied_moments(),
            "optimizer": self._memory.state_dict(),
            "generator": self.generator.get_state(),
            "order": self.order.state_dict(),
            "inputs": self.inputs.to_state(),
            "lines": list(self.lines),
            "parts": {**self._unclaimed, **{name: part.state_dict() for name, part in self._parts.items()}},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict()` with vectors of the same shape.

        A part that it knows nothing of stays as it is; what it holds of a part that isn't registered yet, or
        is switched off this time, waits for it and is saved on.
        """
        self.step = state["step"]
        self.generator.set_state(state["generator"])
        self.order.load_state_dict(state["order"])
        self.inputs, self.lines = TrainingInputs.from_state(state), tuple(state["lines"])
        kept = dict(state.get("parts", {}))
        for name, part in self._parts.items():
            if name in kept:
                part.load_state_dict(kept.pop(name))
        if self.average is None:
            kept.pop(_AVERAGE, None)  # it would stand still from here on, and is worth nothing later
        self._unclaimed = kept
        self._memory.load_state_dict(state.get("optimizer", {}))
        with torch.no_grad():
            for name, tensor in self.vectors.items():
                tensor.copy_(state["vectors"][name])
                self._restore_moments(tensor, state["moments"][name])
        self.remember()

    def copied_vectors(self) -> dict[str, torch.Tensor]:
        """The vectors as they are now: float32 copies on the CPU."""
        return {name: tensor.detach().to("cpu", copy=True) for name, tensor in self.vectors.items()}

    @property
    def result(self) -> Mapping[str, torch.Tensor]:
        """What is saved, drawn with and evaluated: the average where one is kept, else the vectors."""
        return self.vectors if self.average is None else self.average.vectors

    def copied_result(self) -> dict[str, torch.Tensor]:
        """The result as it is now: float32 copies on the CPU."""
        return {name: tensor.detach().to("cpu", copy=True) for name, tensor in self.result.items()}

    def keep_average(self, decay: float) -> None:
        """Let an average follow the vectors from here on.

        `load_state_dict`, called after this, brings it to where a resumed run had it.
        """
        self.average = VectorAverage(self.vectors, decay)
        self.register(_AVERAGE, self.average)

    @property
    def is_plain_adamw(self) -> bool:
        """Whether the optimizer's memory is what A1111 keeps beside an embedding."""
        return self._memory.is_plain_adamw

    def effective_rate(self, learning_rate: float) -> float:
        """The rate that the optimizer makes of the one it is given: Prodigy finds its own."""
        return learning_rate * self._memory.factor

    def goes_on_with(self, state: Mapping[str, Any]) -> bool:
        """Whether this optimizer can use what one remembered in a `state_dict()`; else it begins anew."""
        return self._memory.fits(state.get("optimizer", {}))

    def copied_moments(self) -> dict[str, dict[str, Any]]:
        """AdamW's memory by text encoder, as `adopt_moments` takes it: copies, empty before any update.

        Other optimizers have none that A1111, or AdamW, could go on with.
        """
        return {name: self._moments_of(tensor) for name, tensor in self.vectors.items()}

    def adopt_moments(self, encoder: str, moments: Mapping[str, Any]) -> None:
        """Take over AdamW's memory: `updates`, and `exp_avg` and `exp_avg_sq` of the vectors' shape.

        Another optimizer begins without one.
        """
        self._restore_moments(self.vectors[encoder], moments)
        self.remember()

    def check_finite(self) -> None:
        """Raise NonFiniteError when a vector holds NaN or infinity: such vectors are never saved."""
        if not all(bool(torch.isfinite(tensor).all()) for tensor in self.vectors.values()):
            raise NonFiniteError(
                f"Training broke down by step {self.step}: the vectors hold values that are no numbers. The"
                " last good ones are kept; lower the learning rate or switch gradient clipping on."
            )

    def remember(self) -> Mapping[str, Any]:
        """Take what is there now for good: the loss was looked at, and a step has just been completed.

        Returns that state, only to be read: what is saved is remembered, so that a failure goes back no
        further.
        """
        self._last_good = self.state_dict()
        return self._last_good

    def return_to_last_good(self) -> None:
        """Undo everything since `remember()`: half a step, or steps with vectors gone bad."""
        self.load_state_dict(self._last_good)

    def _moments_of(self, tensor: torch.Tensor) -> dict[str, Any]:
        """AdamW's moving averages; empty before the first update."""
        kept = self.optimizer.state.get(tensor)
        if not kept or not self.is_plain_adamw:
            return {}
        moments: dict[str, Any] = {key: kept[key].detach().to("cpu", copy=True) for key in _MOMENTS}
        return {"updates": int(kept["step"]), **moments}

    def _restore_moments(self, tensor: torch.Tensor, moments: Mapping[str, Any]) -> None:
        if moments and self.is_plain_adamw:
            self.optimizer.state[tensor] = {
                "step": torch.tensor(
                    float(moments["updates"]), device=self._memory.count_device(tensor.device)
                ),
                **{key: moments[key].to(tensor.device, copy=True) for key in _MOMENTS},
            }


def saved_vectors(state: Mapping[str, Any]) -> Mapping[str, torch.Tensor]:
    """What was saved as the embedding with a `state_dict()`: float32 `[rows, width]` by text encoder."""
    average = state.get("parts", {}).get(_AVERAGE)
    vectors: Mapping[str, torch.Tensor] = state["vectors"] if average is None else average["vectors"]
    return vectors
