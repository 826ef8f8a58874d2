"""A loaded Stable Diffusion model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import nn

from ..errors import ModelError
from . import diffusers_adapter
from .added_conditions import AddedConditions
from .diffusers_adapter import NoiseScheduler, config_of
from .families import Family
from .inpainting import BlankPicture
from .parking import awake
from .text_encoder import TextEncoder
from .vae_fingerprint import vae_fingerprint

__all__ = ["Family", "Model"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """The frozen parts of a model, ready to train on and to draw with.

    `checkpoint_hash` is the first ten hex digits of the sha256 of the UNet's weights. `dtype` is the
    UNet's: text encoders and VAE stay float32, because they cost little and lose much in half precision
    (an embedding's small updates, flat colours). `noise_scheduler` holds the noise levels of training.
    `default_size` is the side in pixels that the model was trained on, `default_guidance_scale` how
    strictly it follows prompts when nobody says. `family` is by the text encoders (the demo model counts
    as SD1). `prediction_source` is a sentence: what decided the prediction type; empty when unknown.
    `vae_name` is the file of the VAE that stands in for the model's own; empty for that. `load_own_vae` is
    there when one does: it gives the model's own, frozen and on the device, or None when there is none.
    `lora_dirs` are the folders of the LoRA files that prompts may ask for.
    """

    name: str
    checkpoint_hash: str
    text_encoders: tuple[TextEncoder, ...]
    vae: nn.Module
    unet: nn.Module
    noise_scheduler: NoiseScheduler
    device: torch.device
    dtype: torch.dtype
    default_size: int
    default_guidance_scale: float
    family: Family = "sd1"
    prediction_source: str = ""
    vae_name: str = ""
    load_own_vae: Callable[[], nn.Module | None] | None = None
    lora_dirs: tuple[Path, ...] = ()

    @property
    def widths(self) -> dict[str, int]:
        """Width of the vectors for each text encoder: what an embedding must have to fit."""
        return {encoder.name: encoder.width for encoder in self.text_encoders}

    @property
    def latent_channels(self) -> int:
        """Channels of a latent picture, 4 in SD1 and SD2."""
        return int(config_of(self.vae, "latent_channels"))

    @cached_property
    def vae_fingerprint(self) -> str:
        """16 hex digits of what decides the latents of a picture; the weights are read once for it."""
        with awake(self.vae):
            return vae_fingerprint(self.vae)

    @property
    def scaling_factor(self) -> float:
        """What the VAE's latents are multiplied by before the UNet sees them."""
        return float(config_of(self.vae, "scaling_factor"))

    @property
    def vae_scale(self) -> int:
        """Pixels a side that become one latent cell, 8 in Stable Diffusion."""
        return int(2 ** (len(config_of(self.vae, "block_out_channels")) - 1))

    @property
    def prediction_type(self) -> str:
        """What the UNet predicts: `epsilon` or `v_prediction`."""
        return str(config_of(self.noise_scheduler, "prediction_type") or "epsilon")

    @property
    def is_inpainting(self) -> bool:
        """Whether the UNet also takes a mask and a picture to paint into (9 channels)."""
        return int(config_of(self.unet, "in_channels")) != self.latent_channels

    def time_ids(self, width: int, height: int) -> torch.Tensor:
        """SDXL's `time_ids` `[1, 6]`, float32 on the CPU, of a whole picture of this size in pixels.

        Original size, crop from the top left corner, target size; height comes before width.
        """
        return torch.tensor([[height, width, 0, 0, height, width]], dtype=torch.float32)

    def predict(
        self,
        latents: torch.Tensor,
        timesteps: torch.Tensor,
        prompt_embeds: torch.Tensor,
        added: AddedConditions | None = None,
    ) -> torch.Tensor:
        """The UNet's prediction, float32 `[b, c, h, w]`, for latents of that shape, timesteps `[b]` or `[]`
        and prompt_embeds `[b, 77 * chunks, width]`; gradients flow to prompt_embeds.

        SDXL needs `added` of the same batch size, other models ignore it. An inpainting UNet is told that
        the whole picture is to be painted.
        """
        inputs = latents
        if self.is_inpainting:
            inputs = self._blank_picture.append_to(latents, self.encode_images, self.vae_scale)
        embeds = prompt_embeds.to(latents.device, self.dtype)
        return diffusers_adapter.predict(
            self.unet, inputs.to(self.dtype), timesteps, embeds, self._added_on(latents.device, added)
        ).float()

    def _added_on(self, device: torch.device, added: AddedConditions | None) -> AddedConditions | None:
        if self.family != "sdxl":
            return None
        if added is None:
            raise ModelError(
                f"Predicting with the SDXL model {self.name} lacks the picture's size and the pooled prompt;"
                " pass AddedConditions."
            )
        return AddedConditions(
            text_embeds=added.text_embeds.to(device, self.dtype),
            time_ids=added.time_ids.to(device, torch.float32),  # bfloat16 has no 2056
        )

    @cached_property
    def _blank_picture(self) -> BlankPicture:
        return BlankPicture()

    @torch.no_grad()
    def encode_images(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Pixels `[b, 3, h, w]` in -1…1, any device, to mean and std of the latents, scaled for the UNet.

        Both are float32 `[b, c, h / 8, w / 8]` on the VAE's device.
        """
        parameter = next(self.vae.parameters())
        with awake(self.vae):
            mean, std = diffusers_adapter.encode(self.vae, pixels.to(parameter.device, parameter.dtype))
        return mean.float() * self.scaling_factor, std.float() * self.scaling_factor

    @torch.no_grad()
    def decode_latents(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents as the UNet sees them, `[b, c, h, w]`, to float32 pixels `[b, 3, 8h, 8w]` in -1…1."""
        parameter = next(self.vae.parameters())
        unscaled = (latents / self.scaling_factor).to(parameter.device, parameter.dtype)
        with awake(self.vae):
            return diffusers_adapter.decode(self.vae, unscaled).float().clamp(-1, 1)
