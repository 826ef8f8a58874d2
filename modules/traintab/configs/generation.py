"""What txt2img and previews draw."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option, size_option
from .samplers import AUTOMATIC, SAMPLER_NAMES, SCHEDULE_TYPES, split_sampler_name

__all__ = ["SAMPLER_NAMES", "SCHEDULE_TYPES", "GenerationConfig"]


@dataclass(frozen=True, kw_only=True)
class GenerationConfig:
    """Pictures from a prompt, or from a picture and a prompt.

    `width`, `height` (pixels) and `guidance_scale` are None for the model's own; seed -1 is a random one.
    `count * batch_size` pictures are drawn. `denoising_strength` means something to img2img only. A sampler
    named in the old way, `DPM++ 2M Karras`, becomes the sampler and its schedule type.
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
    schedule_type: str = option(
        AUTOMATIC,
        "Schedule type",
        "How the steps are spread from noise to picture; Automatic is the sampler's own. DDIM and LCM have"
        " one way only.",
        choices=SCHEDULE_TYPES,
        elem_id="txt2img_scheduler",
    )
    width: int | None = size_option("Width", elem_id="txt2img_width")
    height: int | None = size_option("Height", elem_id="txt2img_height")
    count: int = option(
        1,
        "Batch count",
        "How many batches are drawn, one after another; each picture has the next seed.",
        minimum=1,
        maximum=100,
        step=1,
        elem_id="txt2img_batch_count",
    )
    batch_size: int = option(
        1,
        "Batch size",
        "How many pictures are drawn at once: faster on a graphics card, for more of its memory.",
        minimum=1,
        maximum=16,
        step=1,
        elem_id="txt2img_batch_size",
    )
    denoising_strength: float = option(
        0.75,
        "Denoising strength",
        "For img2img: 0 keeps the picture as it is, 1 keeps nothing of it.",
        minimum=0.0,
        maximum=1.0,
        step=0.01,
        elem_id="img2img_denoising_strength",
    )
    clip_skip: int = option(
        1,
        "Clip skip",
        "Leaves out the text encoder's last layers, 1 for none; some models are made for 2.",
        minimum=1,
        maximum=12,
        step=1,
        elem_id="setting_CLIP_stop_at_last_layers",
    )

    @property
    def img2img_steps(self) -> int:
        """Steps that img2img takes, counted as in the web UI: 11 of 20 for half the strength, 1 for none."""
        return 1 + int(min(self.denoising_strength, 0.999) * self.num_inference_steps)

    def __post_init__(self) -> None:
        """Take a schedule type out of the sampler's name, where it stood in older settings and pictures."""
        if isinstance(self.sampler, str):
            sampler, schedule_type = split_sampler_name(self.sampler)
            if schedule_type is not None:
                object.__setattr__(self, "sampler", sampler)
                object.__setattr__(self, "schedule_type", schedule_type)
