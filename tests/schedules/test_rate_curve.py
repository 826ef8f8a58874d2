"""The learning rate's curve, against the one of diffusers."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs.rate import LR_SCHEDULERS
from traintab.errors import ConfigError
from traintab.schedules.learning_rate import Schedule
from traintab.schedules.rate_curve import SHAPES, RateCurve, warmup_steps

TOTAL = 40


def curve(shape: str = "constant", text: str = "0.5", total: int = TOTAL, **others: Any) -> RateCurve:
    return RateCurve(written=Schedule.parse(text, max_steps=total), total_steps=total, shape=shape, **others)


def rates(one: RateCurve, total: int = TOTAL) -> list[float | None]:
    return [one.at(step) for step in range(total)]


def of_diffusers(name: str, warmup: int, **others: Any) -> list[float]:
    from diffusers import optimization

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    made = getattr(optimization, f"get_{name}")(optimizer, num_warmup_steps=warmup, **others)
    found = []
    for _ in range(TOTAL):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        made.step()
    return found


THEIRS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("constant", {}, "constant_schedule_with_warmup", {}),
    ("linear", {}, "linear_schedule_with_warmup", {"num_training_steps": TOTAL}),
    ("cosine", {}, "cosine_schedule_with_warmup", {"num_training_steps": TOTAL}),
    (
        "cosine with restarts",
        {"cycles": 3},
        "cosine_with_hard_restarts_schedule_with_warmup",
        {"num_training_steps": TOTAL, "num_cycles": 3},
    ),
    (
        "polynomial",
        {"power": 2.0},
        "polynomial_decay_schedule_with_warmup",
        {"num_training_steps": TOTAL, "power": 2.0, "lr_end": 0.0},
    ),
]


@pytest.mark.option("lr_scheduler", "lr_warmup", "lr_cycles", "lr_power")
@pytest.mark.parametrize(("shape", "ours", "name", "theirs"), THEIRS)
@pytest.mark.parametrize("warmup", [0, 8])
def test_each_shape_is_that_of_diffusers_whose_warmup_wastes_its_first_step(
    shape: str, ours: dict[str, Any], name: str, theirs: dict[str, Any], warmup: int
) -> None:
    expected = of_diffusers(name, warmup, **theirs)
    found = rates(curve(shape, warmup=warmup, **ours))
    assert found[warmup:] == pytest.approx(expected[warmup:], abs=1e-12)
    assert found[:warmup] == pytest.approx(expected[1 : warmup + 1])


def test_the_choices_of_the_option_are_the_shapes() -> None:
    assert LR_SCHEDULERS == SHAPES


def test_as_written_nothing_is_changed() -> None:
    written = Schedule.parse("0.005:7, 1e-3:20", max_steps=TOTAL)
    one = RateCurve(written=written, total_steps=TOTAL)
    assert rates(one) == [written.at(step) for step in range(TOTAL)]
    assert one.end_step == 20 and one.at(20) is None


def test_a_warmup_rises_under_a_written_schedule_too() -> None:
    one = curve("as written", "0.4:2, 0.8", warmup=4)
    assert rates(one)[:6] == pytest.approx([0.1, 0.2, 0.6, 0.8, 0.8, 0.8])


def test_a_factor_multiplies_everything() -> None:
    assert rates(curve("linear", factor=8.0)) == [8 * (rate or 0) for rate in rates(curve("linear"))]


@given(
    st.sampled_from(SHAPES),
    st.integers(1, 300),
    st.integers(1, 5),
    st.floats(0.01, 100),
    st.floats(0, 0.999),
)
def test_the_rate_is_above_zero_and_never_above_the_full_one(
    shape: str, total: int, cycles: int, power: float, warm: float
) -> None:
    one = curve(shape, "0.5", total, cycles=cycles, power=power, warmup=int(total * warm))
    for step in range(total):
        rate = one.at(step)
        assert rate is not None and math.isfinite(rate) and 0 <= rate <= 0.5
    assert one.at(total) is None


@pytest.mark.parametrize(
    ("text", "steps"),
    [("0", 0), ("", 0), ("100", 100), (" 10 % ", 100), ("10%", 100), ("0.05", 50), ("12.5%", 125)],
)
def test_a_warmup_is_a_number_of_steps_or_a_share(text: str, steps: int) -> None:
    assert warmup_steps(text, max_steps=1000) == steps


@pytest.mark.parametrize("text", ["ten", "-1", "1000", "100%", "1.5", "nan", "inf", "1e400", "10%%", "-5%"])
def test_a_warmup_that_is_none_or_takes_the_whole_run_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"Warmup is .* below Max steps \(1000\)"):
        warmup_steps(text, max_steps=1000)
