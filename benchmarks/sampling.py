"""How much drawing a picture costs beside diffusers' own pipeline with the same model and sampler.

Ours is a whole txt2img: prompts parsed and encoded, steps, decoding. The pipeline gets its prompt_embeds
ready made, so encoding is counted on our side alone. Both run in turns in one process, so that a busy
machine slows both alike; the ratios of the median times and of the most memory in use are printed, and
how far the two pictures are apart. 1.00 would be no overhead.

    .venv/bin/python benchmarks/sampling.py [--model demo] [--steps 20] [--rounds 5] [--batch-size 1]
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "modules"))

from traintab.conditioning.conditioning import condition  # noqa: E402
from traintab.configs import GenerationConfig  # noqa: E402
from traintab.models.diffusers_adapter import make_sampler  # noqa: E402
from traintab.models.loading import load_model  # noqa: E402
from traintab.models.model import Model  # noqa: E402
from traintab.paths import Paths  # noqa: E402
from traintab.sampling.txt2img import txt2img  # noqa: E402

PROMPT, NEGATIVE = "a photo of a girl, (red hat:1.2), smile", "blue, hat"
SEED = 7
EVEN = {"timestep_spacing": "linspace"}
SCHEDULERS = {
    "Euler a": "EulerAncestralDiscreteScheduler",
    "DPM++ 2M": "DPMSolverMultistepScheduler",
}

Pictures = list[np.ndarray[Any, Any]]
Draw = Callable[[], Pictures]


def main() -> None:
    """Measure and print one line for each sampler."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="demo")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(options.model, Paths.under(ROOT))
    print(f"{model.name} on {model.device}, {options.steps} steps, batches of {options.batch_size}")
    for sampler, class_name in SCHEDULERS.items():
        config = GenerationConfig(
            prompt=PROMPT,
            negative_prompt=NEGATIVE,
            num_inference_steps=options.steps,
            guidance_scale=model.default_guidance_scale,
            seed=SEED,
            sampler=sampler,
            width=model.default_size,
            height=model.default_size,
            batch_size=options.batch_size,
        )
        print(f"{sampler}: {compared(model, config, class_name, options.rounds)}", flush=True)


def compared(model: Model, config: GenerationConfig, class_name: str, rounds: int) -> str:
    """The line that is printed for one sampler."""
    ways = (pipeline_way(model, config, class_name), our_way(model, config))
    theirs, ours = (way() for way in ways)  # the first of each warms up
    # A busy machine doesn't count against either where the process's own time can be told.
    clock = time.process_time if model.device.type == "cpu" else time.perf_counter
    times: tuple[list[float], list[float]] = ([], [])
    memory: tuple[list[int], list[int]] = ([], [])
    for _ in range(rounds):
        for way, seconds, peaks in zip(ways, times, memory, strict=True):
            forget_peak(model.device)
            began = clock()
            way()
            seconds.append(clock() - began)
            peaks.append(peak(model.device))
    floor, own = statistics.median(times[0]), statistics.median(times[1])
    apart = max(int(np.abs(a - b).max()) for a, b in zip(theirs, ours, strict=True))
    told = f"{own / floor:.3f} times the pipeline's time ({own:.2f} s to {floor:.2f} s)"
    if min(memory[0]) > 0:
        told += f", {max(memory[1]) / max(memory[0]):.3f} times its memory"
    return f"{told}, pictures {apart}/255 apart"


def our_way(model: Model, config: GenerationConfig) -> Draw:
    """txt2img as the page and the command line call it."""
    return lambda: [np.asarray(drawn.image).astype(int) for drawn in txt2img(model, config, {})]


def pipeline_way(model: Model, config: GenerationConfig, class_name: str) -> Draw:
    """diffusers' pipeline for SD1 and SD2 around the very same parts, with prompt_embeds from outside."""
    from diffusers import StableDiffusionPipeline

    scheduler = make_sampler(class_name, model.noise_scheduler.config, EVEN)
    pipeline = StableDiffusionPipeline(
        vae=model.vae,
        text_encoder=None,
        tokenizer=None,
        unet=model.unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    embeds = condition(model, [PROMPT, NEGATIVE], {}).prompt_embeds.to(model.device, model.dtype)

    def draw() -> Pictures:
        seeds = range(config.seed, config.seed + config.batch_size)
        images = pipeline(
            prompt_embeds=embeds[:1],
            negative_prompt_embeds=embeds[1:],
            num_images_per_prompt=config.batch_size,
            num_inference_steps=config.num_inference_steps,
            guidance_scale=config.guidance_scale,
            width=config.width,
            height=config.height,
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        ).images
        return [np.asarray(image).astype(int) for image in images]

    return draw


def forget_peak(device: torch.device) -> None:
    """Count the most memory in use from now on: the card's, or on Linux this process's."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak(device: torch.device) -> int:
    """The most bytes in use since `forget_peak`; 0 where that isn't known."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if sys.platform != "linux":
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    main()
