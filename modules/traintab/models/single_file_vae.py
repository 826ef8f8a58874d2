"""A VAE out of a file: that of a checkpoint, or a file of its own, in either layout."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from ..errors import ModelError
from .families import Family, Shapes
from .single_file_adapter import make_vae
from .single_file_configs import below, vae_config
from .single_file_names import VAE_ATTENTION_PLACE, vae_name, without_old_words
from .single_file_tensors import StoredTensors, open_tensors

__all__ = ["VAE_PREFIX", "holds_vae", "load_vae_file", "stored_vae"]

VAE_PREFIX = "first_stage_model."
_PREFIXES = ("", VAE_PREFIX, "vae.")
_FIRST_CONVOLUTION = "encoder.conv_in.weight"
_DIFFUSERS_MARK = "encoder.down_blocks."


def load_vae_file(path: Path, family: Family) -> nn.Module:
    """The `AutoencoderKL` in a file, float32 on the CPU; raises ModelError when it holds none.

    The layout is told by the names: those of diffusers, or of the original programs with or without
    `first_stage_model.`. What the latents are multiplied by is the family's number: no file tells it.
    """
    with open_tensors(path) as stored:
        for prefix in _PREFIXES:
            if holds_vae(stored.shapes, prefix):
                return stored_vae(stored, prefix, family)
    raise ModelError(
        f"The file {path} can't be used as a VAE: it has no tensor {_FIRST_CONVOLUTION}; choose a VAE made"
        " for Stable Diffusion, or none."
    )


def holds_vae(shapes: Shapes, prefix: str) -> bool:
    """Whether a file whose tensors have these shapes has a VAE whose names begin with `prefix`."""
    return prefix + _FIRST_CONVOLUTION in shapes


def stored_vae(stored: StoredTensors, prefix: str, family: Family) -> nn.Module:
    """The VAE of tensors whose names begin with `prefix`; raises ModelError, ValueError if one is missing."""
    shapes = below(stored.shapes, prefix)
    names = _diffusers_names(list(shapes))
    config = vae_config({new: shapes[name] for new, name in names.items()}, family)

    def tensor(new: str) -> torch.Tensor:
        value = stored.read(prefix + names[new])
        # The original attention is a convolution of one pixel: the same numbers with two more dimensions.
        is_convolution = VAE_ATTENTION_PLACE in new and value.ndim > 2
        return value.reshape(value.shape[:2]) if is_convolution else value

    return make_vae(config, ((new, tensor(new)) for new in names), torch.float32)


def _diffusers_names(names: list[str]) -> dict[str, str]:
    """The names as diffusers has them, and the file's for each; what isn't part of the VAE is left out."""
    if any(name.startswith(_DIFFUSERS_MARK) for name in names):
        return {without_old_words(name): name for name in names}
    blocks = len({name.split(".")[2] for name in names if name.startswith("encoder.down.")})
    return {new: name for name in names if (new := vae_name(name, blocks)) is not None}
