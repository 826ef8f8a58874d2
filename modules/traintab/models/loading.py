"""From a name or path to a loaded, frozen model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import nn

from ..configs import LoadingConfig
from ..errors import ModelError
from ..paths import Paths
from .compact_weights import compact_on_card
from .devices import DeviceChoice, choose_device
from .diffusers_adapter import config_of
from .discovery import Checkpoint, resolve
from .external_vae import vae_for
from .facts import default_guidance_scale_of, family_of, is_sdxl
from .memory import free_cached_memory
from .memory_advice import in_gib, memory_shortage_told
from .model import Family, Model
from .own_vae import load_own_vae
from .parts import Parts, check_fit, load_parts
from .precision import in_precision
from .prediction_type import chosen_prediction
from .settled_prediction import settle_prediction
from .single_file import load_single_file
from .single_file_vae import load_vae_file
from .text_encoder import TextEncoder, encoder_names, output_layers
from .weights import missing_file, unet_weights

__all__ = ["check_files", "load_model"]

Report = Callable[[str], None]

_ROOM_ADVICE = "close other programs that use the device, or choose a smaller model"
_USUAL = LoadingConfig()
_HASH_DIGITS = 10
_BLOCK = 1 << 20


def load_model(
    spec: str,
    paths: Paths,
    *,
    device: str | None = None,
    report: Report | None = None,
    choices: LoadingConfig = _USUAL,
    precision: str = "auto",
) -> Model:
    """The model that `spec` means (see `discovery.resolve`), frozen, in evaluation mode, on its device.

    `device` as in `devices.choose_device`, `precision` as in `precision.in_precision`. `report` gets a short
    line before each part; `choices` name another VAE, or what the UNet predicts. Raises ModelError with what
    is missing or broken, and MemoryShortageError when the device is too small.
    """
    say = report or _say_nothing
    chosen_prediction(choices.prediction_type)  # a word that is none is told before the long wait
    checkpoint = resolve(spec, paths)
    check_files(checkpoint)
    vae_file = vae_for(checkpoint, paths, choices.vae)
    choice = in_precision(choose_device(device), precision)
    say(f"Loading {checkpoint.name}: {choice.reason}")
    free_cached_memory()  # what a model before this one has left
    doing = f"Loading {checkpoint.name} to {choice.device}"
    with memory_shortage_told(doing, choice.device, _ROOM_ADVICE):
        model = _load(checkpoint, choice, say, vae_file)
        return replace(settle_prediction(model, choices.prediction_type), lora_dirs=paths.lora_dirs)


def _load(checkpoint: Checkpoint, choice: DeviceChoice, say: Report, vae_file: Path | None) -> Model:
    parts = _parts(checkpoint, choice.dtype, say, vae_file)
    compact_on_card([module for _tokenizer, module in parts.text_encoders], choice)
    say("Moving it to the device")
    _move(checkpoint, parts.modules, choice)
    text_encoders = _text_encoders(parts)
    vae_scale = 2 ** (len(config_of(parts.vae, "block_out_channels")) - 1)
    return Model(
        name=checkpoint.model_name,
        checkpoint_hash=_hash(unet_weights(checkpoint)),
        text_encoders=text_encoders,
        vae=parts.vae,
        unet=parts.unet,
        noise_scheduler=parts.noise_scheduler,
        device=choice.device,
        dtype=choice.dtype,
        default_size=_side(config_of(parts.unet, "sample_size")) * vae_scale,
        default_guidance_scale=default_guidance_scale_of(checkpoint),
        family=_family(text_encoders),
        prediction_source=parts.prediction_source,
        vae_name="" if vae_file is None else vae_file.name,
        load_own_vae=None if vae_file is None else partial(load_own_vae, checkpoint, choice.device),
    )


def _move(checkpoint: Checkpoint, modules: tuple[nn.Module, ...], choice: DeviceChoice) -> None:
    """Freeze the parts and bring them to the device; what they take as a whole is told when that fails."""
    size = in_gib(sum(tensor.nbytes for module in modules for tensor in module.state_dict().values()))
    doing = f"Moving {checkpoint.name}, {size} of weights, to {choice.device}"
    with memory_shortage_told(doing, choice.device, _ROOM_ADVICE):
        for module in modules:
            module.requires_grad_(False).eval().to(choice.device)


def _parts(checkpoint: Checkpoint, unet_dtype: torch.dtype, say: Report, vae_file: Path | None) -> Parts:
    if checkpoint.kind == "file":
        return load_single_file(checkpoint, unet_dtype=unet_dtype, say=say, vae_file=vae_file)
    parts = load_parts(checkpoint, unet_dtype=unet_dtype, say=say)
    if vae_file is None:
        return parts
    say(f"Loading the VAE from {vae_file.name}")
    parts = replace(parts, vae=load_vae_file(vae_file, family_of(checkpoint)))
    check_fit(checkpoint.name, parts)
    return parts


def _text_encoders(parts: Parts) -> tuple[TextEncoder, ...]:
    names = encoder_names(parts.text_widths)
    return tuple(
        TextEncoder(name, tokenizer, module, layer)
        for name, (tokenizer, module), layer in zip(
            names, parts.text_encoders, output_layers(names), strict=True
        )
    )


def _family(text_encoders: tuple[TextEncoder, ...]) -> Family:
    if len(text_encoders) > 1:
        return "sdxl"
    return "sd2" if text_encoders[0].name == "clip_h" else "sd1"


def _say_nothing(_line: str) -> None:
    """Stands in for a missing `report`."""


def check_files(checkpoint: Checkpoint) -> None:
    """Raise ModelError for a folder that is incomplete: what is missing, before anything heavy is read."""
    if checkpoint.path is None or checkpoint.kind == "file":
        return
    missing = missing_file(checkpoint.path, is_sdxl=is_sdxl(checkpoint))
    if missing:
        raise ModelError(
            f"The model {checkpoint.path} is incomplete: {missing} is missing. Copy or download the folder"
            " again."
        )


def _side(size: int | list[int] | tuple[int, ...]) -> int:
    """UNet configs give one number, or height and width."""
    return int(size) if isinstance(size, int) else int(size[0])


def _hash(files: list[Path]) -> str:
    """Ten hex digits of the sha256 over the weights; reading them again costs little after loading."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()[:_HASH_DIGITS]
