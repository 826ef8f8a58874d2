"""Configs to plain mappings and YAML, and back."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import yaml

from ..errors import ConfigError
from .option import Option, options_of, type_hints
from .validation import check

__all__ = ["from_mapping", "from_yaml", "mapping_from_yaml", "replace_fields", "to_mapping", "to_yaml"]

Config = TypeVar("Config")


def to_mapping(config: Any) -> dict[str, Any]:
    """The settings as a mapping; the parts are mappings in it."""
    return dataclasses.asdict(config)


def to_yaml(config: Any) -> str:
    """The settings as YAML in their declared order, readable and complete."""
    return yaml.safe_dump(to_mapping(config), sort_keys=False, allow_unicode=True)


def from_yaml(config_type: type[Config], text: str) -> Config:
    """A config from YAML text; raises ConfigError for bad YAML, unknown keys and bad values."""
    return from_mapping(config_type, mapping_from_yaml(text))


def mapping_from_yaml(text: str) -> Mapping[str, Any]:
    """The `name: value` lines of a YAML text, unchecked; raises ConfigError when it has none."""
    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # Besides bad YAML: a day 2026-02-31, a number of 5000 digits, brackets inside brackets without end.
        where = getattr(error, "problem_mark", None)
        line = f" at line {where.line + 1}" if where is not None else ""
        raise ConfigError(
            f"The settings are no valid YAML{line}; mend them or start from a run.yaml."
        ) from error
    if not isinstance(loaded, Mapping):
        raise ConfigError("The settings hold no `name: value` lines; start from a run.yaml.")
    return loaded


def from_mapping(config_type: type[Config], values: Mapping[str, Any]) -> Config:
    """A checked config from a mapping, nested in parts or flat; unknown keys are refused by name."""
    config = replace_fields(config_type(), values)
    check(config)
    return config


def replace_fields(config: Config, values: Mapping[str, Any]) -> Config:
    """`config` with these fields changed, unchecked: `part.field`, a bare field name, or a part's mapping.

    Texts become the field's type ("4" for a whole number). Raises ConfigError for all unknown names at once,
    each with the nearest known one.
    """
    homes, pairs = _homes(type(config)), _flatten(values)
    _refuse_unknown([key for key, _ in pairs if key not in homes], list(homes))
    changes: dict[str, dict[str, Any]] = {}
    for key, value in pairs:
        part, declared = homes[key]
        changes.setdefault(part, {})[declared.name] = _converted(declared, value)
    own = changes.pop("", {})
    for part, part_changes in changes.items():
        own[part] = dataclasses.replace(getattr(config, part), **part_changes)
    return dataclasses.replace(config, **own)  # type: ignore[type-var]


def _homes(config_type: type) -> dict[str, tuple[str, Option]]:
    """Every accepted key: which part it belongs to ("" for the config itself), and its option."""
    homes = {name: ("", declared) for name, declared in options_of(config_type).items()}
    for part, part_type in type_hints(config_type).items():
        if dataclasses.is_dataclass(part_type):
            for name, declared in options_of(part_type).items():  # type: ignore[arg-type]
                homes[f"{part}.{name}"] = (part, declared)
                homes.setdefault(name, (part, declared))
    return homes


def _flatten(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            pairs += [(f"{key}.{inner}", inner_value) for inner, inner_value in value.items()]
        else:
            pairs.append((str(key), value))
    return pairs


def _refuse_unknown(keys: Sequence[str], known: Sequence[str]) -> None:
    """Nothing when there is no unknown key."""
    if not keys:
        return
    nearest = [(key, difflib.get_close_matches(key, known, n=1)) for key in keys]
    sentences = [
        f"There is no setting called {key!r}{f'; did you mean {near[0]}?' if near else '.'}"
        for key, near in nearest
    ]
    if not all(near for _, near in nearest):
        sentences.append(f"Known are {', '.join(name for name in known if '.' not in name)}.")
    raise ConfigError(" ".join(sentences), field=keys[0])


def _converted(declared: Option, value: Any) -> Any:
    """Command line, form and YAML spell numbers differently; what can't be converted is left to `check`."""
    if declared.optional and value in ("", None):
        return None
    if isinstance(value, bool) and ("on" if value else "off") in declared.choices:
        return "on" if value else "off"  # YAML's own reading of these words
    if declared.type is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value) if isinstance(value, int) else f"{value:.12g}"
    if declared.type is bool and isinstance(value, str):
        return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(
            value.strip().lower(), value
        )
    if declared.type in (int, float) and isinstance(value, (str, float)):
        return _number(declared.type, value)
    return value


def _number(wanted: type, value: str | float) -> Any:
    """`4`, `4.0` and `"4"` are the whole number 4; `4.5` stays what it is and is refused by `check`."""
    try:
        number = float(value)
    except ValueError:
        return value
    if wanted is int and number.is_integer() and abs(number) < 2**53:
        return int(number)
    return number if wanted is float else value
