"""From a name or path to a loaded, frozen model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from torch import nn

from ..errors import MemoryShortageError, ModelError
from ..paths import Paths
from .devices import DeviceChoice, choose_device
from .diffusers_adapter import NoiseScheduler, config_of, load_noise_scheduler, load_unet, load_vae
from .discovery import Checkpoint, resolve
from .model import Model
from .text_encoder import TextEncoder, encoder_name
from .transformers_adapter import Tokenizer, input_embeddings, load_text_encoder, load_tokenizer
from .weights import missing_file, unet_weights

__all__ = ["load_model"]

Part = TypeVar("Part")
Report = Callable[[str], None]

_HASH_DIGITS = 10
_BLOCK = 1 << 20


def load_model(spec: str, paths: Paths, *, device: str | None = None, report: Report | None = None) -> Model:
    """The model that `spec` means (see `discovery.resolve`), frozen, in evaluation mode, on the chosen device.

    `report` gets a short line before each part. Raises ModelError with what is missing or broken, and
    MemoryShortageError when the device is too small.
    """
    say = report or (lambda line: None)
    checkpoint = resolve(spec, paths)
    _check_files(checkpoint)
    choice = choose_device(device)
    say(f"Loading {checkpoint.name}: {choice.reason}")
    try:
        return _load(checkpoint, choice, say)
    except torch.OutOfMemoryError as error:
        raise MemoryShortageError(
            f"Loading {checkpoint.name} to {choice.device} ran out of memory; close other programs that use"
            " the card, or choose the device cpu."
        ) from error


def _load(checkpoint: Checkpoint, choice: DeviceChoice, say: Report) -> Model:
    tokenizer, text_module, vae, unet, noise_scheduler = _load_parts(checkpoint, choice, say)
    _check_fit(checkpoint, text_module, vae, unet)
    say("Moving it to the device")
    for module in (text_module, vae, unet):
        module.requires_grad_(False).eval().to(choice.device)
    vae_scale = 2 ** (len(config_of(vae, "block_out_channels")) - 1)
    width = int(input_embeddings(text_module).weight.shape[1])
    return Model(
        name=checkpoint.name,
        checkpoint_hash=_hash(unet_weights(checkpoint)),
        text_encoders=(TextEncoder(encoder_name(width), tokenizer, text_module),),
        vae=vae,
        unet=unet,
        noise_scheduler=noise_scheduler,
        device=choice.device,
        dtype=choice.dtype,
        default_size=_first(config_of(unet, "sample_size")) * vae_scale,
    )


def _load_parts(
    checkpoint: Checkpoint, choice: DeviceChoice, say: Report
) -> tuple[Tokenizer, nn.Module, nn.Module, nn.Module, NoiseScheduler]:
    """The parts one by one: the pipeline class would import and check much that is never used."""
    source, local = checkpoint.source, checkpoint.path is not None

    def part(name: str, load: Callable[[], Part]) -> Part:
        say(f"Loading the {name.replace('_', ' ')}")
        try:
            return load()
        except torch.OutOfMemoryError:
            raise
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RuntimeError,
            SafetensorError,
        ) as error:
            raise ModelError(_broken_part(checkpoint, name, error)) from error

    return (
        part("tokenizer", lambda: load_tokenizer(source, local_files_only=local)),
        part("text_encoder", lambda: load_text_encoder(source, dtype=torch.float32, local_files_only=local)),
        part("vae", lambda: load_vae(source, dtype=torch.float32, local_files_only=local)),
        part("unet", lambda: load_unet(source, dtype=choice.dtype, local_files_only=local)),
        part("scheduler", lambda: load_noise_scheduler(source, local_files_only=local)),
    )


def _broken_part(checkpoint: Checkpoint, name: str, error: Exception) -> str:
    told = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    if checkpoint.path is None:
        return (
            f"Loading {name}/ of {checkpoint.name} from the Hugging Face hub failed: {told} Check the"
            " name and the network, or download the model's folder and give its path."
        )
    return (
        f"The model {checkpoint.path} can't be loaded, because {name}/ is broken: {told} Copy or download"
        " the folder again."
    )


def _check_files(checkpoint: Checkpoint) -> None:
    """The missing part of a folder, named before anything heavy is read."""
    if checkpoint.path is None:
        return
    missing = missing_file(checkpoint.path)
    if missing:
        raise ModelError(
            f"The model {checkpoint.path} is incomplete: {missing} is missing. Copy or download the folder again."
        )


def _check_fit(checkpoint: Checkpoint, text_module: nn.Module, vae: nn.Module, unet: nn.Module) -> None:
    """Refuse what looks like Stable Diffusion and isn't text to picture: inpainting, depth, mixed-up parts."""
    channels, latent_channels = config_of(unet, "in_channels"), config_of(vae, "latent_channels")
    if channels != latent_channels:
        raise ModelError(
            f"The model {checkpoint.name} takes {channels} latent channels and its VAE gives {latent_channels}: it"
            " is made for inpainting or another task; choose a text-to-picture model."
        )
    wanted, width = config_of(unet, "cross_attention_dim"), int(input_embeddings(text_module).weight.shape[1])
    if wanted != width:
        raise ModelError(
            f"The model {checkpoint.name} has a text encoder of width {width}, but its UNet expects {wanted}; the"
            " folder mixes parts of different models."
        )


def _first(size: int | list[int] | tuple[int, ...]) -> int:
    return int(size) if isinstance(size, int) else int(size[0])


def _hash(files: list[Path]) -> str:
    """Ten hex digits of the sha256 over the weights' bytes; reading them again costs little after loading."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()[:_HASH_DIGITS]
