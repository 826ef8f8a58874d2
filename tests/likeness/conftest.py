"""Pictures and encoders whose distances are known by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from PIL import Image

from traintab.grids.scoring import ScoredPicture

WHITE, RED, GREEN, BLUE = (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)
_COLORS = {"red": RED, "green": GREEN, "blue": BLUE}


class ByColor:
    """Looks at the first pixel: red, green and blue are at right angles to each other."""

    key = "by color"

    def __init__(self, *, unit: bool = True) -> None:
        self.unit = unit
        self.looked: list[int] = []
        self.closed = 0

    def features(self, images: Sequence[Image.Image]) -> torch.Tensor:
        self.looked.append(len(images))
        pixels = [image.convert("RGB").getpixel((0, 0)) for image in images]
        vectors = torch.tensor(pixels, dtype=torch.float32) / 255
        return torch.nn.functional.normalize(vectors, dim=1) if self.unit else vectors

    def text_features(self, texts: Sequence[str]) -> torch.Tensor:
        named = [next(color for name, color in _COLORS.items() if name in text) for text in texts]
        return torch.nn.functional.normalize(torch.tensor(named, dtype=torch.float32), dim=1)

    def close(self) -> None:
        self.closed += 1


def drawn(color: tuple[int, int, int], *, row: int = 0, seed: int = 1, prompt: str = "") -> ScoredPicture:
    image = Image.new("RGB", (8, 8), color)
    return ScoredPicture(image=image, prompt=prompt or f"sks {row}", row=row, seed=seed)


@pytest.fixture
def by_color() -> ByColor:
    return ByColor()
