"""Model folders of real shapes with random weights: as fast and as large as real ones, and free to all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch

CONFIGS = Path(__file__).resolve().parent.parent / "modules" / "traintab" / "models" / "configs"
SHAPES = ("small", "sd1", "sdxl")
_SMALL = {"block_out_channels": [128, 256, 512, 512]}


def model_folder(shape: str, root: Path) -> Path:
    """The diffusers folder of a shape below `root`, written at the first call.

    `sd1` is Stable Diffusion 1.5, `small` the same with a UNet of 0.4 times the channels, `sdxl` is Stable
    Diffusion XL. SDXL's weights are bfloat16, the others' float32.
    """
    if shape not in SHAPES:
        raise SystemExit(f"There is no shape {shape!r}; choose one of {', '.join(SHAPES)}.")
    folder = root / shape
    if (folder / "model_index.json").exists():
        return folder
    torch.manual_seed(0)
    family, dtype = ("sdxl", torch.bfloat16) if shape == "sdxl" else ("sd1", torch.float32)
    index: dict[str, Any] = {"_diffusers_version": "0.31.0", "safety_checker": [None, None]}
    for number in ("", "_2") if family == "sdxl" else ("",):
        index[f"text_encoder{number}"] = ["transformers", _write_text_encoder(folder, family, number, dtype)]
        index[f"tokenizer{number}"] = ["transformers", "CLIPTokenizer"]
        shutil.copytree(CONFIGS / "tokenizer", folder / f"tokenizer{number}", dirs_exist_ok=True)
    _write_diffusers_parts(folder, family, dtype, _SMALL if shape == "small" else {})
    shutil.copytree(CONFIGS / family / "scheduler", folder / "scheduler", dirs_exist_ok=True)
    index["unet"], index["vae"] = ["diffusers", "UNet2DConditionModel"], ["diffusers", "AutoencoderKL"]
    index["scheduler"] = ["diffusers", "DDPMScheduler"]
    index["_class_name"] = f"StableDiffusion{'XL' if family == 'sdxl' else ''}Pipeline"
    # Last: a folder that has it is whole.
    (folder / "model_index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


def _write_text_encoder(folder: Path, family: str, number: str, dtype: torch.dtype) -> str:
    """Writes a text encoder and gives its class's name."""
    import transformers

    config = transformers.CLIPTextConfig.from_pretrained(CONFIGS / family / f"text_encoder{number}")
    name = "CLIPTextModelWithProjection" if number else "CLIPTextModel"
    getattr(transformers, name)(config).to(dtype).save_pretrained(folder / f"text_encoder{number}")
    return name


def _write_diffusers_parts(folder: Path, family: str, dtype: torch.dtype, changes: dict[str, Any]) -> None:
    from diffusers import AutoencoderKL, UNet2DConditionModel

    config = UNet2DConditionModel.load_config(CONFIGS / family / "unet")
    UNet2DConditionModel.from_config({**config, **changes}).to(dtype).save_pretrained(folder / "unet")
    vae = AutoencoderKL.from_config(AutoencoderKL.load_config(CONFIGS / family / "vae"))
    vae.to(dtype).save_pretrained(folder / "vae")
