"""The parts of a checkpoint, each loaded on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from torch import nn

from ..errors import ModelError
from .added_conditions import NUM_TIME_IDS
from .diffusers_adapter import NoiseScheduler, config_of, load_noise_scheduler, load_unet, load_vae
from .discovery import Checkpoint
from .facts import is_sdxl
from .folder_weights import read_text_encoder, read_unet, read_vae, safetensors_of
from .inpainting import inpainting_channels
from .memory import is_memory_shortage
from .transformers_adapter import (
    Tokenizer,
    input_embeddings,
    load_text_encoder,
    load_tokenizer,
    text_projection,
)
from .weights import check_text_files, half_variant

__all__ = ["Parts", "check_fit", "load_folder_tokenizers", "load_folder_vae", "load_parts", "part_in_words"]

Part = TypeVar("Part")

# What diffusers, transformers, tokenizers and safetensors raise for files that are missing, cut off or of
# another kind, and for a hub that can't be reached.
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SafetensorError)

_WORDS: Mapping[str, str] = MappingProxyType({"unet": "UNet", "vae": "VAE", "scheduler": "noise scheduler"})


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
    folder = _Folder(checkpoint, say)
    parts = Parts(
        text_encoders=tuple(folder.text_encoder(number) for number in _numbers(checkpoint)),
        vae=folder.vae(is_unet_exact=unet_dtype == torch.float32),
        unet=folder.weights(
            "unet", partial(load_unet, dtype=unet_dtype), partial(read_unet, dtype=unet_dtype)
        ),
        noise_scheduler=folder.part("scheduler", load_noise_scheduler),
        prediction_source="The model's own scheduler_config.json says so.",
    )
    check_fit(checkpoint.name, parts)
    return parts


def load_folder_vae(checkpoint: Checkpoint) -> nn.Module:
    """The VAE of a diffusers folder or hub id alone, float32 on the CPU; raises ModelError when broken."""
    return _Folder(checkpoint, lambda _line: None).vae(is_unet_exact=True)


def load_folder_tokenizers(checkpoint: Checkpoint) -> tuple[Tokenizer, ...]:
    """The tokenizers of a diffusers folder or hub id, one for each text encoder; raises ModelError."""
    folder = _Folder(checkpoint, lambda _line: None)
    return tuple(map(folder.tokenizer, _numbers(checkpoint)))


def part_in_words(name: str) -> str:
    """What a sentence calls the part that a model's files call `name`."""
    return _WORDS.get(name, name.replace("_", " "))


def _numbers(checkpoint: Checkpoint) -> tuple[str, ...]:
    """What stands behind the names of the text encoders' folders."""
    return ("", "_2") if is_sdxl(checkpoint) else ("",)


@dataclass(frozen=True)
class _Folder:
    """A diffusers folder, or one on the hub, part by part; each raises ModelError that names it."""

    checkpoint: Checkpoint
    say: Callable[[str], None]

    def part(self, name: str, load: Callable[..., Part], remark: str = "") -> Part:
        """What `load(source, local_files_only=...)` gives."""
        self.say(f"Loading the {part_in_words(name)}{remark}")
        path = self.checkpoint.path
        try:
            if path is not None:
                check_text_files(path / name)
            return load(self.checkpoint.source, local_files_only=path is not None)
        except _BROKEN as error:
            if is_memory_shortage(error):
                raise
            raise ModelError(_broken_part(self.checkpoint, name, error)) from error

    def weights(
        self,
        name: str,
        load: Callable[..., nn.Module],
        read: Callable[[Path, list[Path]], nn.Module],
        remark: str = "",
    ) -> nn.Module:
        """A part with weights, in half precision when the folder has no other.

        `read` makes it of safetensors files in a folder, `load`, which takes `variant=`, of all else.
        """
        path = self.checkpoint.path
        variant = None if path is None else half_variant(path, name)

        def loaded(source: str, *, local_files_only: bool) -> nn.Module:
            files = [] if path is None else safetensors_of(path / name, variant)
            if path is not None and files:
                return read(path / name, files)
            return load(source, local_files_only=local_files_only, variant=variant)

        return self.part(name, loaded, remark)

    def text_encoder(self, number: str) -> tuple[Tokenizer, nn.Module]:
        """The text encoder with its tokenizer; SDXL's second has a projection too."""
        encoder = f"text_encoder{number}"
        options: dict[str, Any] = {"dtype": torch.float32, "with_projection": bool(number)}
        load = partial(load_text_encoder, subfolder=encoder, **options)
        read = partial(read_text_encoder, **options)
        words = self.tokenizer(number)
        return words, self.weights(encoder, load, read)

    def tokenizer(self, number: str) -> Tokenizer:
        """The tokenizer alone."""
        name = f"tokenizer{number}"
        return self.part(name, partial(load_tokenizer, subfolder=name))

    def vae(self, *, is_unet_exact: bool) -> nn.Module:
        """The VAE, float32; said aloud when the UNet isn't."""
        remark = "" if is_unet_exact else ", in float32: half precision can make its pictures black"
        dtype = torch.float32
        return self.weights("vae", partial(load_vae, dtype=dtype), partial(read_vae, dtype=dtype), remark)


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
        given = NUM_TIME_IDS * int(config_of(parts.unet, "addition_time_embed_dim") or 0) + pooled
    if wanted != given:
        raise ModelError(
            f"The UNet of {name} expects {wanted} numbers beside the prompt's tokens, but its text encoders"
            f" and sizes give {given}: it is an SDXL refiner, or the folder mixes parts of different models;"
            " choose a base model, or copy it again."
        )
