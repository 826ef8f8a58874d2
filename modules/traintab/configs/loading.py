"""What a user may decide about a model beyond its name."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["OWN_VAE", "PREDICTION_CHOICES", "SAME_NAME_VAE", "LoadingConfig"]

SAME_NAME_VAE, OWN_VAE = "Automatic", "None"
PREDICTION_CHOICES = ("automatic", "epsilon", "v_prediction", "v_prediction_ztsnr")


@dataclass(frozen=True, kw_only=True)
class LoadingConfig:
    """The VAE, and what the UNet predicts."""

    vae: str = option(
        SAME_NAME_VAE,
        "SD VAE",
        "Automatic: one called like the checkpoint, if there is one. None: the checkpoint's own. Others"
        " lie in models/VAE.",
        elem_id="setting_sd_vae",
        required=True,
    )
    prediction_type: str = option(
        "automatic",
        "Prediction type",
        "What the model predicts: automatic believes its files, then tries it out. Choose another if it"
        " draws noise or burnt colours; v_prediction_ztsnr is for models trained with zero terminal SNR.",
        choices=PREDICTION_CHOICES,
        elem_id="setting_prediction_type",
    )
