from __future__ import annotations

from itertools import pairwise
from typing import Any, cast

import pytest
import torch
from PIL import Image

from traintab.drawing.live_preview import LivePreview

LATENTS = torch.zeros(1, 4, 8, 8)


class Clock:
    """Stands still until it is told; a preview takes `cost` seconds."""

    def __init__(self, cost: float = 0.0) -> None:
        self.now = 0.0
        self.cost = cost

    def __call__(self) -> float:
        return self.now


def live_preview(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> tuple[LivePreview, list[float]]:
    """The preview, and the times at which pictures were shown."""
    shown: list[float] = []

    def preview_image(latents: torch.Tensor, model: Any) -> Image.Image:
        assert latents is LATENTS and model == "model"
        clock.now += clock.cost
        return Image.new("RGB", (8, 8))

    monkeypatch.setattr("traintab.sampling.latent_preview.preview_image", preview_image)
    return LivePreview(cast(Any, "model"), lambda image: shown.append(clock.now), clock), shown


def step_every(seconds: float, steps: int, clock: Clock, preview: LivePreview) -> None:
    for _ in range(steps):
        clock.now += seconds
        preview(LATENTS)


def test_quick_steps_are_shown_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    preview, shown = live_preview(clock, monkeypatch)
    step_every(0.125, 16, clock, preview)

    assert shown == [0.5, 1.0, 1.5, 2.0]


def test_slow_steps_are_all_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    preview, shown = live_preview(clock, monkeypatch)
    step_every(5.0, 3, clock, preview)

    assert shown == [5.0, 10.0, 15.0]


def test_previews_that_take_long_take_a_tenth_of_the_time_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(cost=1.0)
    preview, shown = live_preview(clock, monkeypatch)
    step_every(0.5, 100, clock, preview)

    assert len(shown) == 5
    assert all(later - earlier >= 11.0 for earlier, later in pairwise(shown))
