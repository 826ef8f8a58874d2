"""Are attributes asked for by prompt drawn as asked? And how sharp is the autoencoder?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from ...models.model import Model
from ..artist import draw_small
from ..characters import sample_picture
from ..judge import Judge
from ..train_vae import psnr
from ..world import COLORS, PATTERNS, Attributes, is_held_out, sample_any_head, sample_outfit
from .sampler import sample

PROMPTS_PER_SEED = 20
ASKED = ("hair color", "hair style", "eye color", "clothes color", "background color")
ALSO_ASKED = ("kind", "clothes", "background")
_UNASKED = {
    "skin": "fair",
    "headwear": "none",
    "glasses": "none",
    "mark": "none",
    "hair blend": "plain",
    "expression": "smile",
    "style": "anime",
}


@dataclass(frozen=True, kw_only=True)
class Obedience:
    """The share of pictures in which each attribute is as asked, and some of the pictures with their
    prompts.
    """

    shares: dict[str, float]
    pictures: list[Image.Image]
    prompts: list[str]


def _generators(seeds: Sequence[int]) -> list[random.Random]:
    return [random.Random(f"asked {seed} {number}") for seed in seeds for number in range(PROMPTS_PER_SEED)]


def asked_attributes(rng: random.Random) -> dict[str, str]:
    """A person in front of a plain or patterned colour; the combination of hair and eyes is held out."""
    while True:
        head = sample_any_head(rng)
        head["other eye color"] = head["eye color"]
        if head["hair blend"] == "plain" and is_held_out(head):
            break
    chosen = {key: head[key] for key in ("kind", "hair color", "hair style", "eye color", "other eye color")}
    kind = rng.choice(PATTERNS[1:]) if rng.random() < 0.3 else "plain"
    return {**chosen, **sample_outfit(rng), "background": kind, "background color": rng.choice(tuple(COLORS))}


def prompt_for(asked: Attributes) -> str:
    """The prompt that asks for `asked`, as a user would write it."""
    hair = {
        "bob": f"{asked['hair color']} bob cut",
        "twintails": f"{asked['hair color']} twintails",
        "ponytail": f"{asked['hair color']} ponytail",
        "buns": f"{asked['hair color']} hair buns",
    }.get(asked["hair style"], f"{asked['hair style']} {asked['hair color']} hair")
    pattern = "" if asked["background"] == "plain" else asked["background"] + " "
    return (
        f"a {asked['kind']} with {hair}, {asked['eye color']} eyes, {asked['clothes color']}"
        f" {asked['clothes']}, {pattern}{asked['background color']} background"
    )


def measure_obedience(model: Model, judge: Judge, seeds: Sequence[int]) -> Obedience:
    """Twenty prompts a seed, one picture each, read by the judge."""
    asked = [asked_attributes(rng) for rng in _generators(seeds)]
    prompts = [prompt_for(attributes) for attributes in asked]
    pictures = sample(model, prompts, 1000 * seeds[0])
    read = judge.values(pictures)
    shares = {
        key: sum(seen[key] == wanted[key] for seen, wanted in zip(read, asked, strict=True)) / len(asked)
        for key in (*ASKED, *ALSO_ASKED)
    }
    return Obedience(shares=shares, pictures=pictures[:20], prompts=prompts[:20])


def judge_ceiling(judge: Judge, seeds: Sequence[int]) -> dict[str, float]:
    """The judge's own accuracy on drawings of what the prompts ask for: what a perfect model would score."""
    right = dict.fromkeys((*ASKED, *ALSO_ASKED), 0)
    asked, pictures = [], []
    for number, rng in enumerate(_generators(seeds)):
        asked.append(asked_attributes(rng))
        pictures.append(draw_small({**_UNASKED, **asked[-1]}, number))
    for seen, wanted in zip(judge.values(pictures), asked, strict=True):
        for key in right:
            right[key] += seen[key] == wanted[key]
    return {key: count / len(asked) for key, count in right.items()}


@torch.no_grad()
def reconstruction(model: Model, count: int = 64) -> tuple[float, list[Image.Image]]:
    """Mean PSNR in dB of drawings the autoencoder never saw, and drawings with their reconstructions in
    turn.
    """
    first = 50_000_000
    drawings = [draw_small(sample_picture(random.Random(first + n)), first + n) for n in range(count)]
    pixels = torch.from_numpy(np.stack([np.asarray(image) for image in drawings])).permute(0, 3, 1, 2).float()
    images = pixels / 127.5 - 1
    mean, _ = model.encode_images(images)
    decoded = model.decode_latents(mean).float().cpu()
    bytes_ = ((decoded[:10].clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    return psnr(decoded, images), [*drawings[:10], *(Image.fromarray(array) for array in bytes_)]
