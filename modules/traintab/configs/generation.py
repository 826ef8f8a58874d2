"""What txt2img and previews draw."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option, size_option

__all__ = ["SAMPLER_NAMES", "GenerationConfig"]

SAMPLER_NAMES = ("Euler", "Euler a", "DDIM", "DPM++ 2M", "DPM++ 2M Karras", "UniPC", "Heun")


@dataclass(frozen=True, kw_only=True)
class GenerationConfig:
    """Pictures from a prompt.

    `width`, `height` (pixels) and `guidance_scale` are None for the model's own; seed -1 is a random one.
    """

    prompt: str = option(
        "", "Prompt", "What to draw; embeddings by name, (more:1.2), [less].", elem_id="txt2img_prompt"
    )
    negative_prompt: str = option(
        "",
        "Negative prompt",
        "What to keep out of the picture.",
        elem_id="txt2img_neg_prompt",
        flag="--negative",
    )
    num_inference_steps: int = option(
        20,
        "Sampling steps",
        "More steps draw finer and take longer.",
        minimum=1,
        maximum=150,
        step=1,
        elem_id="txt2img_steps",
        flag="--steps",
    )
    guidance_scale: float | None = option(
        None,
        "CFG Scale",
        "How strictly the picture follows the prompt, 1 to 30; 1 switches the negative prompt off. Empty: the"
        " model's own, mostly 7.",
        minimum=1.0,
        maximum=30.0,
        step=0.5,
        elem_id="txt2img_cfg_scale",
        flag="--cfg",
    )
    seed: int = option(
        -1,
        "Seed",
        "The same seed and settings draw the same picture; -1 is a new one each time.",
        minimum=-1,
        maximum=2**32 - 1,
        step=1,
        elem_id="txt2img_seed",
    )
    sampler: str = option(
        "Euler a",
        "Sampling method",
        "How noise becomes a picture.",
        choices=SAMPLER_NAMES,
        elem_id="txt2img_sampling",
    )
    width: int | None = size_option("Width", elem_id="txt2img_width")
    height: int | None = size_option("Height", elem_id="txt2img_height")
    count: int = option(
        1,
        "Batch count",
        "How many pictures; each has the next seed.",
        minimum=1,
        maximum=100,
        step=1,
        elem_id="txt2img_batch_count",
    )
