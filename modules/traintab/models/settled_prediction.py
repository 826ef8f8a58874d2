"""A loaded model whose prediction type is decided."""

from __future__ import annotations

from dataclasses import replace

import torch

from .added_conditions import NUM_TIME_IDS, AddedConditions
from .diffusers_adapter import config_of
from .families import FAMILY_NAMES
from .model import Model
from .prediction_type import Prediction, chosen_prediction, probe
from .single_file_adapter import noise_scheduler_for

__all__ = ["settle_prediction"]

_WORDS = {"epsilon": "epsilon", "v_prediction": "v"}
_PROMPT_TOKENS = 77


def settle_prediction(model: Model, choice: str = "automatic") -> Model:
    """The model as the user's `choice` has it, else as its files say, else as one call of its UNet tells.

    `choice` is one of `configs.loading.PREDICTION_CHOICES`; raises ModelError for another. A model with
    a `prediction_source` is settled already.
    """
    prediction = chosen_prediction(choice)
    if prediction is None:
        if model.prediction_source:
            return model
        prediction = _probed(model)
    return replace(
        model,
        noise_scheduler=noise_scheduler_for(model.noise_scheduler.config, prediction),
        prediction_source=prediction.source,
    )


def _probed(model: Model) -> Prediction:
    answer = probe(
        lambda latents, timesteps: _predict(model, latents, timesteps),
        model.noise_scheduler.alphas_cumprod,
        model.latent_channels,
    )
    if answer is not None:
        return Prediction(
            type=answer, source="Nothing in its files says so; the answers of its UNet to plain noise do."
        )
    usual = Prediction(type="v_prediction" if model.family == "sd2" else "epsilon", source="")
    return replace(
        usual,
        source=f"Nothing in its files says so, nor do its UNet's answers; {FAMILY_NAMES[model.family]}"
        f" mostly predicts {_WORDS[usual.type]}.",
    )


@torch.no_grad()
def _predict(model: Model, latents: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
    """One call of the UNet without any prompt, which is zeros; the answer float32 on the CPU."""
    batch = latents.shape[0]
    added = None
    if model.family == "sdxl":
        sizes = model.time_ids(model.default_size, model.default_size).expand(batch, -1)
        added = AddedConditions(text_embeds=torch.zeros(batch, _pooled_width(model)), time_ids=sizes)
    answers = model.predict(
        latents.to(model.device),
        timesteps.to(model.device),
        torch.zeros(batch, _PROMPT_TOKENS, sum(model.widths.values())),
        added,
    )
    return answers.cpu()


def _pooled_width(model: Model) -> int:
    numbers = int(config_of(model.unet, "projection_class_embeddings_input_dim"))
    return numbers - NUM_TIME_IDS * int(config_of(model.unet, "addition_time_embed_dim"))
