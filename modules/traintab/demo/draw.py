"""`demo draw`: sample drawings with captions, and the pictures of a concept in mixed sizes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from .artist import draw_large, finish
from .captions import text_of, write_caption
from .characters import sample_picture
from .concepts import EXAMPLES, DrawnConcept
from .styles import style_of
from .world import Attributes

SIZES = ((180, 200), (240, 220), (320, 320), (216, 240), (200, 200), (256, 236), (300, 280), (288, 320))


def draw_sized(attributes: Attributes, seed: int, size: tuple[int, int]) -> Image.Image:
    """The picture of `attributes` at `size` (width, height): the 512 px drawing in its middle square, its
    edges drawn on beyond it.

    So what cuts out the middle gets the subject as the model knows it, neither nearer nor moved.
    """
    width, height = size
    large = np.asarray(draw_large(attributes, seed))
    beside, above = (round(512 * (length / min(size) - 1) / 2) for length in size)
    wide = Image.fromarray(np.pad(large, ((above, above), (beside, beside), (0, 0)), mode="edge"))
    small = wide.resize((width, height), Image.Resampling.LANCZOS)
    return finish(small, style_of(attributes["style"], seed), seed)


def draw_concept(concept: DrawnConcept, folder: Path, count: int, *, captions: bool) -> list[Path]:
    """Write `count` pictures of `concept` in mixed sizes into `folder`, with `.txt` captions where asked.

    A caption says what varies (clothes, expression, background), not what the concept itself is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        seed = 20_000_000 + number
        rng = random.Random(f"{concept.name} {number}")
        attributes = concept.sample(rng)
        path = folder / f"{number + 1:02d}.png"
        image = draw_sized(attributes, seed, SIZES[number % len(SIZES)])
        image.quantize(128).save(path, optimize=True)
        if captions:
            path.with_suffix(".txt").write_text(varying_caption(concept, attributes) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def varying_caption(concept: DrawnConcept, attributes: Attributes) -> str:
    """What a picture shows beside the concept: clothes, expression and background."""
    parts = []
    if "clothes" in attributes and "clothes color" not in concept.attributes:
        parts.append(f"{attributes['clothes color']} {attributes['clothes']}")
    if attributes.get("expression", "neutral") != "neutral":
        parts.append(attributes["expression"])
    if "background color" in attributes:
        kind = "" if attributes["background"] == "plain" else attributes["background"] + " "
        parts.append(f"{kind}{attributes['background color']} background")
    else:
        parts.append(f"{attributes['background']} background")
    return ", ".join(parts)


def draw(output: Path, *, count: int, seed: int) -> list[Path]:
    """Write `count` random drawings with captions into `output`, and the three example concepts into
    subfolders.
    """
    output.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        rng = random.Random(f"draw {seed} {number}")
        attributes = sample_picture(rng)
        path = output / f"{number + 1:04d}.png"
        draw_sized(attributes, seed + number, (320, 320)).save(path, optimize=True)
        caption = text_of(write_caption(attributes, rng))
        path.with_suffix(".txt").write_text(caption + "\n", encoding="utf-8")
        paths.append(path)
    for kind, concept in EXAMPLES.items():
        paths += draw_concept(concept, output / kind, 8, captions=kind == "character")
    return paths


__all__: Sequence[str] = ["draw", "draw_concept", "draw_sized", "varying_caption"]
