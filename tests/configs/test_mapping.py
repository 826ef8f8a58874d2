"""Configs to mappings and YAML, and back."""

from __future__ import annotations

import pytest

from traintab.configs import (
    OptimizationConfig,
    PreprocessConfig,
    TrainingConfig,
    from_mapping,
    from_yaml,
    replace_fields,
    to_mapping,
    to_yaml,
)
from traintab.errors import ConfigError

COMPLETE = {"embedding_name": "mira", "data_dir": "pictures"}


def test_yaml_brings_back_the_same_settings() -> None:
    config = from_mapping(TrainingConfig, {**COMPLETE, "steps": 120, "learning_rate": "0.005:100, 1e-3"})
    assert from_yaml(TrainingConfig, to_yaml(config)) == config


def test_settings_may_be_nested_in_parts_or_flat() -> None:
    flat = from_mapping(TrainingConfig, {**COMPLETE, "batch_size": 4})
    nested = from_mapping(
        TrainingConfig,
        {"embedding_name": "mira", "dataset": {"data_dir": "pictures"}, "optimization": {"batch_size": 4}},
    )
    dotted = from_mapping(TrainingConfig, {**COMPLETE, "optimization.batch_size": 4})
    assert flat == nested == dotted


def test_an_unknown_setting_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError, match="no setting called 'batchsize'; did you mean batch_size"):
        from_mapping(TrainingConfig, {**COMPLETE, "batchsize": 4})


def test_all_unknown_keys_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as refused:
        from_mapping(TrainingConfig, {"batchsize": 2, "stepz": 3, "qqqq": 1})
    told = str(refused.value)
    assert "did you mean batch_size?" in told and "did you mean steps?" in told
    assert "called 'qqqq'. Known are embedding_name, seed, model" in told


def test_an_unknown_setting_in_a_part_is_refused_too() -> None:
    with pytest.raises(ConfigError, match=r"optimization\.step"):
        from_mapping(TrainingConfig, {**COMPLETE, "optimization": {"step": 4}})


def test_texts_of_a_command_line_become_the_type_of_the_field() -> None:
    changed = replace_fields(
        TrainingConfig(), {"steps": "40", "tag_drop_out": "0.3", "shuffle_tags": "yes", "width": "128"}
    )
    assert (changed.optimization.steps, changed.dataset.tag_drop_out) == (40, 0.3)
    assert (changed.dataset.shuffle_tags, changed.dataset.width) == (True, 128)


def test_a_number_given_for_a_schedule_becomes_text() -> None:
    assert replace_fields(TrainingConfig(), {"learning_rate": 0.005}).optimization.learning_rate == "0.005"


def test_an_empty_width_means_the_models_own() -> None:
    changed = replace_fields(PreprocessConfig(source="a", destination="b", width=64), {"width": ""})
    assert changed.width is None


def test_a_number_with_a_fraction_is_no_number_of_steps() -> None:
    with pytest.raises(ConfigError, match=r"Max steps is 4\.5; it must be a whole number"):
        from_mapping(TrainingConfig, {**COMPLETE, "steps": 4.5})


@pytest.mark.parametrize(("word", "meant"), [("on", "on"), ("off", "off"), ("'on'", "on"), ("auto", "auto")])
def test_a_choice_of_on_and_off_may_stand_in_yaml_without_quotes(word: str, meant: str) -> None:
    text = f"embedding_name: a\ndata_dir: pictures\ngradient_checkpointing: {word}"
    config = from_yaml(TrainingConfig, text)
    assert config.memory.gradient_checkpointing == meant
    assert from_yaml(TrainingConfig, to_yaml(config)) == config


@pytest.mark.parametrize(
    "text", ["data_dir: 2026-02-31", "steps: " + "9" * 5000, "steps: " + "[" * 100_000, "steps: [", "a: b: c"]
)
def test_yaml_that_can_t_be_read_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match="The settings are no valid YAML"):
        from_yaml(TrainingConfig, text)


def test_yaml_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(ConfigError, match="name: value"):
        from_yaml(TrainingConfig, "- a\n- b\n")


def test_broken_yaml_is_refused_with_the_line() -> None:
    with pytest.raises(ConfigError, match="at line 2"):
        from_yaml(TrainingConfig, "steps: 4\n  : [")


def test_a_mapping_has_the_parts_as_mappings() -> None:
    assert to_mapping(TrainingConfig())["optimization"] == to_mapping(OptimizationConfig())


def test_a_name_of_digits_keeps_them_all() -> None:
    config = from_yaml(TrainingConfig, "embedding_name: 1234567890123456\ndata_dir: pictures")
    assert config.embedding_name == "1234567890123456"
