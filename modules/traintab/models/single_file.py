"""A whole checkpoint in one file (`.safetensors`, `.ckpt`), loaded without network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from torch import nn

from ..errors import ModelError
from .diffusers_adapter import NoiseScheduler, config_of, load_noise_scheduler
from .discovery import Checkpoint
from .families import UNET_PREFIX, Family, TextEncoderPlace, recognise, text_encoder_places
from .file_facts import size_of
from .memory import is_memory_shortage
from .parts import Parts, check_fit, part_in_words
from .prediction_type import Prediction, declared_prediction
from .single_file_adapter import make_text_encoder, make_tokenizer, make_unet, noise_scheduler_for
from .single_file_configs import CONFIGS_DIR, below, text_encoder_config, unet_config
from .single_file_names import open_clip_names, unet_name
from .single_file_tensors import StoredTensors, open_tensors
from .single_file_vae import VAE_PREFIX, load_vae_file, stored_vae
from .transformers_adapter import Tokenizer

__all__ = ["load_single_file"]

Part = TypeVar("Part")
Say = Callable[[str], None]

TOKENIZER_DIR = CONFIGS_DIR / "tokenizer"
# CLIP L repeats the closing token, OpenCLIP goes on with token 0.
_PAD_TOKENS = {"transformers": "<|endoftext|>", "open_clip": "!"}
# What torch, safetensors, transformers and diffusers raise for tensors that are missing or don't fit.
_BROKEN = (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError)


def load_single_file(
    checkpoint: Checkpoint, *, unet_dtype: torch.dtype, say: Say, vae_file: Path | None = None
) -> Parts:
    """Every part of the checkpoint's file, on the CPU, as `parts.load_parts` gives those of a folder.

    `vae_file` replaces the VAE in the file. `prediction_source` is empty when the file doesn't tell what
    its UNet predicts; `noise_scheduler` then has the family's usual type. Raises ModelError that says what
    the file is instead, or what is missing in it.
    """
    path = checkpoint.path
    if path is None:
        raise ModelError(f"The model {checkpoint.name} has no file; choose another.")
    with open_tensors(path) as stored:
        family = recognise(stored.shapes, path)
        file = _File(stored, family, say)
        declared = declared_prediction(path, stored.shapes, stored.metadata)
        vae = file.vae(vae_file)
        parts = Parts(
            text_encoders=tuple(file.text_encoder(place) for place in text_encoder_places(family)),
            vae=vae,
            unet=file.unet(unet_dtype, size_of(family, stored.metadata, declared), vae),
            noise_scheduler=file.noise_scheduler(declared),
            prediction_source=declared.source if declared else "",
        )
    check_fit(checkpoint.name, parts)
    return parts


@dataclass(frozen=True)
class _File:
    """An open checkpoint of a known family, part by part; each raises ModelError that names it."""

    stored: StoredTensors
    family: Family
    say: Say

    def text_encoder(self, place: TextEncoderPlace) -> tuple[Tokenizer, nn.Module]:
        """The tokenizer and the module, float32."""

        def make() -> tuple[Tokenizer, nn.Module]:
            tokenizer = make_tokenizer(TOKENIZER_DIR, pad_token=_PAD_TOKENS[place.layout])
            config = text_encoder_config(self.stored.shapes, self.family, place)
            if config["vocab_size"] <= tokenizer.eos_token_id:
                tokens = tokenizer.eos_token_id + 1
                raise ValueError(f"CLIP has {tokens} tokens and its table {config['vocab_size']} rows")
            module = make_text_encoder(
                config,
                _text_tensors(self.stored, place),
                torch.float32,
                with_projection=place.config == "text_encoder_2",
            )
            return tokenizer, module

        return self._part(place.config, make)

    def vae(self, other: Path | None) -> nn.Module:
        """The file's own VAE or that of an `other` file, float32: in half precision many give NaN."""
        if other is None:
            return self._part("vae", lambda: stored_vae(self.stored, VAE_PREFIX, self.family))
        self.say(f"Loading the VAE from {other.name}")
        return load_vae_file(other, self.family)

    def unet(self, dtype: torch.dtype, size: int, vae: nn.Module) -> nn.Module:
        """The UNet, whose pictures are `size` pixels a side when nobody says."""

        def make() -> nn.Module:
            config = unet_config(self.stored.shapes, self.family)
            cells = size // 2 ** (len(config_of(vae, "block_out_channels")) - 1)
            layers = config["layers_per_block"]
            tensors = (
                (unet_name(name, layers) or name, self.stored.read(UNET_PREFIX + name))
                for name in below(self.stored.shapes, UNET_PREFIX)
            )
            return make_unet({**config, "sample_size": cells}, tensors, dtype)

        return self._part("unet", make)

    def noise_scheduler(self, declared: Prediction | None) -> NoiseScheduler:
        """The noise levels that the family was trained with, and what the file says of its prediction."""
        usual = load_noise_scheduler(str(CONFIGS_DIR / self.family), local_files_only=True)
        return usual if declared is None else noise_scheduler_for(usual.config, declared)

    def _part(self, name: str, make: Callable[[], Part]) -> Part:
        self.say(f"Loading the {part_in_words(name)}")
        try:
            return make()
        except ModelError as error:
            raise ModelError(f"The model {self.stored.path} can't be loaded. {error}") from error
        except _BROKEN as error:
            if is_memory_shortage(error):
                raise
            told = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
            raise ModelError(
                f"The model {self.stored.path} can't be loaded, because its {name} is broken: {told}. Copy or"
                " download the file again."
            ) from error


def _text_tensors(stored: StoredTensors, place: TextEncoderPlace) -> Iterator[tuple[str, torch.Tensor]]:
    """The text encoder's tensors by the names of transformers."""
    for name in below(stored.shapes, place.prefix):
        if place.layout == "transformers":
            yield name, stored.read(place.prefix + name)
            continue
        names = open_clip_names(name)
        if not names:
            continue
        tensor = stored.read(place.prefix + name)
        if name == "text_projection":  # OpenCLIP multiplies from the other side
            tensor = tensor.T
        yield from zip(names, tensor.chunk(len(names)), strict=True)
