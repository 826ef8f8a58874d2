"""What to lower when a training runs out of memory."""

from __future__ import annotations

from ..configs import TrainingConfig
from ..models.memory_advice import Shortage, smaller_pictures

__all__ = ["less_to_encode", "less_to_train"]


def less_to_train(config: TrainingConfig, shortage: Shortage) -> str:
    """For a run that has begun; `config` has its width and height filled in."""
    smaller = smaller_pictures(
        width=config.dataset.width or 0,
        height=config.dataset.height or 0,
        batch_size=config.optimization.batch_size,
        fits=shortage.fits,
    )
    remedies = [smaller]
    if config.pictures.resize_mode == "none":
        remedies.insert(0, "choose Resize mode buckets, because the largest picture decides")
    if len(config.pictures.resolution_sides) > 1:
        remedies.insert(0, "take the largest out of Resolutions")
    if config.techniques.timesteps_per_picture > 1:
        remedies.insert(0, "lower Timesteps per picture")
    if config.memory.precision == "fp32":
        remedies.insert(0, "choose Precision bf16")
    if config.memory.gradient_checkpointing == "off":
        remedies.insert(0, "switch Gradient checkpointing on")
    return (
        f"the last good state is kept: {' or '.join(remedies)} and press Train Embedding again, or close"
        " other programs that use the device and resume"
    )


def less_to_encode(width: int, height: int, shortage: Shortage) -> str:
    """For the pictures of a run, which are encoded one by one before it begins."""
    return smaller_pictures(width=width, height=height, batch_size=1, fits=shortage.fits)
