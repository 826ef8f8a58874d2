"""The pictures that a training draws."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option, size_option
from .samplers import OLD_SAMPLER_NAMES, SAMPLER_NAMES

__all__ = ["PreviewConfig"]


@dataclass(frozen=True, kw_only=True)
class PreviewConfig:
    """The pictures drawn while training; `preview_seed` is fixed, so that they can be compared."""

    preview_every: int = option(
        500,
        "Save an image to log directory every N steps, 0 to disable",
        "A picture of what has been learned so far.",
        unit="steps",
        minimum=0,
        maximum=10_000_000,
        step=1,
        elem_id="train_create_image_every",
    )
    preview_prompt: str = option(
        "",
        "Preview prompt",
        "What previews show; [name] is the embedding. Empty: the prompt just trained on.",
        elem_id="train_preview_prompt",
    )
    preview_negative_prompt: str = option(
        "", "Preview negative prompt", "What previews keep out.", elem_id="train_preview_negative_prompt"
    )
    preview_steps: int = option(
        20,
        "Preview sampling steps",
        "Sampling steps of a preview.",
        minimum=1,
        maximum=150,
        step=1,
        elem_id="train_preview_steps",
    )
    preview_guidance_scale: float | None = option(
        None,
        "Preview CFG Scale",
        "How strictly previews follow the prompt. Empty: the model's own, mostly 7.",
        minimum=1.0,
        maximum=30.0,
        step=0.5,
        elem_id="train_preview_cfg_scale",
    )
    preview_sampler: str = option(
        "Euler a",
        "Preview sampling method",
        "The sampler of previews.",
        choices=(*SAMPLER_NAMES, *OLD_SAMPLER_NAMES),
        elem_id="train_preview_sampler",
    )
    preview_seed: int = option(
        1,
        "Preview seed",
        "The same for every preview, so that they can be compared; -1: a new one each time.",
        minimum=-1,
        maximum=2**32 - 1,
        step=1,
        elem_id="train_preview_seed",
    )
    preview_width: int | None = size_option(
        "Preview width", elem_id="train_preview_width", help="Empty: the width of the training."
    )
    preview_height: int | None = size_option(
        "Preview height", elem_id="train_preview_height", help="Empty: the height of the training."
    )
    preview_prompts: str = option(
        "",
        "Preview prompt list",
        "One picture a line, instead of the preview prompt. A line may end with settings of its own: --w 512"
        " --h 768 --s 28 --l 7 --d 42 --n blurry. Each picture takes its time.",
        elem_id="train_preview_prompts",
    )
    preview_prompts_file: str = option(
        "",
        "Preview prompt file",
        "A text file with such lines, as kohya's sample prompts; its pictures come after those of the list.",
        elem_id="train_preview_prompts_file",
    )
