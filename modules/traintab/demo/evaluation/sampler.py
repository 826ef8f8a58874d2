"""Pictures for the judge: txt2img with the settings that a newcomer finds in the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PIL import Image

from ...configs import GenerationConfig
from ...embeddings.embedding import Embedding
from ...models.model import Model
from ...sampling.txt2img import txt2img


def sample(
    model: Model, prompts: Sequence[str], seed: int, embeddings: Mapping[str, Embedding] | None = None
) -> list[Image.Image]:
    """One picture a prompt, with seeds counted up from `seed`."""
    pictures = []
    for number, prompt in enumerate(prompts):
        config = GenerationConfig(prompt=prompt, seed=seed + number)
        pictures.append(txt2img(model, config, embeddings or {})[0].image)
    return pictures


def grid(rows: Sequence[Sequence[Image.Image]], side: int = 96) -> Image.Image:
    """Pictures in rows, each `side` pixels wide, on white."""
    columns = max(len(row) for row in rows)
    sheet = Image.new("RGB", (columns * (side + 4), len(rows) * (side + 4)), (255, 255, 255))
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            small = picture.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(small, (x * (side + 4) + 2, y * (side + 4) + 2))
    return sheet
