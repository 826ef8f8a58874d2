"""One declaration a setting."""

from __future__ import annotations

import dataclasses

import pytest

from traintab.configs import (
    AutoSizeConfig,
    CreateConfig,
    DatasetConfig,
    FocalCropConfig,
    GenerationConfig,
    LoadingConfig,
    MemoryConfig,
    OptimizationConfig,
    OutputsConfig,
    PreprocessConfig,
    PreviewConfig,
    SplitConfig,
    TrainingConfig,
    all_options,
    options_of,
)

CONFIGS = [
    AutoSizeConfig,
    CreateConfig,
    DatasetConfig,
    FocalCropConfig,
    GenerationConfig,
    LoadingConfig,
    MemoryConfig,
    OptimizationConfig,
    OutputsConfig,
    PreprocessConfig,
    PreviewConfig,
    SplitConfig,
]


@pytest.mark.parametrize("config_type", CONFIGS)
def test_every_field_is_declared_with_a_label_a_help_and_an_element_id(config_type: type) -> None:
    options = options_of(config_type)
    fields = dataclasses.fields(config_type)
    parts = [field.name for field in fields if dataclasses.is_dataclass(field.default_factory)]
    assert [*options, *parts] == [field.name for field in fields]
    assert all(o.label and o.help.endswith((".", ")")) and o.elem_id for o in options.values())


@pytest.mark.parametrize("config_type", [c for c in CONFIGS if c is not GenerationConfig])
def test_no_part_of_a_run_has_more_than_twelve_options(config_type: type) -> None:
    assert len(options_of(config_type)) <= 12


def test_field_names_of_a_run_are_unique_so_that_bare_names_work() -> None:
    config = TrainingConfig()
    values = [getattr(config, field.name) for field in dataclasses.fields(config)]
    parts = [type(value) for value in values if dataclasses.is_dataclass(value)]
    names = [name for part in parts for name in options_of(part)] + list(options_of(TrainingConfig))
    assert len(names) == len(set(names)) == len(all_options(TrainingConfig))


def test_an_option_knows_its_field_type_default_and_flag() -> None:
    options = all_options(TrainingConfig)
    assert (options["steps"].type, options["steps"].default, options["steps"].part) == (
        int,
        1000,
        "optimization",
    )
    assert (options["width"].type, options["width"].optional) == (int, True)
    assert options["learning_rate"].command_line_flag == "--learning-rate"
    assert options["data_dir"].command_line_flag == "--data"


def test_the_labels_are_the_web_uis() -> None:
    labels = {declared.label for declared in all_options(TrainingConfig).values()}
    assert {
        "Embedding Learning rate",
        "Gradient Clipping",
        "Prompt template",
        "Max steps",
        "Save an image to log directory every N steps, 0 to disable",
        "Save images with embedding in PNG chunks",
    } <= labels
