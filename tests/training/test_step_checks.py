"""The rules of the steps, and what is refused of them."""

from __future__ import annotations

from typing import Any

import pytest

from traintab.configs import TrainingConfig, replace_fields
from traintab.errors import ConfigError, NothingToDoError, ScheduleError
from traintab.training.step_checks import StepRules, check_steps


def rules(start_step: int = 0, is_resumed: bool = False, **settings: Any) -> StepRules:
    config = replace_fields(TrainingConfig(), {"steps": 100, **settings})
    return check_steps(config, "zq", start_step, is_resumed=is_resumed)


def test_by_default_the_rate_is_as_written_and_nothing_else_is_said() -> None:
    found = rules(learning_rate="0.005:10, 0.001")
    assert (found.curve.at(9), found.curve.at(10)) == (0.005, 0.001)
    assert (found.clipping, found.notice, found.optimizer.name) == (None, "", "AdamW")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        rules(
            learning_rate="0.005:10, 0.001",
            lr_scheduler="cosine",
            clip_grad_mode="value",
            clip_grad_value="x",
            optimizer="Lion",
            optimizer_eps=0.1,
        )
    said = str(caught.value)
    assert "Learning rate scheduler is cosine, which wants one rate" in said
    assert "Gradient clip value: " in said
    assert "Optimizer epsilon is given, but Lion has no such setting" in said
    assert caught.value.field == "lr_scheduler"
    assert "\n" not in said


def test_a_single_mistake_in_a_text_keeps_its_place() -> None:
    with pytest.raises(ScheduleError) as caught:
        rules(learning_rate="0.005:x")
    assert caught.value.position == 6
    assert str(caught.value).endswith("^")


def test_a_warmup_of_the_whole_run_is_refused() -> None:
    with pytest.raises(ConfigError, match="below Max steps \\(100\\)"):
        rules(lr_warmup="100")


@pytest.mark.option("clip_grad_mode", "clip_grad_value")
def test_a_bound_has_its_schedule() -> None:
    clipping = rules(clip_grad_mode="norm", clip_grad_value="1:25%, 0.5").clipping
    assert clipping is not None
    assert [clipping.bound_at(step) for step in (0, 24, 25)] == [1, 1, 0.5]


@pytest.mark.parametrize(
    ("settings", "start"), [({}, 100), ({"learning_rate": "0.1:50"}, 50), ({"learning_rate": "0.1:50"}, 99)]
)
def test_where_no_step_is_left_that_is_told(settings: dict[str, Any], start: int) -> None:
    with pytest.raises(NothingToDoError, match="'zq' has been trained for"):
        rules(start, **settings)


@pytest.mark.parametrize(("settings", "start"), [({}, 100), ({"learning_rate": "0.1:50"}, 50)])
def test_a_resumed_run_may_stand_at_its_end(settings: dict[str, Any], start: int) -> None:
    assert rules(start, is_resumed=True, **settings).curve.end_step == start


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"lr_cycles": 2}, "Cycles is for cosine with restarts: with Learning rate scheduler as written it"),
        ({"lr_power": 2, "lr_scheduler": "linear"}, "Power is for polynomial: with Learning rate scheduler"),
        ({"lr_cycles": 2, "lr_scheduler": "cosine with restarts"}, ""),
        ({"lr_power": 2, "lr_scheduler": "polynomial"}, ""),
    ],
)
def test_a_setting_for_another_scheduler_is_told(settings: dict[str, Any], said: str) -> None:
    notice = rules(learning_rate="0.1", **settings).notice
    assert notice.startswith(said) and bool(notice) == bool(said)
