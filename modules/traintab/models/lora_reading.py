"""One LoRA file to the changes of a model's weights, checked before anything is changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from ..errors import ModelError
from .diffusers_adapter import config_of
from .lora_layers import weight_change
from .lora_names import layer_path, layer_piece
from .model import Model
from .single_file_tensors import StoredTensors, open_tensors

__all__ = ["LoraFile", "LoraLayer", "LoraRefused", "Targets", "read_lora", "targets_of"]

Targets = Mapping[tuple[str, str], torch.Tensor]
"""The weights that can be changed, by part (`unet`, `te1`, `te2`) and path."""

_CONTEXT_LAYER = "attn2_to_k"
_FAMILIES = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2", 2048: "SDXL"}
_BUNDLED = "bundle_emb."
_DORA = ".dora_scale"


class LoraRefused(Exception):
    """The file can't be applied; the message is the end of the sentence "... was not applied: ..."."""


@dataclass(frozen=True, eq=False)
class LoraLayer:
    """What is to be added to `weight`, as the file's factors (float, on the CPU) by `LayerPiece.piece`."""

    part: str
    weight: torch.Tensor
    pieces: Mapping[str, torch.Tensor]


@dataclass(frozen=True, eq=False)
class LoraFile:
    """The layers that fit the model, and the names of those tensors that could not be used.

    Embeddings that the file brings along are neither.
    """

    layers: tuple[LoraLayer, ...]
    left_out: tuple[str, ...] = ()


def targets_of(model: Model) -> dict[tuple[str, str], torch.Tensor]:
    """The weights of all linear layers and convolutions of the UNet and the text encoders."""
    parts = {"unet": model.unet}
    parts |= {f"te{number}": encoder.module for number, encoder in enumerate(model.text_encoders, start=1)}
    return {
        (part, layer_path(name)): layer.weight
        for part, module in parts.items()
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d)
    }


def read_lora(path: Path, model: Model, targets: Targets) -> LoraFile:
    """The layers of the file at `path`; raises LoraRefused with a phrase when it isn't one for `model`."""
    try:
        with open_tensors(path) as stored:
            return _read(stored, model, targets)
    except ModelError as error:
        raise LoraRefused(str(error).rstrip(".")) from error


def _read(stored: StoredTensors, model: Model, targets: Targets) -> LoraFile:
    layers_per_block = config_of(model.unet, "layers_per_block")
    grouped: dict[tuple[str, str], dict[str, str]] = {}
    left_out = []
    for name in (name for name in stored.shapes if not name.startswith(_BUNDLED)):
        if name.endswith(_DORA):
            raise LoraRefused("it is a DoRA, which this program can't apply")
        found = layer_piece(name, layers_per_block if isinstance(layers_per_block, int) else 2)
        if found is None:
            left_out.append(name)
        else:
            grouped.setdefault((found.part, found.path), {})[found.piece] = name
    layers = []
    for place, names in grouped.items():
        if place in targets and _fits(targets[place], names, stored):
            layers.append(LoraLayer(place[0], targets[place], _numbers(names, stored)))
        elif place in targets:
            raise LoraRefused(_misfit(grouped, stored, model))
        else:
            left_out += names.values()
    if not layers:
        raise LoraRefused("none of its tensors belongs to a layer of this model")
    return LoraFile(tuple(layers), tuple(left_out))


def _fits(weight: torch.Tensor, names: Mapping[str, str], stored: StoredTensors) -> bool:
    """Whether the factors give a change of the weight's size; found out without computing it."""
    shapes = {piece: stored.shapes[name] for piece, name in names.items()}
    if any(math.prod(shape) != 1 if piece == "alpha" else len(shape) < 2 for piece, shape in shapes.items()):
        return False
    try:
        change = weight_change({piece: torch.empty(shape, device="meta") for piece, shape in shapes.items()})
    except RuntimeError:
        return False
    return change is not None and change.shape[0] == weight.shape[0] and change.numel() == weight.numel()


def _numbers(names: Mapping[str, str], stored: StoredTensors) -> dict[str, torch.Tensor]:
    """Copies of the tensors, because the file is closed afterwards."""
    numbers = {}
    for piece, name in names.items():
        tensor = stored.read(name)
        if not tensor.is_floating_point() or not bool(torch.isfinite(tensor.float()).all()):
            raise LoraRefused(f"its tensor {name} holds something else than finite numbers")
        numbers[piece] = tensor.clone()
    return numbers


def _misfit(grouped: Mapping[tuple[str, str], Mapping[str, str]], stored: StoredTensors, model: Model) -> str:
    """Which model the file was made for, if the width of its prompts' vectors tells."""
    for (_, path), names in grouped.items():
        if path.endswith(_CONTEXT_LAYER) and "down" in names:
            width = stored.shapes[names["down"]][1:2]
            family = _FAMILIES.get(width[0]) if width else None
            if family is not None:
                return f"it is made for {family}, and {model.name} is another kind of model"
    return f"its layers have other sizes than those of {model.name}; it is made for another kind of model"
