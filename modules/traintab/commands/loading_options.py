"""`--vae` and `--prediction-type`, for commands that load a model."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..configs import LoadingConfig, all_options, from_mapping
from ..errors import ConfigError
from .arguments import option_help, with_flag

__all__ = ["add_loading_options", "loading_from"]

_PREFIX = "loading:"


def add_loading_options(parser: ArgumentParser) -> None:
    """Add an argument for every option of LoadingConfig, beside those of another config."""
    for name, option in all_options(LoadingConfig).items():
        word = "|".join(option.choices) or "NAME"
        parser.add_argument(
            option.command_line_flag, dest=_PREFIX + name, metavar=word, help=option_help(option)
        )


def loading_from(arguments: Namespace) -> LoadingConfig:
    """The checked config of what the user gave; raises ConfigError naming the flag."""
    given = {
        name: value
        for name in all_options(LoadingConfig)
        if (value := getattr(arguments, _PREFIX + name)) is not None
    }
    try:
        return from_mapping(LoadingConfig, given)
    except ConfigError as error:
        raise with_flag(LoadingConfig, error) from error
