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
from .facts import is_sdxl
from .inpainting import inpainting_channels
from .memory import is_memory_shortage
from .transformers_adapter import (
    Tokenizer,
    input_embeddings,
    load_text_encoder,
    load_tokenizer,
    text_projection,
)
from .weights import check_text_files

__all__ = ["Parts", "check_fit", "load_parts"]

Part = TypeVar("Part")

_TIME_IDS = 6

# What diffusers, transformers, tokenizers and safetensors raise for files that are missing, cut off or of
# another kind, and for a hub that can't be reached.
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SafetensorError)


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """What a Stable Diffusion consists of, on the CPU.

    `text_encoders` are pairs of a tokenizer and the bare module: one, or SDXL's two in the order in which
    their outputs stand side by side. `prediction_source` is a sentence: what decided the prediction type.
    """

    text_encoders: tuple[tuple[Tokenizer, nn.Module], ...]
    vae: nn.Module
    unet: nn.Module
    noise_scheduler: NoiseScheduler
    prediction_source: str = ""

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """The parts that have weights."""
        return (*(module for _tokenizer, module in self.text_encoders), self.vae, self.unet)

    @property
    def text_widths(self) -> tuple[int, ...]:
        """Width of each text encoder's vectors."""
        return tuple(int(input_embeddings(module).weight.shape[1]) for _, module in self.text_encoders)


def load_parts(checkpoint: Checkpoint, *, unet_dtype: torch.dtype, say: Callable[[str], None]) -> Parts:
    """Every part, on the CPU, without the pipeline class, which imports and checks much that is never used.

    Text encoders and VAE are float32, whatever the UNet is: in half precision many a VAE gives NaN, which
    is a black picture. Raises ModelError that names the broken part, or the parts that don't belong
    together.
    """
    source, local = checkpoint.source, checkpoint.path is not None

    def part(name: str, load: Callable[[], Part], remark: str = "") -> Part:
        say(f"Loading the {name.replace('_', ' ')}{remark}")
        try:
            if checkpoint.path is not None:
                check_text_files(checkpoint.path / name)
            return load()
        except _BROKEN as error:
            if is_memory_shortage(error):
                raise
            raise ModelError(_broken_part(checkpoint, name, error)) from error

    def text_part(number: str) -> tuple[Tokenizer, nn.Module]:
        tokenizer, encoder = f"tokenizer{number}", f"text_encoder{number}"
        return (
            part(tokenizer, lambda: load_tokenizer(source, tokenizer, local_files_only=local)),
            part(
                encoder,
                lambda: load_text_encoder(
                    source, encoder, dtype=torch.float32, local_files_only=local, with_projection=number != ""
                ),
            ),
        )

    remark = "" if unet_dtype == torch.float32 else ", in float32: half precision can make its pictures black"
    parts = Parts(
        text_encoders=tuple(text_part(number) for number in (("", "_2") if is_sdxl(checkpoint) else ("",))),
        vae=part("vae", lambda: load_vae(source, dtype=torch.float32, local_files_only=local), remark),
        unet=part("unet", lambda: load_unet(source, dtype=unet_dtype, local_files_only=local)),
        noise_scheduler=part("scheduler", lambda: load_noise_scheduler(source, local_files_only=local)),
        prediction_source="The model's own scheduler_config.json says so.",
    )
    check_fit(checkpoint.name, parts)
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


def check_fit(name: str, parts: Parts) -> None:
    """Refuse parts that don't belong together, and a UNet that is made for another task.

    Raises ModelError; `name` is the checkpoint's, for the message.
    """
    channels, latent_channels = config_of(parts.unet, "in_channels"), config_of(parts.vae, "latent_channels")
    if channels not in (latent_channels, inpainting_channels(latent_channels)):
        raise ModelError(
            f"The UNet of {name} takes {channels} channels and its VAE gives {latent_channels}: it is made"
            " for another task, such as depth or pictures of more size; choose a model that draws from text,"
            " or one for inpainting."
        )
    wanted, widths = config_of(parts.unet, "cross_attention_dim"), parts.text_widths
    if wanted != sum(widths):
        told = f"encoder of {name} has width {widths[0]}"
        if len(widths) > 1:
            told = f"encoders of {name} have the widths {' and '.join(map(str, widths))}"
        raise ModelError(
            f"The text {told}, but its UNet expects {wanted}: the folder mixes parts of different models;"
            " copy or download it again."
        )
    _check_added(name, parts)


def _check_added(name: str, parts: Parts) -> None:
    """SDXL's UNet adds six numbers and the pooled prompt to its time step; other UNets add nothing."""
    wanted = config_of(parts.unet, "projection_class_embeddings_input_dim") or 0
    given = 0
    if len(parts.text_encoders) > 1:
        projection = text_projection(parts.text_encoders[-1][1])
        pooled = 0 if projection is None else int(next(projection.parameters()).shape[0])
        given = _TIME_IDS * int(config_of(parts.unet, "addition_time_embed_dim") or 0) + pooled
    if wanted != given:
        raise ModelError(
            f"The UNet of {name} expects {wanted} numbers beside the prompt's tokens, but its text encoders"
            f" and sizes give {given}: it is an SDXL refiner, or the folder mixes parts of different models;"
            " choose a base model, or copy it again."
        )
