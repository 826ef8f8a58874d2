"""The model while it is trained on: what makes room for the steps, and is undone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..configs import TrainingConfig
from ..models.checkpointing import set_checkpointing
from ..models.determinism import deterministic
from ..models.kept_memory import memory_kept
from ..models.memory import in_ram
from ..models.model import Model
from ..models.parking import parked

__all__ = ["memory_settings"]


@contextmanager
def memory_settings(config: TrainingConfig, model: Model, cache_dir: Path) -> Iterator[None]:
    """Free what no step needs for the length of the block; the model is as before at its end.

    The VAE has seen all pictures: on a card it waits in main memory if that is wanted, and on the processor
    on the disk, in `cache_dir`, because there main memory is all there is. Whatever draws has it back for
    the while. The text encoders stay: every step goes through them. What a step frees the next one uses.
    """
    with ExitStack() as stack:
        stack.enter_context(memory_kept(model.device))
        if config.memory.deterministic:
            stack.enter_context(deterministic(model.device))
        if config.optimization.move_to_ram:
            stack.enter_context(in_ram(model.vae))
        if model.device.type == "cpu":
            stack.enter_context(parked(model.vae, cache_dir))
        set_checkpointing(model.unet, config.memory.gradient_checkpointing == "on")
        stack.callback(set_checkpointing, model.unet, False)
        yield
