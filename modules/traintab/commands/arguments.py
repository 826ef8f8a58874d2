"""Arguments made from the options that `configs` declares once."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, Namespace, _ArgumentGroup
from collections.abc import Collection, Iterable
from typing import Any, NoReturn, TypeVar

from ..configs import Option, all_options, from_mapping
from ..errors import ConfigError, InputError

__all__ = ["Parser", "add_options", "config_from", "given_values", "option_help", "with_flag"]

Config = TypeVar("Config")
_PREFIX = "option:"


class Parser(ArgumentParser):
    """An argument parser that takes no abbreviations and raises InputError instead of printing its usage."""

    def __init__(self, **details: Any) -> None:
        super().__init__(**{**details, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        """Raise InputError: what was wrong with which command, and where help is."""
        raise InputError(f"{self.prog}: {message}; {self.prog} --help tells more.")


class _StoreText(Action):
    """Keeps the text behind a flag as it is, two dashes too."""

    def __call__(self, parser: ArgumentParser, namespace: Namespace, values: Any, *_: Any) -> None:
        # Before Python 3.12.5 argparse takes the value of `--template=--` for the end of the options: [].
        setattr(namespace, self.dest, "--" if values == [] else values)


def add_options(
    parser: ArgumentParser | _ArgumentGroup,
    config_type: type,
    *,
    only: Iterable[str] = (),
    positional: Iterable[str] = (),
) -> None:
    """Add an argument for every option of `config_type`, or for the fields `only`, in that order.

    Those in `positional` have no flag. Only what the user gave reaches the namespace; texts are converted
    and checked by the config, so that page and command line refuse a value in the same words.
    """
    options = all_options(config_type)
    for name in tuple(only) or options:
        option, names = options[name], tuple(positional)
        details: dict[str, Any] = {"help": option_help(option), "default": SUPPRESS}
        if name in names:
            parser.add_argument(_PREFIX + name, metavar=_metavar(option), **details)
        elif option.type is bool:
            parser.add_argument(option.command_line_flag, dest=_PREFIX + name, action="store_true", **details)
        else:
            details |= {"dest": _PREFIX + name, "metavar": _value_word(option), "action": _StoreText}
            parser.add_argument(option.command_line_flag, **details)


def given_values(arguments: Namespace) -> dict[str, Any]:
    """The options that the user gave, by field name, texts as they were typed."""
    return {
        name.removeprefix(_PREFIX): value
        for name, value in vars(arguments).items()
        if name.startswith(_PREFIX)
    }


def config_from(config_type: type[Config], arguments: Namespace, **fixed: Any) -> Config:
    """The checked config of what the user gave, with `fixed` fields over it.

    Raises ConfigError naming the flag.
    """
    try:
        return from_mapping(config_type, {**given_values(arguments), **fixed})
    except ConfigError as error:
        raise with_flag(config_type, error) from error


def with_flag(config_type: type, error: ConfigError, flags: Collection[str] | None = None) -> ConfigError:
    """`error` with the flag of the option it is about, which the page's label doesn't tell.

    Where only the fields `flags` have one of their own, `--set` is the others'.
    """
    option = all_options(config_type).get(error.field)
    if option is None or not option.command_line_flag.startswith("--"):
        return error
    has_flag = flags is None or option.name in flags
    flag = option.command_line_flag if has_flag else f"--set {option.name}"
    return ConfigError(f"{flag}: {error}", field=error.field)


def option_help(option: Option) -> str:
    """The option's label, help, what it accepts and its default, for argparse (`%` doubled)."""
    accepted = [", ".join(option.choices)] if option.choices else []
    if option.type in (int, float) and option.minimum is not None and option.maximum is not None:
        unit = f" {option.unit}" if option.unit else ""
        accepted.append(f"{option.minimum:g} to {option.maximum:.10g}{unit}")
    if option.type is not bool and option.default not in ("", None):
        accepted.append(f"default {option.default}")
    end = f" ({'; '.join(accepted)})" if accepted else ""
    label = option.label.rstrip(".")
    return f"{label}: {option.help.rstrip('.')}{end}".replace("%", "%%")


def _metavar(option: Option) -> str:
    """The word for a positional argument: `NAME`, or the field's name."""
    flag = option.flag
    return flag if flag.isupper() and not flag.startswith("-") else option.name.upper()


def _value_word(option: Option) -> str:
    if option.choices and not any(" " in choice for choice in option.choices):
        return "|".join(option.choices)
    return {int: "N", float: "X"}.get(option.type, "TEXT")
