"""The pictures of a run as its steps are shown them: masks and latents, and what SDXL is told of sizes."""

from __future__ import annotations

from collections.abc import Callable, Generator

import torch

from ..datasets.masks import LossMasks
from ..datasets.size_conditions import size_conditions
from ..datasets.sized_latents import groups_of
from ..models.model import Model
from ..paths import Paths
from .events import TrainingNotice
from .picture_latents import picture_latents
from .picture_loss import TrainingPictures
from .picture_masks import masks_told, picture_masks
from .picture_sizes import latent_settings
from .plan import TrainingPlan
from .training_vae import with_training_vae, without_training_vae

__all__ = ["encoded_pictures"]


def encoded_pictures(
    plan: TrainingPlan, model: Model, paths: Paths, should_stop: Callable[[], bool]
) -> Generator[TrainingNotice, None, tuple[TrainingPictures, Model] | None]:
    """The pictures of a plan with sizes, encoded by the VAE for training, and the model for the steps.

    None when `should_stop` said so. Raises DatasetError when a mask has gone, and what `encode_latents`
    raises.
    """
    masks: LossMasks | None = None
    if plan.config.masks.loss_mask != "off":
        masks = yield from picture_masks(plan, model, should_stop)
        if masks is None:
            return None
        if told := masks_told(plan.config.masks, masks):
            yield TrainingNotice(message=told)
    encoding, told = with_training_vae(model, use_selected=plan.config.dataset.train_with_selected_vae)
    if told:
        yield TrainingNotice(message=told)
    latents = yield from picture_latents(plan, encoding, paths, should_stop)
    if latents is None:
        return None
    pictures = TrainingPictures(
        captions=tuple(image.caption for image in plan.dataset.images),
        latents=latents,
        time_ids=_time_ids(plan, model),
        masks=masks,
        groups=groups_of(plan.sizes),
    )
    return pictures, without_training_vae(model, encoding)


def _time_ids(plan: TrainingPlan, model: Model) -> torch.Tensor | None:
    """What SDXL is told of the size of each view of a picture; None for other models."""
    if model.family != "sdxl":
        return None
    return size_conditions(plan.dataset.images, plan.sizes, latent_settings(plan, model))
