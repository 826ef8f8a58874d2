"""Pictures to look at, and latents made of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.datasets.latent_encoding import encode_latents
from traintab.datasets.latents import Latents, LatentSettings
from traintab.datasets.report import DatasetImage, scan
from traintab.models.model import Model
from traintab.prompts.captions import CaptionRules

PictureMaker = Callable[..., Path]


@pytest.fixture
def make_picture(tmp_path: Path) -> PictureMaker:
    """Writes a plain picture below the test's `pictures` folder and gives its path."""

    def make(name: str, color: str = "red", size: tuple[int, int] = (64, 64), **save: object) -> Path:
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, color).save(path, **save)
        return path

    return make


@pytest.fixture
def images(make_picture: PictureMaker) -> tuple[DatasetImage, ...]:
    """Three pictures that look different in a mirror."""
    for name, color, size in (("a", "red", (64, 64)), ("b", "blue", (128, 64)), ("c", "green", (64, 96))):
        path = make_picture(f"{name}.png", "white", size=size)
        picture = Image.open(path)
        picture.paste(color, (0, 0, size[0] // 3, size[1]))
        picture.save(path)
    return scan(path.parent, CaptionRules()).images


class CountingEncoder:
    """A tiny model's `encode_images`, which counts the pictures of each call."""

    def __init__(self, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[int] = []
        self._encode = Model.encode_images
        monkeypatch.setattr(Model, "encode_images", lambda model, pixels: self(model, pixels))

    def __call__(self, model: Model, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.calls.append(len(pixels))
        return self._encode(model, pixels)


@pytest.fixture
def counted(tiny_model: Model, monkeypatch: pytest.MonkeyPatch) -> CountingEncoder:
    return CountingEncoder(tiny_model, monkeypatch)


def run_to_end(generator: Generator[Any, None, Any]) -> tuple[list[Any], Any]:
    yielded = []
    while True:
        try:
            yielded.append(next(generator))
        except StopIteration as stop:
            return yielded, stop.value


Encode = Callable[..., tuple[list[int], Latents]]


@pytest.fixture
def encode(tiny_model: Model, tmp_path: Path) -> Encode:
    """Latents of pictures through the cache in `tmp_path`: how many were done at each report, and they."""

    def run(
        images: Sequence[DatasetImage], *, model: Model = tiny_model, **settings: Any
    ) -> tuple[list[int], Latents]:
        wanted = LatentSettings(**{"width": 64, "height": 64, **settings})
        reports, latents = run_to_end(encode_latents(images, model, wanted, cache_dir=tmp_path))
        return [report.done for report in reports], latents

    return run
