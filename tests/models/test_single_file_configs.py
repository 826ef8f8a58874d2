"""Names and configs of the published sizes, checked against the packaged configs and diffusers' converters.

Everything is on the meta device: full-size models without a number in them.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders import single_file_utils
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from traintab.errors import ModelError
from traintab.models.families import Family, text_encoder_places
from traintab.models.single_file_configs import (
    CONFIGS_DIR,
    below,
    text_encoder_config,
    unet_config,
    vae_config,
)
from traintab.models.single_file_names import open_clip_names, unet_name, vae_name

FAMILIES: tuple[Family, ...] = ("sd1", "sd2", "sdxl")
UNET = "model.diffusion_model."
Tensors = dict[str, torch.Tensor]


def packaged(family: str, part: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(
        (CONFIGS_DIR / family / part / "config.json").read_text(encoding="utf-8")
    )
    return config


@cache
def published(kind: str, family: str, part: str) -> Tensors:
    """The tensors of a part with the family's published sizes."""
    with torch.device("meta"):
        if kind == "unet":
            return dict(UNet2DConditionModel.from_config(packaged(family, part)).state_dict())
        if kind == "vae":
            return dict(AutoencoderKL.from_config(packaged(family, part)).state_dict())
        config = CLIPTextConfig.from_dict(packaged(family, part))
        return dict(CLIPTextModelWithProjection(config).state_dict())


def shapes(tensors: Tensors, prefix: str = "") -> dict[str, tuple[int, ...]]:
    return {prefix + name: tuple(tensor.shape) for name, tensor in tensors.items()}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_unet_of_the_published_size_gets_the_published_config(family: Family, original_layout: Any) -> None:
    config = packaged(family, "unet")
    original = original_layout.original_unet(published("unet", family, "unet"), config)

    found = unet_config(shapes(original, UNET), family)

    assert found == config


@pytest.mark.parametrize("family", FAMILIES)
def test_unet_names_are_those_of_diffusers_converter(family: str, original_layout: Any) -> None:
    config = packaged(family, "unet")
    unet = published("unet", family, "unet")
    original = original_layout.original_unet(unet, config)
    whole = {UNET + name: tensor for name, tensor in original.items()}
    converted = single_file_utils.convert_ldm_unet_checkpoint(whole, config)

    named = {unet_name(name, config["layers_per_block"]): tensor for name, tensor in original.items()}

    assert set(named) == set(converted) == set(unet)
    assert all(named[name] is converted[name] for name in converted)


def test_vae_names_are_those_of_diffusers_converter(original_layout: Any) -> None:
    config = packaged("sd1", "vae")
    vae = published("vae", "sd1", "vae")
    original = original_layout.original_vae(vae)
    whole = {f"first_stage_model.{name}": tensor for name, tensor in original.items()}
    converted = single_file_utils.convert_ldm_vae_checkpoint(whole, config)

    named = {vae_name(name, 4): tensor for name, tensor in original.items()}

    assert set(named) == set(converted) == set(vae)
    assert vae_config(shapes(vae), "sd1") == config


@pytest.mark.parametrize(("family", "factor"), [("sd1", 0.18215), ("sd2", 0.18215), ("sdxl", 0.13025)])
def test_the_family_tells_what_latents_are_multiplied_by(family: Family, factor: float) -> None:
    assert vae_config(shapes(published("vae", "sd1", "vae")), family)["scaling_factor"] == factor


def test_open_clip_names_are_those_of_diffusers_converter(original_layout: Any) -> None:
    text = published("text", "sdxl", "text_encoder_2")
    original = original_layout.original_open_clip(text)
    prefix = "conditioner.embedders.1.model."
    whole = {prefix + name: tensor for name, tensor in original.items()}

    class Converted:
        config = CLIPTextConfig.from_dict(packaged("sdxl", "text_encoder_2"))

    converted = single_file_utils.convert_open_clip_checkpoint(Converted, whole, prefix=prefix)

    assert {new for name in original for new in open_clip_names(name)} == set(converted) == set(text)


@pytest.mark.parametrize(
    ("family", "number", "part"),
    [("sd1", 0, "text_encoder"), ("sdxl", 0, "text_encoder"), ("sdxl", 1, "text_encoder_2")],
)
def test_a_text_encoder_of_the_published_size_gets_the_published_config(
    family: Family, number: int, part: str, original_layout: Any
) -> None:
    place = text_encoder_places(family)[number]
    text = published("text", family, part)
    original = original_layout.original_open_clip(text) if place.layout == "open_clip" else text

    assert text_encoder_config(shapes(original, place.prefix), family, place) == packaged(family, part)


def test_the_last_layer_of_sd2_is_left_out(original_layout: Any) -> None:
    (place,) = text_encoder_places("sd2")
    original = original_layout.original_open_clip(published("text", "sd2", "text_encoder"))
    sizes = shapes(original_layout.with_last_layer(original), place.prefix)
    assert sum(name.endswith("mlp.c_fc.weight") for name in sizes) == 24

    for known in (sizes, shapes(original, place.prefix)):
        assert text_encoder_config(known, "sd2", place) == packaged("sd2", "text_encoder")


def test_a_distilled_unet_is_refused_in_a_sentence(original_layout: Any) -> None:
    config = packaged("sdxl", "unet")
    original = original_layout.original_unet(published("unet", "sdxl", "unet"), config)
    whole = shapes(original, UNET)
    without_middle = {name: shape for name, shape in whole.items() if "middle_block.1" not in name}
    uneven = {
        name: shape for name, shape in whole.items() if "input_blocks.4.1.transformer_blocks.1" not in name
    }

    for broken in (without_middle, uneven):
        with pytest.raises(ModelError, match="unknown structure, such as a distilled SDXL"):
            unet_config(broken, "sdxl")


@pytest.mark.parametrize("gone", ["out.2.weight", "input_blocks.0.0.weight", "middle_block.1.proj_in.weight"])
def test_a_tensor_that_the_config_needs_is_named(gone: str, original_layout: Any) -> None:
    config = packaged("sd1", "unet")
    whole = shapes(original_layout.original_unet(published("unet", "sd1", "unet"), config), UNET)
    del whole[UNET + gone]

    with pytest.raises(ModelError, match=f"its tensor {gone} is missing or of the wrong shape"):
        unet_config(whole, "sd1")


def test_a_checkpoint_without_a_vae_says_where_to_put_one() -> None:
    with pytest.raises(ModelError, match=r"holds no VAE.*beside it, named like it with \.vae"):
        vae_config({}, "sd1")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "model_ema.decay",
        "input_blocks.x.0.weight",
        "middle_block.7.weight",
        "output_blocks.3.3.conv.bias",
    ],
)
def test_what_is_no_part_of_a_unet_has_no_name(name: str) -> None:
    assert unet_name(name, 2) is None


@pytest.mark.parametrize("name", ["", "loss.logvar", "encoder.mid.attn_2.q.weight", "decoder.other.weight"])
def test_what_is_no_part_of_a_vae_has_no_name(name: str) -> None:
    assert vae_name(name, 4) is None


@pytest.mark.parametrize("name", ["logit_scale", "attn_mask", "transformer.resblocks.0.attn.other.weight"])
def test_what_is_no_part_of_a_text_encoder_has_no_name(name: str) -> None:
    assert open_clip_names(name) == ()


def test_below_takes_the_prefix_away() -> None:
    assert below({"a.b": (1,), "a.c.d": (2,), "b.a.b": (3,)}, "a.") == {"b": (1,), "c.d": (2,)}
