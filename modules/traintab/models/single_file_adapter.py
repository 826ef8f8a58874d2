"""Modules of diffusers and transformers made from a config and tensors, for checkpoints in one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .diffusers_adapter import NoiseScheduler
from .prediction_type import Prediction
from .tensor_reading import filled
from .transformers_adapter import Tokenizer

__all__ = ["make_text_encoder", "make_tokenizer", "make_unet", "make_vae", "noise_scheduler_for"]

NamedTensors = Iterable[tuple[str, torch.Tensor]]

_WRAPPER = "text_model."
_PROJECTION = "text_projection."


def make_unet(config: Mapping[str, Any], tensors: NamedTensors, dtype: torch.dtype) -> nn.Module:
    """A `UNet2DConditionModel` of these weights, cast to `dtype`; ValueError if they differ."""
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        module: nn.Module = UNet2DConditionModel.from_config(dict(config))
    return filled(module, _with_a_place_in(module, tensors), dtype)


def _with_a_place_in(module: nn.Module, tensors: NamedTensors) -> NamedTensors:
    """The same tensors; ValueError at the end when the module has no place for one."""
    places, unknown = set(module.state_dict()), []
    for name, tensor in tensors:
        if name not in places:
            unknown.append(name)
        yield name, tensor
    if unknown:
        raise ValueError(f"{len(unknown)} of its weights have no place, {min(unknown)} first")


def make_vae(config: Mapping[str, Any], tensors: NamedTensors, dtype: torch.dtype) -> nn.Module:
    """An `AutoencoderKL` of these weights, cast to `dtype`; ValueError if any is missing."""
    from diffusers import AutoencoderKL

    with torch.device("meta"):
        module: nn.Module = AutoencoderKL.from_config(dict(config))
    return filled(module, tensors, dtype)


def make_text_encoder(
    config: Mapping[str, Any], tensors: NamedTensors, dtype: torch.dtype, *, with_projection: bool = False
) -> nn.Module:
    """A `CLIPTextModel` of these weights, cast to `dtype`; ValueError if one is missing.

    SDXL's second one has the pooled output's projection too.
    """
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    model_class = CLIPTextModelWithProjection if with_projection else CLIPTextModel
    with torch.device("meta"):
        module: nn.Module = model_class(CLIPTextConfig.from_dict(dict(config)))
    # Since transformers 5.6 the plain model has no wrapper around its layers any more.
    has_wrapper = any(name.startswith(_WRAPPER) for name in module.state_dict())
    named = ((_named(name, has_wrapper), tensor) for name, tensor in tensors)
    return filled(module, named, dtype)


def _named(name: str, has_wrapper: bool) -> str:
    """A weight's name with or without the wrapper, whichever version has written the file."""
    bare = name.removeprefix(_WRAPPER)
    return f"{_WRAPPER}{bare}" if has_wrapper and not bare.startswith(_PROJECTION) else bare


def make_tokenizer(folder: Path, *, pad_token: str) -> Tokenizer:
    """CLIP's tokenizer from a folder with its vocabulary; raises what transformers raises."""
    from transformers import CLIPTokenizer

    tokenizer: Tokenizer = CLIPTokenizer.from_pretrained(
        str(folder), local_files_only=True, pad_token=pad_token
    )
    return tokenizer


def noise_scheduler_for(config: Any, prediction: Prediction) -> NoiseScheduler:
    """The training noise scheduler of another one's config that is of this prediction type."""
    from diffusers import DDPMScheduler

    changes: dict[str, Any] = {
        "prediction_type": prediction.type,
        "rescale_betas_zero_snr": prediction.zero_terminal_snr,
    }
    if prediction.zero_terminal_snr:
        changes["timestep_spacing"] = "trailing"  # else drawing would begin short of the pure noise
    scheduler: NoiseScheduler = DDPMScheduler.from_config(config, **changes)
    return scheduler
