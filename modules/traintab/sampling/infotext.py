"""The text in a picture that tells how it was drawn, as A1111 writes and reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .. import __version__
from ..configs import GenerationConfig
from .infotext_settings import (
    config_from_infotext,
    parse_infotext,
    without_separators,
    without_surrogates,
)

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["config_from_infotext", "infotext", "parse_infotext"]


def infotext(
    config: GenerationConfig,
    model: Model,
    hashes: Mapping[str, str],
    *,
    lora_hashes: Mapping[str, str] | None = None,
    is_img2img: bool = False,
    batch_position: int = 0,
) -> str:
    """A1111's three parts: the prompt, a line with the negative prompt if there is one, the parameters.

    `config` has its seed, size and guidance filled in; `hashes` maps each embedding used to the first 12
    hex digits of its file's sha256, `lora_hashes` each LoRA. `batch_position` counts from 0.
    """
    parameters = {
        "Steps": config.num_inference_steps,
        "Sampler": config.sampler,
        "Schedule type": config.schedule_type,
        "CFG scale": _exact(config.guidance_scale),
        "Seed": config.seed,
        "Size": f"{config.width}x{config.height}",
        "Model hash": model.checkpoint_hash,
        "Model": model.name,
        "VAE": model.vae_name,
        "Batch size": config.batch_size if config.batch_size > 1 else "",
        "Batch pos": batch_position if config.batch_size > 1 else "",
        "Denoising strength": _exact(config.denoising_strength) if is_img2img else "",
        "Clip skip": config.clip_skip if config.clip_skip > 1 else "",
        "Lora hashes": _listed(lora_hashes or {}),
        "TI hashes": _listed(hashes),
        "Version": f"Train Tab {__version__}",
    }
    lines = [config.prompt]
    if config.negative_prompt:
        lines.append(f"Negative prompt: {config.negative_prompt}")
    lines.append(
        ", ".join(f"{key}: {_quoted(str(value))}" for key, value in parameters.items() if value != "")
    )
    return without_surrogates("\n".join(lines).strip())


def _exact(number: float | None) -> str:
    """`7` for 7.0, and every digit there is: the number read back is the same."""
    return repr(number).removesuffix(".0")


def _listed(hashes: Mapping[str, str]) -> str:
    return ", ".join(f"{without_separators(name)}: {digest}" for name, digest in hashes.items())


def _quoted(value: str) -> str:
    """A value with a comma, colon or line break, or that looks like a JSON string, is a JSON string."""
    return json.dumps(value, ensure_ascii=False) if re.search(r'[,:\n]|^"', value) else value
