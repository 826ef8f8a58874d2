"""Writes diffusers folders as single files in the layout of the original programs (ldm, sgm, OpenCLIP).

Walks the original numbering forwards, while the package reads it backwards by patterns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

UNET, VAE = "model.diffusion_model.", "first_stage_model."
Tensors = dict[str, torch.Tensor]

_RESNET = (
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
)
_OPEN_CLIP = (
    ("layer_norm1", "ln_1"),
    ("layer_norm2", "ln_2"),
    ("mlp.fc1", "mlp.c_fc"),
    ("mlp.fc2", "mlp.c_proj"),
    ("self_attn.out_proj", "attn.out_proj"),
)


def write_single_file(
    folder: Path, file: Path, *, metadata: Mapping[str, str] | None = None, extra: Tensors | None = None
) -> Path:
    """The model of a diffusers folder in one file, by its suffix safetensors or pickled; gives `file`."""
    tensors = {**single_file_tensors(folder), **(extra or {})}
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".safetensors":
        save_file(tensors, file, metadata=dict(metadata or {}))
    else:
        torch.save({"state_dict": tensors, "global_step": 7}, file)
    return file


def single_file_tensors(folder: Path) -> Tensors:
    """All tensors of a diffusers folder by their original names."""
    is_xl = (folder / "text_encoder_2").is_dir()
    unet = load_file(folder / "unet" / "diffusion_pytorch_model.safetensors")
    vae = load_file(folder / "vae" / "diffusion_pytorch_model.safetensors")
    text = with_wrapper(load_file(folder / "text_encoder" / "model.safetensors"))
    found = {UNET + name: tensor for name, tensor in original_unet(unet, config(folder / "unet")).items()}
    found |= {VAE + name: tensor for name, tensor in original_vae(vae).items()}
    if is_xl:
        second = load_file(folder / "text_encoder_2" / "model.safetensors")
        found |= {f"conditioner.embedders.0.transformer.{name}": tensor for name, tensor in text.items()}
        found |= {f"conditioner.embedders.1.model.{n}": t for n, t in original_open_clip(second).items()}
    elif config(folder / "text_encoder")["hidden_size"] == 1024:
        open_clip = {**original_open_clip(text), "logit_scale": torch.tensor(1.0)}
        found |= {f"cond_stage_model.model.{name}": tensor for name, tensor in open_clip.items()}
    else:
        found |= {f"cond_stage_model.transformer.{name}": tensor for name, tensor in text.items()}
    return {name: tensor.contiguous() for name, tensor in found.items()}


def config(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))


def with_wrapper(text: Tensors) -> Tensors:
    """Names as every file has them: transformers 5.6 took `text_model.` away from the plain model."""
    return {
        n if n.startswith(("text_model.", "text_projection.")) else f"text_model.{n}": t
        for n, t in text.items()
    }


def with_last_layer(open_clip: Tensors) -> Tensors:
    """SD2's files hold one layer more than is used."""
    layers = 1 + max(int(name.split(".")[2]) for name in open_clip if name.startswith("transformer."))
    first = "transformer.resblocks.0."
    last = {
        name.replace(first, f"transformer.resblocks.{layers}."): torch.full_like(tensor, 100.0)
        for name, tensor in open_clip.items()
        if name.startswith(first)
    }
    return {**open_clip, **last, "text_projection": torch.zeros(4, 4), "logit_scale": torch.tensor(1.0)}


def original_unet(unet: Mapping[str, torch.Tensor], settings: Mapping[str, Any]) -> Tensors:
    """A UNet's tensors by their names below `model.diffusion_model.`."""
    levels, layers = len(settings["block_out_channels"]), settings["layers_per_block"]
    places = {
        "conv_in": "input_blocks.0.0",
        "time_embedding.linear_1": "time_embed.0",
        "time_embedding.linear_2": "time_embed.2",
        "add_embedding.linear_1": "label_emb.0.0",
        "add_embedding.linear_2": "label_emb.0.2",
        "conv_norm_out": "out.0",
        "conv_out": "out.2",
        "mid_block.resnets.0": "middle_block.0",
        "mid_block.attentions.0": "middle_block.1",
        "mid_block.resnets.1": "middle_block.2",
    }
    block = 1
    for level in range(levels):
        for layer in range(layers):
            places[f"down_blocks.{level}.resnets.{layer}"] = f"input_blocks.{block}.0"
            places[f"down_blocks.{level}.attentions.{layer}"] = f"input_blocks.{block}.1"
            block += 1
        if level < levels - 1:
            places[f"down_blocks.{level}.downsamplers.0.conv"] = f"input_blocks.{block}.0.op"
            block += 1
    for level in range(levels):
        has_attention = any(name.startswith(f"up_blocks.{level}.attentions.") for name in unet)
        for layer in range(layers + 1):
            block = level * (layers + 1) + layer
            places[f"up_blocks.{level}.resnets.{layer}"] = f"output_blocks.{block}.0"
            places[f"up_blocks.{level}.attentions.{layer}"] = f"output_blocks.{block}.1"
        places[f"up_blocks.{level}.upsamplers.0.conv"] = (
            f"output_blocks.{block}.{2 if has_attention else 1}.conv"
        )
    return {_moved(name, places, _RESNET if ".resnets." in name else ()): t for name, t in unet.items()}


def original_vae(vae: Mapping[str, torch.Tensor]) -> Tensors:
    """A VAE's tensors by their names below `first_stage_model.`; its attention is of convolutions there."""
    blocks = len({name.split(".")[2] for name in vae if name.startswith("encoder.down_blocks.")})
    places = {}
    for side, direction in (("encoder", "down"), ("decoder", "up")):
        places[f"{side}.conv_norm_out"] = f"{side}.norm_out"
        places[f"{side}.mid_block.resnets.0"] = f"{side}.mid.block_1"
        places[f"{side}.mid_block.resnets.1"] = f"{side}.mid.block_2"
        places[f"{side}.mid_block.attentions.0"] = f"{side}.mid.attn_1"
        for block in range(blocks):
            there = f"{side}.{direction}.{block if direction == 'down' else blocks - 1 - block}"
            here = f"{side}.{direction}_blocks.{block}"
            places[f"{here}.{direction}samplers.0"] = f"{there}.{direction}sample"
            for layer in range(4):
                places[f"{here}.resnets.{layer}"] = f"{there}.block.{layer}"
    inner = (
        ("group_norm", "norm"),
        ("to_q", "q"),
        ("to_k", "k"),
        ("to_v", "v"),
        ("to_out.0", "proj_out"),
        ("conv_shortcut", "nin_shortcut"),
    )
    found = {}
    for name, tensor in vae.items():
        is_attention = ".attentions." in name and tensor.ndim == 2
        found[_moved(name, places, inner)] = tensor[:, :, None, None] if is_attention else tensor
    return found


def original_open_clip(text: Mapping[str, torch.Tensor]) -> Tensors:
    """An OpenCLIP text encoder's tensors, with query, key and value in one."""
    places = {
        "text_model.embeddings.token_embedding": "token_embedding",
        "text_model.final_layer_norm": "ln_final",
        "text_model.encoder.layers": "transformer.resblocks",
    }
    found = {}
    for name, tensor in text.items():
        if name.endswith("position_embedding.weight"):
            found["positional_embedding"] = tensor
        elif name == "text_projection.weight":
            found["text_projection"] = tensor.T.contiguous()
        elif ".q_proj." in name:
            parts = [text[name.replace(".q_proj.", f".{letter}_proj.")] for letter in "qkv"]
            there = name.replace("text_model.encoder.layers", "transformer.resblocks")
            found[there.replace("self_attn.q_proj.", "attn.in_proj_")] = torch.cat(parts)
        elif ".k_proj." not in name and ".v_proj." not in name:
            found[_moved(name, places, _OPEN_CLIP)] = tensor
    return found


def _moved(name: str, places: Mapping[str, str], inner: tuple[tuple[str, str], ...]) -> str:
    here = max((place for place in places if name.startswith(f"{place}.")), key=len, default="")
    if not here:
        return name
    rest = name[len(here) :]
    for new, old in inner:
        if rest.startswith(f".{new}.") or f".{new}." in rest:
            rest = rest.replace(f".{new}.", f".{old}.")
            break
    return places[here] + rest
