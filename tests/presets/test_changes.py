"""What differs from a preset is what resetting to it would change, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.configs import TrainingConfig, all_options
from traintab.paths import Paths
from traintab.presets import DEFAULTS, Preset, changes, changes_from_defaults, find_presets

PRESETS = list(find_presets(Paths.under())[0].values())


def fields(**values: Any) -> dict[str, Any]:
    """The Train panel as it first opens, an empty box being an empty text."""
    shown = {name: option.default for name, option in all_options(TrainingConfig).items()}
    return {name: "" if value is None else value for name, value in {**shown, **values}.items()}


def names(found: Any) -> list[str]:
    return [change.option.name for change in found]


@pytest.fixture
def preset() -> Preset:
    return Preset(name="mine", path=Path(), create={"num_vectors": 3}, train={"steps": 300})


def test_a_changed_setting_is_told_with_both_values(preset: Preset) -> None:
    (change,) = changes(preset, {"num_vectors": 3}, fields(steps=500))
    assert (change.option.label, change.preset, change.yours) == ("Max steps", 300, 500)


def test_a_setting_the_preset_does_not_name_is_to_be_the_default(preset: Preset) -> None:
    assert names(changes(preset, {}, fields(steps=300, clip_skip=2))) == ["clip_skip"]


def test_of_a_new_embedding_only_what_the_preset_names_counts(preset: Preset) -> None:
    (change,) = changes(preset, {"num_vectors": 5, "initialization_text": "girl"}, fields(steps=300))
    assert change.is_created and change.option.name == "num_vectors"


def test_subject_machine_and_pictures_are_no_difference(preset: Preset) -> None:
    own = fields(steps=300, embedding_name="m", data_dir="d", seed=7, width="448", preview_prompt="x")
    assert changes(preset, {"num_vectors": 3}, own) == ()
    assert set(names(changes_from_defaults(own))) == {"steps", "seed", "width", "preview_prompt"}


def test_the_same_written_otherwise_is_no_difference(preset: Preset) -> None:
    assert changes(preset, {"num_vectors": 3.0}, fields(steps="300", learning_rate=" 0.005 ")) == ()


def test_a_value_that_is_none_is_a_difference_and_no_failure(preset: Preset) -> None:
    assert names(changes(preset, {}, fields(steps="many"))) == ["steps"]
    assert names(changes(preset, {}, fields(steps=None))) == ["steps"]


@given(st.sampled_from(PRESETS), st.data())
@settings(max_examples=30)
def test_with_a_presets_own_values_nothing_differs_from_it(preset: Preset, data: st.DataObject) -> None:
    values = fields(**preset.training_values())
    created = preset.filled_creation_values()
    assert changes(preset, created, values) == ()
    other = data.draw(st.sampled_from(PRESETS))
    found = changes(other, created, values)
    reset = {change.option.name: change.preset for change in found if not change.is_created}
    again = {change.option.name: change.preset for change in found if change.is_created}
    assert changes(other, {**created, **again}, {**values, **reset}) == ()


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], float("inf"), "9" * 5000, b"x"])
def test_what_a_settings_file_may_hold_after_a_hand_was_in_it_fails_nowhere(value: Any) -> None:
    for name in ("steps", "learning_rate", "width", "shuffle_tags", "lr_scheduler"):
        assert set(names(changes_from_defaults(fields(**{name: value})))) <= {name}


def test_the_defaults_are_a_preset_too() -> None:
    assert changes(DEFAULTS, {}, fields()) == () == changes_from_defaults(fields())
    assert names(changes(DEFAULTS, {}, fields(batch_size=2))) == ["batch_size"]
