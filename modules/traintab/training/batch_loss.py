"""The loss of a run's batches, put together from its settings."""

from __future__ import annotations

from collections import deque

from ..models.model import Model
from .context_prompts import context_prompts_of
from .context_regularisation import ContextRegularisation, RegularisedLoss
from .denoising import denoising_of
from .memory_probe import MemoryProbe
from .picture_loss import PictureLoss, PromptEncoder, TrainingPictures
from .plan import TrainingPlan
from .processes import here
from .session import BatchLoss
from .state import TrainingState

__all__ = ["make_batch_loss"]


def make_batch_loss(
    plan: TrainingPlan,
    model: Model,
    pictures: TrainingPictures,
    encoder: PromptEncoder,
    state: TrainingState,
    notices: deque[str],
) -> BatchLoss:
    """What the config asks for; what it remembers is registered with the state.

    Raises ConfigError when the settings don't fit the model or the embedding.
    """
    config = plan.config
    denoising = denoising_of(config)
    loss: BatchLoss = PictureLoss(model, pictures, plan.rules, encoder, denoising, here())
    prompts = context_prompts_of(config.regularisation)
    if prompts is not None:
        regularisation = ContextRegularisation(model, encoder, prompts, plan.rules.name, plan.vectors)
        state.register(ContextRegularisation.NAME, regularisation)
        notices.append(regularisation.told())
        loss = RegularisedLoss(loss, regularisation, config.regularisation.prior_loss_weight)
    if config.memory.gradient_checkpointing == "auto":
        loss = MemoryProbe(loss, model, notices, groups=pictures.groups)
    return loss
