"""What is said of a learning rate that can do nothing, or too much."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from traintab.configs import TrainingConfig, replace_fields
from traintab.models.model import Model
from traintab.schedules.learning_rate import Schedule
from traintab.schedules.rate_curve import RateCurve
from traintab.training.events import StepCompleted, TrainingNotice
from traintab.training.optimizers import OptimizerChoice
from traintab.training.rate_advice import rate_advice, usual_coordinate

CLIP_L = 0.0138
ADAMW = OptimizerChoice()


def said(text: str, steps: int = 1600, start: int = 0, choice: OptimizerChoice = ADAMW, **curve: Any) -> str:
    written = Schedule.parse(text, max_steps=steps)
    return rate_advice(RateCurve(written=written, total_steps=steps, **curve), choice, CLIP_L, start)


def test_the_rate_of_kohyas_documents_is_told_how_little_it_moves() -> None:
    assert said("1e-6") == (
        "The learning rate 1e-06 is low: it moves a number of the vectors by at most 0.0016 in 1,600 steps,"
        " and in the model's words these are about 0.014. Hardly anything is learned so; 0.005 is usual."
    )


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("0.005", 1000),
        ("5e-4", 3000),
        ("0.05:10, 0.02:20, 0.01:60, 0.005:200, 0.002:500, 0.001:3000, 0.0005", 10_000),
        ("0.005:100, 1e-3:1000, 1e-5", 10_000),
        ("1e-4", 1000),
        ("5e-6", 100_000),
        ("0.005", 1),
    ],
)
def test_rates_that_guides_have_success_with_pass(text: str, steps: int) -> None:
    assert said(text, steps) == ""


def test_what_is_left_to_train_counts() -> None:
    assert "1,600 steps" in said("5e-6", 100_000, start=98_400)
    assert said("5e-6", 100, start=100) == ""


def test_a_rate_as_large_as_words_is_told() -> None:
    assert said("0.05:10, 0.5").startswith("The learning rate 0.5 is high: one step")


def test_the_curve_counts_and_not_the_text() -> None:
    assert said("1e-6", factor=5000.0) == ""
    assert said("0.01", factor=8.0).startswith("The learning rate 0.08 is high")


def test_prodigy_wants_1() -> None:
    prodigy = OptimizerChoice(name="Prodigy")
    assert said("1", choice=prodigy) == ""
    assert said("0.005", choice=prodigy).endswith("which is 0.005; set Embedding Learning rate to 1.")


def test_a_rate_that_is_a_share_is_left_alone() -> None:
    assert said("1e-6", choice=OptimizerChoice(name="Adafactor", settings={"scale_parameter": True})) == ""


def test_words_are_as_large_as_the_table_says(model: Model) -> None:
    table = model.text_encoders[0].embedding_layer.weight.detach()
    assert usual_coordinate(model) == pytest.approx(float(table.pow(2).mean().sqrt()), rel=0.05)


def test_a_model_that_is_let_go_meanwhile_has_words_of_no_size(model: Model) -> None:
    own = copy.deepcopy(model)
    own.text_encoders[0].module.to("meta")
    assert usual_coordinate(own) is None


def notices(events: list[Any]) -> str:
    return "\n".join(event.message for event in events if isinstance(event, TrainingNotice))


def rates(events: list[Any]) -> list[float]:
    return [event.learning_rate for event in events if isinstance(event, StepCompleted)]


@pytest.mark.option("scale_lr")
def test_a_scaled_rate_is_used_and_told(config: TrainingConfig, run_training: Any) -> None:
    changes = {"learning_rate": "0.001", "steps": 2, "batch_size": 2, "gradient_accumulation_steps": 2}
    changed = replace_fields(config, {**changes, "scale_lr": True})
    events = run_training(changed)
    assert rates(events) == [0.004, 0.004]
    assert "The learning rate is multiplied by 4, the pictures of a step" in notices(events)


@pytest.mark.option("lr_scheduler", "lr_warmup")
def test_a_run_follows_its_curve(config: TrainingConfig, run_training: Any) -> None:
    changes = {"learning_rate": "0.01", "lr_scheduler": "linear", "lr_warmup": "25%", "lr_cycles": 3}
    events = run_training(replace_fields(config, {**changes, "steps": 8}))
    assert rates(events) == pytest.approx([0.005, 0.01, *(0.01 * (8 - step) / 6 for step in range(2, 8))])
    assert "Cycles is for cosine with restarts" in notices(events)


def test_a_rate_that_can_do_nothing_is_told_before_the_first_step(
    config: TrainingConfig, run_training: Any
) -> None:
    events = run_training(replace_fields(config, {"learning_rate": "1e-6", "steps": 1}))
    assert "The learning rate 1e-06 is low" in notices(events)
