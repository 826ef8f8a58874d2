from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from traintab.configs import AutoSizeConfig, check
from traintab.errors import ConfigError
from traintab.preprocessing.auto_size import auto_size_cut, best_size


@pytest.mark.preprocess_option("auto_size_objective")
@pytest.mark.parametrize(
    ("size", "objective", "best"),
    [
        ((1000, 1000), "Maximize area", (640, 640)),
        ((1000, 1000), "Minimize error", (640, 640)),
        ((1000, 1500), "Maximize area", (512, 768)),
        ((1500, 1000), "Maximize area", (768, 512)),
        ((1000, 1300), "Minimize error", (448, 576)),
        # by hand: the errors are 448x576 0.011, 512x640 0.038, 512x704 0.055, 576x704 0.06, 448x640 0.09
        ((1000, 1300), "Maximize area", (576, 704)),
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


@pytest.mark.preprocess_option(
    "dimension_lower", "dimension_upper", "area_lower", "area_upper", "auto_size_threshold"
)
@pytest.mark.parametrize(
    ("limits", "best"),
    [
        ({}, (576, 704)),
        ({"dimension_lower": 400}, (528, 720)),  # sides of 400, 464, 528, 592, 656, 720
        ({"dimension_upper": 640}, (512, 640)),
        ({"area_upper": 300_000}, (448, 640)),
        ({"auto_size_objective": "Minimize error", "area_lower": 300_000}, (512, 640)),
        ({"auto_size_threshold": 0.02}, (448, 576)),
        ({"auto_size_threshold": 0.0}, None),
    ],
)
def test_the_limits_decide_which_sizes_there_are(
    limits: dict[str, Any], best: tuple[int, int] | None
) -> None:
    assert best_size((1000, 1300), AutoSizeConfig(**limits)) == best


def test_a_size_of_the_picture_s_own_shape_is_no_error() -> None:
    assert best_size((300, 300), AutoSizeConfig(auto_size_threshold=0.0)) == (640, 640)


def test_of_equal_sizes_the_narrowest_is_taken() -> None:
    # no square fits between these areas: 384x448 and 448x384 are as large and as far from square
    limits = AutoSizeConfig(area_lower=150_000, area_upper=180_000, auto_size_threshold=0.2)
    assert best_size((500, 500), limits) == (384, 448)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"dimension_lower": 768, "dimension_upper": 384}, "Dimension lower bound is 768"),
        ({"area_lower": 500_000, "area_upper": 400_000}, "Area lower bound is 500000"),
        ({"dimension_lower": 768, "dimension_upper": 1024}, "the smallest is 589824"),
    ],
)
def test_bounds_that_leave_no_size_are_refused_before_anything_starts(
    limits: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        check(AutoSizeConfig(**limits))
