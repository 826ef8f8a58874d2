"""Modules of diffusers and transformers made from a config and tensors, for checkpoints in one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .diffusers_adapter import NoiseScheduler
from .prediction_type import Prediction
from .transformers_adapter import Tokenizer

__all__ = ["make_text_encoder", "make_tokenizer", "make_unet", "make_vae", "noise_scheduler_for"]

NamedTensors = Iterable[tuple[str, torch.Tensor]]

_NO_WEIGHTS = "position_ids"
_WRAPPER = "text_model."


def make_unet(config: Mapping[str, Any], tensors: NamedTensors, dtype: torch.dtype) -> nn.Module:
    """A `UNet2DConditionModel` of these weights, cast to `dtype` and copied; ValueError if they differ."""
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        module: nn.Module = UNet2DConditionModel.from_config(dict(config))
    named = dict(tensors)
    unknown = sorted(set(named).difference(module.state_dict()))
    if unknown:
        raise ValueError(f"{len(unknown)} of its weights have no place, {unknown[0]} first")
    return _filled(module, named, dtype)


def make_vae(config: Mapping[str, Any], tensors: NamedTensors, dtype: torch.dtype) -> nn.Module:
    """An `AutoencoderKL` of these weights, cast to `dtype` and copied; ValueError if any is missing."""
    from diffusers import AutoencoderKL

    with torch.device("meta"):
        module: nn.Module = AutoencoderKL.from_config(dict(config))
    return _filled(module, dict(tensors), dtype)


def make_text_encoder(
    config: Mapping[str, Any], tensors: NamedTensors, dtype: torch.dtype, *, with_projection: bool = False
) -> nn.Module:
    """A `CLIPTextModel` of these weights, with the pooled output's projection for SDXL's second one.

    ValueError if a weight is missing.
    """
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    model_class = CLIPTextModelWithProjection if with_projection else CLIPTextModel
    with torch.device("meta"):
        module: nn.Module = model_class(CLIPTextConfig.from_dict(dict(config)))
    # Since transformers 5.6 the plain model has no wrapper around its layers any more.
    has_wrapper = any(name.startswith(_WRAPPER) for name in module.state_dict())
    named = {name if has_wrapper else name.removeprefix(_WRAPPER): tensor for name, tensor in tensors}
    return _filled(module, named, dtype)


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


def _filled(module: nn.Module, tensors: Mapping[str, torch.Tensor], dtype: torch.dtype) -> nn.Module:
    """The module, until now without numbers, with copies of `tensors`: the file may be closed afterwards."""
    wanted = [name for name in module.state_dict() if not name.endswith(_NO_WEIGHTS)]
    missing = [name for name in wanted if name not in tensors]
    if missing:
        raise ValueError(f"the file lacks {len(missing)} weights, {missing[0]} first")
    state = {
        name: tensors[name].to(dtype, copy=True, memory_format=torch.contiguous_format) for name in wanted
    }
    module.load_state_dict(state, strict=False, assign=True)
    for name, buffer in list(module.named_buffers()):
        if buffer.is_meta:
            _number_positions(module, name, buffer)
    return module.eval()


def _number_positions(module: nn.Module, name: str, buffer: torch.Tensor) -> None:
    """CLIP keeps 0, 1, 2 … as a buffer, which no file needs to hold."""
    if not name.endswith(_NO_WEIGHTS):
        raise ValueError(f"the file lacks {name}")
    place, _, last = name.rpartition(".")
    positions = torch.arange(buffer.shape[-1]).expand(buffer.shape)
    module.get_submodule(place).register_buffer(last, positions, persistent=False)
