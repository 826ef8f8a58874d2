"""What is drawn."""

from __future__ import annotations

import dataclasses

import pytest

from traintab.configs import GenerationConfig, TrainingConfig, check, from_mapping, replace_fields
from traintab.configs.samplers import OLD_SAMPLER_NAMES, SAMPLER_NAMES, SCHEDULE_TYPES, split_sampler_name
from traintab.errors import ConfigError


def test_a_schedule_type_at_the_end_of_the_sampler_s_name_is_taken_as_such() -> None:
    config = from_mapping(GenerationConfig, {"sampler": "DPM++ 2M Karras"})

    assert (config.sampler, config.schedule_type) == ("DPM++ 2M", "Karras")


def test_it_goes_before_the_field_as_in_the_web_ui() -> None:
    config = GenerationConfig(sampler="DPM++ 2M SDE Exponential", schedule_type="Simple")

    assert (config.sampler, config.schedule_type) == ("DPM++ 2M SDE", "Exponential")


def test_it_is_taken_out_when_the_sampler_is_changed_too() -> None:
    config = dataclasses.replace(GenerationConfig(), sampler="DPM2 a Karras")

    assert (config.sampler, config.schedule_type) == ("DPM2 a", "Karras")


@pytest.mark.parametrize("sampler", SAMPLER_NAMES)
def test_other_names_are_left_alone(sampler: str) -> None:
    assert GenerationConfig(sampler=sampler, schedule_type="Simple").schedule_type == "Simple"


@pytest.mark.parametrize("schedule_type", SCHEDULE_TYPES)
@pytest.mark.parametrize("sampler", SAMPLER_NAMES)
def test_every_name_of_old_is_understood(sampler: str, schedule_type: str) -> None:
    assert split_sampler_name(f"{sampler} {schedule_type}") == (sampler, schedule_type)


@pytest.mark.parametrize("name", ["", "Karras", "Karras Euler", "EulerKarras", "Euler karras"])
def test_names_without_a_schedule_type_stay_as_they_are(name: str) -> None:
    assert split_sampler_name(name) == (name, None)


@pytest.mark.parametrize("sampler", [None, 3, ["Euler Karras"]])
def test_a_sampler_that_is_no_text_is_refused(sampler: object) -> None:
    with pytest.raises(ConfigError, match="Sampling method"):
        from_mapping(GenerationConfig, {"sampler": sampler})


@pytest.mark.parametrize("sampler", [*SAMPLER_NAMES, *OLD_SAMPLER_NAMES])
def test_previews_may_be_drawn_by_every_sampler_there_is_and_was(sampler: str) -> None:
    check(
        replace_fields(
            TrainingConfig(
                embedding_name="cat",
            ).preview,
            {"preview_sampler": sampler},
        )
    )


@pytest.mark.parametrize(
    ("strength", "steps"), [(0.0, 1), (0.25, 6), (0.5, 11), (0.75, 16), (0.999, 20), (1.0, 20)]
)
def test_img2img_goes_through_the_share_of_the_steps_and_one_more(strength: float, steps: int) -> None:
    config = GenerationConfig(num_inference_steps=20, denoising_strength=strength)

    assert config.img2img_steps == steps


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"schedule_type": "Linear"}, "Schedule type is 'Linear'; it must be one of Automatic, Uniform"),
        ({"batch_size": 0}, "Batch size is 0; it must be from 1 to 16"),
        ({"denoising_strength": -0.1}, "Denoising strength is -0.1; it must be from 0 to 1"),
        ({"clip_skip": 0}, "Clip skip is 0; it must be from 1 to 12"),
    ],
)
def test_bad_values_are_refused(settings: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        from_mapping(GenerationConfig, settings)
