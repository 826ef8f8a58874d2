"""What is used of diffusers: its types are narrowed and its versions' differences end here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import nn

from .added_conditions import AddedConditions

__all__ = [
    "NoiseScheduler",
    "Sampler",
    "config_of",
    "decode",
    "encode",
    "load_noise_scheduler",
    "load_unet",
    "load_vae",
    "make_sampler",
    "predict",
]


class NoiseScheduler(Protocol):
    """What is used of the training noise scheduler (diffusers' `DDPMScheduler`)."""

    config: Any
    alphas_cumprod: torch.Tensor

    def add_noise(
        self, original_samples: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor
    ) -> torch.Tensor:
        """Clean latents `[b, c, h, w]` noised to `timesteps` `[b]`."""

    def get_velocity(
        self, sample: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor
    ) -> torch.Tensor:
        """The target of v-prediction, `[b, c, h, w]`."""


class Sampler(Protocol):
    """What is used of a diffusers scheduler that turns noise into a picture."""

    config: Any
    timesteps: torch.Tensor
    init_noise_sigma: Any

    def set_timesteps(self, num_inference_steps: int, device: Any = None) -> None:
        """Prepare `timesteps` for this number of steps."""

    def scale_model_input(self, sample: torch.Tensor, timestep: Any) -> torch.Tensor:
        """Latents in the scale that the UNet was trained on."""

    def step(self, model_output: torch.Tensor, timestep: Any, sample: torch.Tensor, **options: Any) -> Any:
        """One step towards the picture."""

    def add_noise(
        self, original_samples: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor
    ) -> torch.Tensor:
        """Clean latents `[b, c, h, w]` noised to `timesteps` `[1]`."""


def load_vae(
    source: str, *, dtype: torch.dtype, local_files_only: bool, variant: str | None = None
) -> nn.Module:
    """The `AutoencoderKL` of a diffusers folder or hub id; raises what diffusers raises."""
    from diffusers import AutoencoderKL

    return _load_weights(
        AutoencoderKL,
        source,
        subfolder="vae",
        torch_dtype=dtype,
        local_files_only=local_files_only,
        variant=variant,
    )


def load_unet(
    source: str, *, dtype: torch.dtype, local_files_only: bool, variant: str | None = None
) -> nn.Module:
    """The `UNet2DConditionModel` of a diffusers folder or hub id; raises what diffusers raises."""
    from diffusers import UNet2DConditionModel

    return _load_weights(
        UNet2DConditionModel,
        source,
        subfolder="unet",
        torch_dtype=dtype,
        local_files_only=local_files_only,
        variant=variant,
    )


def _load_weights(model_class: Any, source: str, **options: Any) -> nn.Module:
    # Without accelerate diffusers would warn and load the plain way; so say which way it is.
    module: nn.Module
    module, info = model_class.from_pretrained(
        source, low_cpu_mem_usage=_has_accelerate(), output_loading_info=True, **options
    )
    if info["missing_keys"]:
        raise ValueError(
            f"the file lacks {len(info['missing_keys'])} weights, {info['missing_keys'][0]} first"
        )
    return module


def _has_accelerate() -> bool:
    from diffusers.utils import is_accelerate_available

    return bool(is_accelerate_available())


def load_noise_scheduler(source: str, *, local_files_only: bool) -> NoiseScheduler:
    """The training noise scheduler; a folder's sampler config (PNDM in SD1) names the same noise levels."""
    from diffusers import DDPMScheduler

    scheduler: NoiseScheduler = DDPMScheduler.from_pretrained(
        source, subfolder="scheduler", local_files_only=local_files_only
    )
    return scheduler


def make_sampler(class_name: str, config: Any, options: Mapping[str, Any]) -> Sampler:
    """The diffusers scheduler of this class, with another scheduler's config and these options over it."""
    import diffusers

    sampler: Sampler = getattr(diffusers, class_name).from_config(config, **options)
    return sampler


def config_of(module: Any, key: str) -> Any:
    """An entry of a diffusers part's config, None when it has none of that name."""
    return module.config.get(key)


def predict(
    unet: nn.Module,
    latents: torch.Tensor,
    timesteps: torch.Tensor,
    prompt_embeds: torch.Tensor,
    added: AddedConditions | None = None,
) -> torch.Tensor:
    """The UNet's output `[b, c, h, w]`; timesteps `[b]` or `[]`, prompt_embeds `[b, 77 * chunks, width]`.

    SDXL's UNet also needs `added`, on the latents' device.
    """
    options: dict[str, Any] = {}
    if added is not None:
        options["added_cond_kwargs"] = {"text_embeds": added.text_embeds, "time_ids": added.time_ids}
    output: torch.Tensor = unet(
        latents, timesteps, encoder_hidden_states=prompt_embeds, return_dict=False, **options
    )[0]
    return output


def encode(vae: nn.Module, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pixels `[b, 3, h, w]` in -1…1 to mean and standard deviation of the latents, unscaled."""
    distribution = vae.encode(pixels, return_dict=False)[0]  # type: ignore[operator]
    return distribution.mean, distribution.std


def decode(vae: nn.Module, latents: torch.Tensor) -> torch.Tensor:
    """Unscaled latents `[b, c, h, w]` to pixels `[b, 3, 8h, 8w]`, about -1…1."""
    pixels: torch.Tensor = vae.decode(latents, return_dict=False)[0]  # type: ignore[operator]
    return pixels
