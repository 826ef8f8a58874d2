from __future__ import annotations

from itertools import product

import pytest

from traintab.configs import AutoSizeConfig
from traintab.preprocessing.auto_size import auto_size_cut, best_size


@pytest.mark.parametrize(
    ("size", "objective", "best"),
    [
        ((1000, 1000), "Maximize area", (640, 640)),
        ((1000, 1000), "Minimize error", (640, 640)),
        ((1000, 1500), "Maximize area", (512, 768)),
        ((1500, 1000), "Maximize area", (768, 512)),
        ((1000, 1300), "Minimize error", (448, 576)),
    ],
)
def test_the_best_size_follows_the_objective(
    size: tuple[int, int], objective: str, best: tuple[int, int]
) -> None:
    assert best_size(size, AutoSizeConfig(auto_size_objective=objective)) == best


def test_the_best_size_is_the_best_of_all_allowed_ones() -> None:
    limits = AutoSizeConfig()
    chosen = best_size((900, 1100), limits)
    assert chosen is not None
    for width, height in product(range(384, 769, 64), repeat=2):
        ratio = (900 / 1100) / (width / height)
        if width * height <= 409600 and 1 - min(ratio, 1 / ratio) <= 0.1:
            assert chosen[0] * chosen[1] >= width * height


def test_no_size_fits_a_banner() -> None:
    assert auto_size_cut((3000, 300), AutoSizeConfig()) is None


def test_an_auto_sized_picture_has_its_best_size() -> None:
    cut = auto_size_cut((1000, 1500), AutoSizeConfig())
    assert cut is not None
    assert cut.size == (512, 768)
