from __future__ import annotations

from argparse import Namespace

import pytest

from traintab.commands.arguments import Parser, add_options, config_from, given_values, option_help
from traintab.configs import (
    CreateConfig,
    GenerationConfig,
    PreprocessConfig,
    TrainingConfig,
    all_options,
)
from traintab.errors import ConfigError, InputError


def parsed(config_type: type, *argv: str, positional: tuple[str, ...] = ()) -> Namespace:
    parser = Parser(prog="x")
    add_options(parser, config_type, positional=positional)
    return parser.parse_args(argv)


@pytest.mark.parametrize(
    "config_type", [CreateConfig, GenerationConfig, PreprocessConfig], ids=lambda kind: kind.__name__
)
def test_every_option_has_a_flag_with_its_label_and_default(config_type: type) -> None:
    parser = Parser(prog="x")
    add_options(parser, config_type)
    text = " ".join(parser.format_help().split())
    for option in all_options(config_type).values():
        assert option.command_line_flag in text
        assert option.label.rstrip(".").split()[0] in text
        if option.type in (int, float) and option.default is not None:
            assert f"default {option.default}" in text


@pytest.mark.parametrize("text", ["--", "-", "--steps", "", " -- "])
def test_a_text_joined_to_its_flag_is_kept_whatever_it_is(text: str) -> None:
    arguments = parsed(GenerationConfig, f"--negative={text}", "--steps", "7")
    assert given_values(arguments) == {"num_inference_steps": "7", "negative_prompt": text}


def test_only_what_was_given_reaches_the_config() -> None:
    arguments = parsed(GenerationConfig, "--steps", "7", "--negative", "blurry")
    assert given_values(arguments) == {"num_inference_steps": "7", "negative_prompt": "blurry"}
    assert config_from(GenerationConfig, arguments).num_inference_steps == 7


def test_fixed_fields_win_over_given_ones() -> None:
    arguments = parsed(CreateConfig, "cat", "--vectors", "auto", positional=("name",))
    assert config_from(CreateConfig, arguments, num_vectors=3).num_vectors == 3


def test_a_bad_value_is_refused_with_its_flag_and_what_fits() -> None:
    arguments = parsed(GenerationConfig, "--steps", "0")
    with pytest.raises(ConfigError, match=r"^--steps: Sampling steps is 0; it must be from 1 to 150"):
        config_from(GenerationConfig, arguments)


def test_a_negative_number_is_a_value() -> None:
    assert config_from(GenerationConfig, parsed(GenerationConfig, "--seed", "-1")).seed == -1


def test_abbreviations_are_refused() -> None:
    with pytest.raises(InputError, match="--neg"):
        parsed(GenerationConfig, "--neg", "x")


def test_the_help_tells_range_unit_and_default() -> None:
    width = option_help(all_options(TrainingConfig)["width"])
    assert "64 to 2048 pixels" in width
    rate = option_help(all_options(TrainingConfig)["learning_rate"])
    assert "default 0.005" in rate
    assert "none, horizontal, vertical, both; default none" in option_help(
        all_options(PreprocessConfig)["flip"]
    )
