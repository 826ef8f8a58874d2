"""Whether every setting is of its type, in its range and one of its choices, and all go together."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, runtime_checkable

from ..errors import ConfigError
from .option import Option, options_of

__all__ = ["check", "check_value"]

_TYPE_WORDS = {int: "a whole number", float: "a number", bool: "yes or no", str: "text"}


@runtime_checkable
class _SettingsTogether(Protocol):
    """A config, or a part of one, whose settings can contradict each other."""

    def contradictions(self) -> Iterable[ConfigError]:
        """What doesn't go together; asked only when each setting is right by itself."""


@runtime_checkable
class _OneOfSeveral(Protocol):
    """A config in which one of several settings is needed."""

    def lacking(self) -> Iterable[ConfigError]:
        """What is needed and given by none of them; asked always."""


def check(config: Any) -> None:
    """Check a config and its parts; raises one ConfigError that tells of every setting that is wrong, its
    `field` the first of them.

    What contradicts each other is told by a config's own `contradictions()`, and what is missing in several
    settings by its `lacking()`, where it has such methods.
    """
    problems = list(_problems(config))
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ConfigError(" ".join(map(str, problems)), field=problems[0].field)


def _problems(config: Any) -> Iterator[ConfigError]:
    own: list[ConfigError] = []
    for name, declared in options_of(type(config)).items():
        try:
            check_value(declared, getattr(config, name))
        except ConfigError as error:
            own.append(error)
    yield from own
    if isinstance(config, _OneOfSeveral):
        yield from config.lacking()
    of_parts: list[ConfigError] = []
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            of_parts += _problems(value)
    yield from of_parts
    if not own and not of_parts and isinstance(config, _SettingsTogether):
        yield from config.contradictions()


def check_value(declared: Option, value: Any) -> None:
    """Check one value against its option; raises ConfigError naming the label, the value and what fits."""
    if value is None and declared.optional:
        return
    if not _is_of_type(value, declared.type):
        _refuse(declared, value, _TYPE_WORDS[declared.type])
    if declared.required and not str(value).strip():
        raise ConfigError(
            f"{declared.label} is empty; fill it in: {_lower_first(declared.help)}", field=declared.name
        )
    if declared.choices and value not in declared.choices:
        _refuse(declared, value, "one of " + ", ".join(declared.choices))
    if declared.type in (int, float):
        _check_range(declared, value)


def _check_range(declared: Option, value: float) -> None:
    low, high = declared.minimum, declared.maximum
    too_low = low is not None and value < low
    too_high = high is not None and value > high
    if too_low or too_high or not math.isfinite(value):
        _refuse(declared, value, _range_words(declared))
    if declared.unit == "pixels" and declared.step and value % declared.step:
        _refuse(declared, value, f"a multiple of {declared.step:g}")


def _range_words(declared: Option) -> str:
    """`from 1 to 75`, or only the bound there is."""
    unit = f" {declared.unit}" if declared.unit else ""
    if declared.maximum is None:
        return f"at least {declared.minimum:g}{unit}"
    if declared.minimum is None:
        return f"at most {declared.maximum:.10g}{unit}"
    return f"from {declared.minimum:g} to {declared.maximum:.10g}{unit}"


def _is_of_type(value: Any, expected: type) -> bool:
    """Whole numbers count as numbers; True is not a number."""
    if expected is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if expected is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, expected)


def _refuse(declared: Option, value: Any, expected: str) -> None:
    raise ConfigError(f"{declared.label} is {value!r}; it must be {expected}.", field=declared.name)


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
