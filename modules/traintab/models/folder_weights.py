"""The parts of a diffusers folder, made from their configs and read tensor by tensor into the dtype wanted.

What the libraries do themselves holds a file's numbers and their cast copies in memory at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn

from .single_file_adapter import make_text_encoder
from .single_file_names import without_old_words
from .tensor_reading import TensorReader, filled

__all__ = ["read_text_encoder", "read_unet", "read_vae", "safetensors_of"]

_STEMS = ("diffusion_pytorch_model", "model")


def safetensors_of(folder: Path, variant: str | None) -> list[Path]:
    """The files that hold a part's weights, several for a large one; none when it has a `.bin` alone."""
    middle = f".{variant}" if variant else ""
    for stem in _STEMS:
        whole = folder / f"{stem}{middle}.safetensors"
        if whole.is_file():
            return [whole]
        index = folder / f"{stem}.safetensors.index{middle}.json"
        if index.is_file():
            shards = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
            return [folder / shard for shard in sorted(set(shards))]
    return []


def read_unet(folder: Path, files: list[Path], dtype: torch.dtype) -> nn.Module:
    """The `UNet2DConditionModel` of a folder; raises ValueError if a weight is missing."""
    from diffusers import UNet2DConditionModel

    return filled(_empty(UNet2DConditionModel, folder), _tensors(files), dtype)


def read_vae(folder: Path, files: list[Path], dtype: torch.dtype) -> nn.Module:
    """The `AutoencoderKL` of a folder, with the names of before diffusers 0.18 too; raises ValueError."""
    from diffusers import AutoencoderKL

    return filled(_empty(AutoencoderKL, folder), _tensors(files, without_old_words), dtype)


def read_text_encoder(
    folder: Path, files: list[Path], dtype: torch.dtype, *, with_projection: bool
) -> nn.Module:
    """The CLIP text model of a folder; raises ValueError if a weight is missing."""
    from transformers import CLIPTextConfig

    config = CLIPTextConfig.from_pretrained(str(folder), local_files_only=True).to_dict()
    return make_text_encoder(config, _tensors(files), dtype, with_projection=with_projection)


def _empty(model_class: Any, folder: Path) -> nn.Module:
    """The module of the folder's config, without numbers."""
    with torch.device("meta"):
        module: nn.Module = model_class.from_config(model_class.load_config(str(folder)))
    return module


def _tensors(files: list[Path], named: Callable[[str], str] = str) -> Iterator[tuple[str, torch.Tensor]]:
    for file in files:
        with safe_open(str(file), framework="pt") as checked:
            names = list(checked.keys())
        with file.open("rb") as stream:
            reader = TensorReader.of(stream)
            yield from ((named(name), reader.read(name)) for name in names)
