"""Steps counted in epochs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from traintab.configs import TrainingConfig, replace_fields, to_mapping
from traintab.errors import ConfigError, NothingToDoError
from traintab.paths import Paths
from traintab.training.checks import check_before_loading
from traintab.training.epochs import with_epochs
from traintab.training.events import (
    CheckpointSaved,
    PreviewSaved,
    StepCompleted,
    TrainingEvent,
    TrainingNotice,
    TrainingStarted,
)
from traintab.training.unfinished import config_to_resume

Trainer = Callable[..., list[TrainingEvent]]
COUNTED = {"max_epochs": 3, "save_every_epochs": 2, "preview_every_epochs": 1}


def steps_of(events: list[TrainingEvent], kind: type[TrainingEvent]) -> Iterator[int]:
    return (event.step for event in events if isinstance(event, kind))


@pytest.mark.option("max_epochs", "save_every_epochs", "preview_every_epochs")
def test_a_run_ends_saves_and_draws_by_epochs(config: TrainingConfig, run_training: Trainer) -> None:
    drawn = Image.new("RGB", (64, 64))
    events = run_training(replace_fields(config, COUNTED), render_preview=lambda config, embeddings: drawn)
    assert list(steps_of(events, StepCompleted)) == [1, 2, 3, 4, 5, 6]  # five pictures, two at a time
    assert list(steps_of(events, CheckpointSaved)) == [4]
    assert list(steps_of(events, PreviewSaved)) == [2, 4, 6]
    told = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert (
        "An epoch is 2 steps; 3 epochs end at step 6; a copy every 2 epochs is every 4 steps; an image every"
        " 1 epoch is every 2 steps." in told
    )


def test_epochs_off_change_nothing(config: TrainingConfig) -> None:
    assert with_epochs(config, 7) == (config, "")


def test_what_is_not_counted_in_epochs_stays_in_steps(config: TrainingConfig) -> None:
    changed, _ = with_epochs(replace_fields(config, {"save_every_epochs": 2}), 7)
    assert (changed.outputs.save_every, changed.optimization.steps) == (14, config.optimization.steps)


def test_more_steps_than_a_run_may_have_are_refused(config: TrainingConfig) -> None:
    with pytest.raises(ConfigError, match="With epochs of 20 steps: Max steps is 20000000"):
        with_epochs(replace_fields(config, {"max_epochs": 1_000_000}), 20)


def test_the_schedule_ends_with_the_epochs(config: TrainingConfig, paths: Paths) -> None:
    wanted = {"max_epochs": 50, "learning_rate": "0.05:50%, 0.01"}
    plan = check_before_loading(replace_fields(config, wanted), paths)
    assert plan.total_steps == 100
    assert (plan.schedule.at(49), plan.schedule.at(50)) == (0.05, 0.01)


def test_epochs_that_have_been_trained_already_are_told(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(replace_fields(config, {"max_epochs": 2}))
    with pytest.raises(NothingToDoError, match="already and Max epochs 2 end at step 4; raise Max epochs"):
        check_before_loading(replace_fields(config, {"max_epochs": 2}), paths)


def test_steps_given_to_a_resumed_run_count_before_its_epochs(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(replace_fields(config, {"max_epochs": 3}), stop_at=1)
    assert config_to_resume("zq", paths).epochs.max_epochs == 3
    events = run_training(config_to_resume("zq", paths, steps=3), resume=True)
    assert list(steps_of(events, StepCompleted)) == [2, 3]


def test_run_yaml_keeps_the_epochs_and_what_they_are_in_steps(config: TrainingConfig, paths: Paths) -> None:
    kept = to_mapping(check_before_loading(replace_fields(config, COUNTED), paths).config)
    assert (kept["epochs"]["max_epochs"], kept["optimization"]["steps"]) == (3, 6)


def test_epochs_are_counted_anew_when_sizes_keep_pictures_out_of_batches(
    config: TrainingConfig, run_training: Trainer, pictures: Path
) -> None:
    Image.new("RGB", (64, 128), "red").save(pictures / "tall hat.png")
    wanted = {"max_epochs": 2, "resize_mode": "buckets", "bucket_step": 8, "batch_size": 3}
    events = run_training(replace_fields(config, wanted))
    started = next(event for event in events if isinstance(event, TrainingStarted))
    assert started.steps_per_epoch == 3  # 3 and 2 of one shape, 1 of another; all alike it were 2
    assert started.total_steps == max(steps_of(events, StepCompleted)) == 6
    told = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert "Counted with the pictures' sizes: an epoch is 3 steps; 2 epochs end at step 6." in told


def test_a_run_of_known_size_is_counted_once(config: TrainingConfig, paths: Paths, pictures: Path) -> None:
    Image.new("RGB", (64, 128), "red").save(pictures / "tall hat.png")
    wanted = {"max_epochs": 2, "resize_mode": "buckets", "bucket_step": 8, "batch_size": 3}
    plan = check_before_loading(replace_fields(config, {**wanted, "width": 64, "height": 64}), paths)
    assert plan.total_steps == 6
