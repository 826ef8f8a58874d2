"""Whether a UNet is faster with its weights in the channels_last memory format.

One UNet of a family's real shape, with random weights, predicts in both formats in turns in one process;
the ratio of the medians is printed, below 1.00 where channels_last pays. docs/devices.md tells what follows.

    .venv/bin/python benchmarks/memory_format.py [--family sd1] [--batch-size 2] [--rounds 20] [--device cuda]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "modules"))

from diffusers import UNet2DConditionModel  # noqa: E402

from traintab.models.added_conditions import AddedConditions  # noqa: E402
from traintab.models.devices import choose_device  # noqa: E402
from traintab.models.diffusers_adapter import predict  # noqa: E402

WARM_UP = 3
CONFIGS = ROOT / "modules" / "traintab" / "models" / "configs"


def main() -> None:
    """Measure and print one line for drawing and one for training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--family", choices=("sd1", "sd2", "sdxl"), default="sd1")
    parser.add_argument("--batch-size", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--device")
    options = parser.parse_args()
    choice = choose_device(options.device)
    print(choice.reason)
    for what, is_training in (("drawing", False), ("training", True)):
        unets = [unet_of(options.family).to(choice.device, choice.dtype) for _ in range(2)]
        unets[1].to(memory_format=torch.channels_last)
        works = [prediction(unet, options.batch_size, is_training) for unet in unets]
        plain, channels_last = in_turns(works, options.rounds)
        ratio = channels_last / plain
        print(f"{what}: {ratio:.2f} times ({1000 * channels_last:.0f} ms to {1000 * plain:.0f} ms)")


def unet_of(family: str) -> nn.Module:
    """A frozen UNet of the family's shape; every time with the same random weights."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(CONFIGS / family / "unet"))
    return unet.requires_grad_(False).eval()


def prediction(unet: nn.Module, batch_size: int, is_training: bool) -> Callable[[], None]:
    """One prediction at the size the family was trained on, with the gradient of the prompt if training."""
    weight = next(unet.parameters())
    device, dtype, config = weight.device, weight.dtype, unet.config
    side = config.sample_size
    latents = torch.randn(batch_size, config.in_channels, side, side, device=device, dtype=dtype)
    timesteps = torch.full((batch_size,), 500, device=device)
    embeds = torch.randn(batch_size, 77, config.cross_attention_dim, device=device, dtype=dtype)
    embeds.requires_grad_(is_training)
    added = None
    if config.addition_embed_type == "text_time":
        zeros = torch.zeros(batch_size, 1280 + 6, device=device, dtype=dtype)
        added = AddedConditions(text_embeds=zeros[:, :1280], time_ids=zeros[:, 1280:])

    def work() -> None:
        with torch.set_grad_enabled(is_training):
            output = predict(unet, latents, timesteps, embeds, added)
        if is_training:
            output.float().square().mean().backward()
            embeds.grad = None
        if device.type != "cpu":
            getattr(torch, device.type).synchronize()

    return work


def in_turns(works: list[Callable[[], None]], rounds: int) -> list[float]:
    """The median seconds of each, measured in turns so that a busy machine slows all alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(WARM_UP + rounds):
        for work, seconds in zip(works, times, strict=True):
            began = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - began)
    return [statistics.median(seconds[WARM_UP:]) for seconds in times]


if __name__ == "__main__":
    main()
