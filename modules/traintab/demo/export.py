"""The finished model as a standard diffusers folder, in float16 safetensors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file, save_file

from .latents import scaled_vae
from .tokenizer import load_tokenizer
from .train_text_encoder import new_text_encoder
from .train_unet import new_noise_scheduler, new_unet

PREFIX = "text_model."
GUIDANCE_SCALE = 4.0
"""Measured: above it so small a model exaggerates colours, below it details are missed."""


def average_weights(work_dir: Path) -> dict[str, torch.Tensor]:
    """The UNet's averaged weights: the final ones, or those of the latest resume point."""
    done = work_dir / "unet.pt"
    if done.exists():
        weights: dict[str, torch.Tensor] = torch.load(done, weights_only=True)
        return weights
    resume: dict[str, dict[str, torch.Tensor]] = torch.load(work_dir / "unet_resume.pt", weights_only=True)
    return resume["average"]


def assemble(work_dir: Path) -> StableDiffusionPipeline:
    """The pipeline of the models in `work_dir`, float32."""
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    text_encoder = new_text_encoder(tokenizer).eval()
    text_encoder.load_state_dict(torch.load(work_dir / "text_encoder.pt", weights_only=True)["text_encoder"])
    unet = new_unet().eval()
    unet.load_state_dict(average_weights(work_dir))
    return StableDiffusionPipeline(
        vae=scaled_vae(work_dir),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=new_noise_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def export_model(work_dir: Path, folder: Path) -> None:
    """Write the model into `folder`, replacing what was there.

    transformers 5 saves the text encoder's tensors without the prefix that transformers 4 needs, and a
    tokenizer file of its own; both are replaced by the form that every version reads.
    """
    fresh = folder.with_name(folder.name + ".partial")
    shutil.rmtree(fresh, ignore_errors=True)
    assemble(work_dir).to(torch.float16).save_pretrained(fresh, safe_serialization=True)
    _name_for_every_version(fresh / "text_encoder")
    shutil.rmtree(fresh / "tokenizer")
    shutil.copytree(work_dir / "tokenizer", fresh / "tokenizer")
    (fresh / "generation_config.json").write_text(json.dumps({"guidance_scale": GUIDANCE_SCALE}) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def _name_for_every_version(folder: Path) -> None:
    path = folder / "model.safetensors"
    tensors = {
        key if key.startswith(PREFIX) else PREFIX + key: value for key, value in load_file(path).items()
    }
    save_file(tensors, path, metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config.pop("dtype", None)
    config["torch_dtype"] = "float32"  # what to load as: else transformers 5 leaves it in half precision
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
