"""Gradient checkpointing where the memory would not be enough without it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence

import torch

from ..models.checkpointing import TooMuchKept, kept_within, set_checkpointing
from ..models.memory import MemoryUse, free_cached_memory, is_memory_shortage, memory_use
from ..models.memory_advice import in_gib
from ..models.model import Model
from .session import BatchLoss
from .state import TrainingState

__all__ = ["MemoryProbe"]

# The rest is for the gradients on their way back, and for what others take meanwhile.
_SHARE_TO_KEEP = 0.8

Look = Callable[[torch.device], MemoryUse | None]


class MemoryProbe:
    """A loss that watches its own first pass, and goes over to checkpointing when that keeps too much.

    The first pass is given up as soon as what it keeps for the gradient exceeds four fifths of the memory
    that is free, before that runs out, and is done again with checkpointing and the same random numbers. The
    pass that fits has cost nothing. The result is the same to the last bit either way. `notices` is told.
    Where pictures are in `groups` by their sizes, the first pass of each is watched, and later ones with more
    pictures: the last batch of a size may be small.
    """

    def __init__(
        self,
        loss: BatchLoss,
        model: Model,
        notices: deque[str],
        *,
        groups: Sequence[int] = (),
        look: Look = memory_use,
    ) -> None:
        self._loss = loss
        self._model = model
        self._notices = notices
        self._look = look
        self._groups = groups
        self._fitting: dict[int, int] = {}
        self._is_checkpointed = False

    def __call__(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        """What the loss gives."""
        group = self._groups[pictures[0]] if self._groups else 0
        if self._is_checkpointed or len(pictures) <= self._fitting.get(group, 0):
            return self._loss(pictures, state)
        generator = state.generator.get_state()
        result = self._tried(pictures, state)
        if result is not None:
            self._fitting[group] = len(pictures)
            return result
        self._is_checkpointed = True
        state.generator.set_state(generator)
        free_cached_memory()
        set_checkpointing(self._model.unet, True)
        return self._loss(pictures, state)

    def _tried(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str] | None:
        """The result, or None when it takes too much memory."""
        memory = self._look(self._model.device)
        limit = math.inf if memory is None else _SHARE_TO_KEEP * memory.available
        weights = [w for e in self._model.text_encoders for w in e.module.parameters()]
        try:
            with kept_within(limit, [*weights, *self._model.unet.parameters()]):
                return self._loss(pictures, state)
        except TooMuchKept as error:
            self._tell(f"a step keeps more than {in_gib(error.kept)} for its gradient", memory)
        except (RuntimeError, MemoryError) as error:
            if not is_memory_shortage(error):
                raise
            self._tell("a step ran out of memory", memory)
        return None

    def _tell(self, reason: str, memory: MemoryUse | None) -> None:
        free = "" if memory is None else f", and {in_gib(memory.available)} are free"
        self._notices.append(
            f"Gradient checkpointing is on: {reason}{free}. Steps take longer; smaller pictures or batches"
            " wouldn't need it."
        )
