"""What the VAE makes of pictures, at the side of a training."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import torch
from PIL import Image

from traintab.likeness.vae_features import VaeFeatures, field_statistics


class Turns:
    """Counts the turns on the model's thread."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, task: Callable[[], Any]) -> Future[Any]:
        self.count += 1
        done: Future[Any] = Future()
        done.set_result(task())
        return done


def test_pictures_of_any_size_are_compared_in_turns_of_a_few(tiny_model: Any) -> None:
    turns = Turns()
    pictures = [Image.new("RGB", (60 + 7 * number, 50), (number * 20, 0, 0)) for number in range(6)]
    found = VaeFeatures(turns, lambda: tiny_model).features(pictures)
    assert found.shape == (6, 4 * 32) and turns.count == 2
    assert len(torch.unique(found, dim=0)) == 6


def test_the_same_picture_gives_the_same_vector(tiny_model: Any) -> None:
    features = VaeFeatures(Turns(), lambda: tiny_model)
    picture = Image.linear_gradient("L").convert("RGB")
    alone, among = features.features([picture]), features.features([picture] * 3)
    torch.testing.assert_close(among, alone.expand(3, -1), atol=1e-5, rtol=1e-5)


def test_another_vae_has_another_key(tiny_model: Any, tiny_families: Any) -> None:
    keys = {VaeFeatures(Turns(), lambda model=model: model).key for model in
            (tiny_model, tiny_families.model("sd1"))}  # fmt: skip
    assert len(keys) == 2


def test_the_statistics_are_mean_and_spread_of_each_field() -> None:
    latents = torch.zeros(1, 1, 8, 8)
    latents[0, 0, :2, 0], latents[0, 0, :2, 1] = 1, 3
    found = field_statistics(latents)[0]
    assert found[0] == 2 and found[16] == 1 and found.count_nonzero() == 2
