"""The parts of a checkpoint, each loaded on its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from safetensors import SafetensorError
from torch import nn

from ..errors import ModelError
from .diffusers_adapter import NoiseScheduler, config_of, load_noise_scheduler, load_unet, load_vae
from .discovery import Checkpoint
from .transformers_adapter import Tokenizer, input_embeddings, load_text_encoder, load_tokenizer
from .weights import check_text_files

__all__ = ["Parts", "load_parts"]

Part = TypeVar("Part")

# What diffusers, transformers, tokenizers and safetensors raise for files that are missing, cut off or of
# another kind, and for a hub that can't be reached.
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SafetensorError)


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """What a Stable Diffusion 1 or 2 consists of; `text_encoder` is the bare module."""

    tokenizer: Tokenizer
    text_encoder: nn.Module
    vae: nn.Module
    unet: nn.Module
    noise_scheduler: NoiseScheduler

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """The parts that have weights."""
        return (self.text_encoder, self.vae, self.unet)


def load_parts(checkpoint: Checkpoint, *, unet_dtype: torch.dtype, say: Callable[[str], None]) -> Parts:
    """Every part, on the CPU, without the pipeline class, which imports and checks much that is never used.

    Text encoder and VAE are float32. Raises ModelError that names the broken part, or the parts that
    don't belong together.
    """
    source, local = checkpoint.source, checkpoint.path is not None

    def part(name: str, load: Callable[[], Part]) -> Part:
        say(f"Loading the {name.replace('_', ' ')}")
        try:
            if checkpoint.path is not None:
                check_text_files(checkpoint.path / name)
            return load()
        except torch.cuda.OutOfMemoryError:
            raise
        except _BROKEN as error:
            raise ModelError(_broken_part(checkpoint, name, error)) from error

    parts = Parts(
        tokenizer=part("tokenizer", lambda: load_tokenizer(source, local_files_only=local)),
        text_encoder=part(
            "text_encoder", lambda: load_text_encoder(source, dtype=torch.float32, local_files_only=local)
        ),
        vae=part("vae", lambda: load_vae(source, dtype=torch.float32, local_files_only=local)),
        unet=part("unet", lambda: load_unet(source, dtype=unet_dtype, local_files_only=local)),
        noise_scheduler=part("scheduler", lambda: load_noise_scheduler(source, local_files_only=local)),
    )
    _check_fit(checkpoint, parts)
    return parts


def _broken_part(checkpoint: Checkpoint, name: str, error: Exception) -> str:
    told = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
    if checkpoint.path is None:
        return (
            f"Loading {name}/ of {checkpoint.name} from the Hugging Face hub failed: {told}. Check the name"
            " and the network, or download the model's folder and give its path."
        )
    return (
        f"The model {checkpoint.path} can't be loaded, because {name}/ is broken: {told}. Copy or download"
        " the folder again."
    )


def _check_fit(checkpoint: Checkpoint, parts: Parts) -> None:
    """Refuse what looks like Stable Diffusion and isn't text to picture: inpainting, mixed-up parts."""
    channels, latent_channels = config_of(parts.unet, "in_channels"), config_of(parts.vae, "latent_channels")
    if channels != latent_channels:
        raise ModelError(
            f"The UNet of {checkpoint.name} takes {channels} channels and its VAE gives {latent_channels}: it"
            " is made for inpainting or another task; choose a text-to-picture model."
        )
    wanted = config_of(parts.unet, "cross_attention_dim")
    width = int(input_embeddings(parts.text_encoder).weight.shape[1])
    if wanted != width:
        raise ModelError(
            f"The text encoder of {checkpoint.name} has width {width}, but its UNet expects {wanted}: the"
            " folder mixes parts of different models; copy or download it again."
        )
