"""`demo draw`: sample drawings with captions, and the pictures of a concept in mixed sizes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from .artist import draw_large, finish
from .captions import text_of, write_caption
from .characters import sample_picture
from .concepts import EXAMPLES, DrawnConcept
from .styles import style_of
from .world import Attributes

SIZES = ((180, 200), (240, 220), (320, 320), (216, 240), (200, 200), (256, 236), (300, 280), (288, 320))


def draw_sized(attributes: Attributes, seed: int, size: tuple[int, int]) -> Image.Image:
    """The picture of `attributes` at `size` (width, height): the 512 px drawing, cropped to the shape and
    resized.
    """
    image = draw_large(attributes, seed)
    width, height = size
    if width < height:
        cut = round((512 - 512 * width / height) / 2)
        image = image.crop((cut, 0, 512 - cut, 512))
    elif height < width:
        image = image.crop((0, 0, 512, round(512 * height / width)))
    small = image.resize(size, Image.Resampling.LANCZOS)
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
