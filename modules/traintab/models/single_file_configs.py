"""The configs of a single file's parts: its family's, with whatever the shapes of its tensors tell.

So fine-tunes of another structure load as what they are, and a checkpoint of the usual one gets exactly
the config that its family was published with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import ModelError
from .families import UNET_PREFIX, Family, Shapes, TextEncoderPlace

__all__ = ["CONFIGS_DIR", "below", "text_encoder_config", "unet_config", "vae_config"]

CONFIGS_DIR = Path(__file__).resolve().parent / "configs"
# Heads are the one thing that no shape tells: SD1 has 8 everywhere, all others one for 64 channels.
_CHANNELS_OF_A_HEAD = 64
_LAYERS_OF_SD2 = 23
_DOWN = ("DownBlock2D", "CrossAttnDownBlock2D")
_UP = ("UpBlock2D", "CrossAttnUpBlock2D")


def below(shapes: Shapes, prefix: str) -> dict[str, tuple[int, ...]]:
    """The tensors whose names begin with `prefix`, without it."""
    return {name[len(prefix) :]: shape for name, shape in shapes.items() if name.startswith(prefix)}


def unet_config(shapes: Shapes, family: Family) -> dict[str, Any]:
    """The config of a checkpoint's `UNet2DConditionModel`; raises ModelError for an unknown structure."""
    unet = below(shapes, UNET_PREFIX)
    levels = list(_levels(unet))
    middle = _count(unet, "middle_block.1.transformer_blocks.{}.attn2.to_k.weight")
    layers = {layers for _channels, layers, _depth in levels}
    depths = [depth for _channels, _layers, depth in levels]
    if len(layers) != 1 or None in depths or not middle or depths[-1] not in (0, middle):
        raise ModelError(
            "The checkpoint's UNet is of an unknown structure, such as a distilled SDXL (SSD-1B, Vega) has;"
            " expected that of Stable Diffusion 1, 2 or XL. Choose another model."
        )
    channels = [channels for channels, _layers, _depth in levels]
    per_level = [depth or 1 for depth in depths[:-1]] + [middle]
    projection = _shape(unet, "middle_block.1.proj_in.weight")
    config = {
        **_family_config(family, "unet"),
        "in_channels": _shape(unet, "input_blocks.0.0.weight", 4)[1],
        "out_channels": _shape(unet, "out.2.weight", 4)[0],
        "block_out_channels": channels,
        "layers_per_block": layers.pop(),
        "transformer_layers_per_block": 1 if set(per_level) == {1} else per_level,
        "down_block_types": [_DOWN[depth != 0] for depth in depths],
        "up_block_types": [_UP[depth != 0] for depth in reversed(depths)],
        "cross_attention_dim": _shape(unet, "middle_block.1.transformer_blocks.0.attn2.to_k.weight", 2)[1],
        "use_linear_projection": len(projection) == 2,
    }
    if family != "sd1":
        config["attention_head_dim"] = [max(1, width // _CHANNELS_OF_A_HEAD) for width in channels]
    if family == "sdxl":
        config["projection_class_embeddings_input_dim"] = _shape(unet, "label_emb.0.0.weight", 2)[1]
    return config


def _levels(unet: Shapes) -> Iterator[tuple[int, int, int | None]]:
    """Channels, layers and depth of the transformers of each resolution; depth None where layers differ."""
    depths: list[int] = []
    channels = 0
    # The first input block is the convolution alone; a downsampling ends a level and has a block of its own.
    for index in range(1, len(unet) + 2):
        weight = unet.get(f"input_blocks.{index}.0.out_layers.3.weight")
        if weight is not None:
            channels = weight[0] if weight else 0
            depths.append(_count(unet, f"input_blocks.{index}.1.transformer_blocks.{{}}.attn2.to_k.weight"))
            continue
        if depths:
            yield channels, len(depths), depths[0] if len(set(depths)) == 1 else None
        depths = []
        if f"input_blocks.{index}.0.op.weight" not in unet:
            return


def vae_config(vae: Shapes, family: Family) -> dict[str, Any]:
    """The config of the `AutoencoderKL` whose tensors, by the names of diffusers, have these shapes."""
    channels: list[int] = []
    while (weight := vae.get(f"encoder.down_blocks.{len(channels)}.resnets.0.conv2.weight")) is not None:
        channels.append(weight[0] if weight else 0)
    if not channels:
        raise ModelError(
            "The checkpoint holds no VAE, or one of an unknown structure; put the VAE that belongs to it"
            " beside it, named like it with .vae before the suffix, or choose another model."
        )
    return {
        **_family_config(family, "vae"),
        "block_out_channels": channels,
        "down_block_types": ["DownEncoderBlock2D"] * len(channels),
        "up_block_types": ["UpDecoderBlock2D"] * len(channels),
        "in_channels": _shape(vae, "encoder.conv_in.weight", 4)[1],
        "out_channels": _shape(vae, "decoder.conv_out.weight", 4)[0],
        "latent_channels": _shape(vae, "decoder.conv_in.weight", 4)[1],
        "layers_per_block": _count(vae, "encoder.down_blocks.0.resnets.{}.conv2.weight"),
    }


def text_encoder_config(shapes: Shapes, family: Family, place: TextEncoderPlace) -> dict[str, Any]:
    """The config of the `CLIPTextModel` at `place`.

    SD2's 24th layer is left out, as its published config does: the UNet is told what comes before it, and
    some files don't hold it.
    """
    text = below(shapes, place.prefix)
    vocabulary, width = _shape(shapes, place.token_table, 2)
    is_open_clip = place.layout == "open_clip"
    layer = "transformer.resblocks.{}" if is_open_clip else "text_model.encoder.layers.{}"
    inner = "mlp.c_fc.weight" if is_open_clip else "mlp.fc1.weight"
    layers = _count(text, f"{layer}.{inner}")
    outside = "positional_embedding" if is_open_clip else "text_model.embeddings.position_embedding.weight"
    config = {
        **_family_config(family, place.config),
        "vocab_size": vocabulary,
        "hidden_size": width,
        "max_position_embeddings": _shape(text, outside, 2)[0],
        "num_hidden_layers": layers if family != "sd2" else min(layers, _LAYERS_OF_SD2),
        "num_attention_heads": max(1, width // _CHANNELS_OF_A_HEAD),
        "intermediate_size": _shape(text, f"{layer.format(0)}.{inner}", 2)[0],
    }
    if place.config == "text_encoder_2":
        config["projection_dim"] = _shape(text, "text_projection", 2)[1]
    return config


def _family_config(family: Family, part: str) -> dict[str, Any]:
    text = (CONFIGS_DIR / family / part / "config.json").read_text(encoding="utf-8")
    config: dict[str, Any] = json.loads(text)
    return config


def _count(shapes: Shapes, pattern: str) -> int:
    """How many tensors there are with 0, 1, 2 … in the pattern's place."""
    number = 0
    while pattern.format(number) in shapes:
        number += 1
    return number


def _shape(shapes: Shapes, name: str, dimensions: int | None = None) -> tuple[int, ...]:
    shape = shapes.get(name)
    if shape is None or (dimensions is not None and len(shape) != dimensions):
        raise ModelError(
            f"The checkpoint can't be loaded, because its tensor {name} is missing or of the wrong shape"
            f" {shape}; copy or download the file again."
        )
    return shape
