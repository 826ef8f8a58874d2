"""One declaration a setting: label, help, unit, range, choices."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, get_type_hints

__all__ = ["Option", "all_options", "option", "options_of", "size_option", "type_hints"]

_KEY = "option"


@dataclass(frozen=True, kw_only=True)
class Option:
    """What is known of one setting.

    `label` is the web UI's word, `help` a sentence for the tooltip and `--help`. `minimum`, `maximum`
    and `step` bound a number, `choices` a text. `flag` is the command line's spelling when it isn't the
    field's name; `elem_id` the page's element id. `required` texts may not be empty. `name` and `type`
    are filled in from the field that carries the option; `part` is the part's name in a nested config.
    """

    label: str
    help: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    flag: str = ""
    elem_id: str = ""
    required: bool = False
    name: str = ""
    part: str = ""
    type: type = str
    optional: bool = False
    default: Any = None

    @property
    def command_line_flag(self) -> str:
        """`--learning-rate` for the field `learning_rate`, unless the option says otherwise."""
        return self.flag or "--" + self.name.replace("_", "-")


def option(default: Any, label: str, help: str, **details: Any) -> Any:
    """A dataclass field with an `Option` of these details; see `Option` for their names."""
    return dataclasses.field(default=default, metadata={_KEY: Option(label=label, help=help, **details)})


def size_option(label: str, *, elem_id: str, help: str = "Empty: the model's own size.") -> Any:
    """The dataclass field of a picture's width or height, in pixels; None is what `help` says of empty."""
    return option(
        None,
        label,
        help,
        unit="pixels",
        minimum=64,
        maximum=2048,
        step=8,
        elem_id=elem_id,
    )


def options_of(config_type: type) -> dict[str, Option]:
    """The options declared by the fields of one dataclass, by field name, parts left out."""
    hints = type_hints(config_type)
    found = {}
    for field in dataclasses.fields(config_type):
        declared = field.metadata.get(_KEY)
        if declared is not None:
            plain, optional = _plain_type(hints[field.name])
            found[field.name] = dataclasses.replace(
                declared, name=field.name, type=plain, optional=optional, default=field.default
            )
    return found


def all_options(config_type: type) -> dict[str, Option]:
    """The options of a dataclass and of its parts, by field name: these names are unique by design."""
    found = options_of(config_type)
    for field in dataclasses.fields(config_type):
        part_type = type_hints(config_type)[field.name]
        if dataclasses.is_dataclass(part_type):
            for name, declared in options_of(part_type).items():  # type: ignore[arg-type]
                found[name] = dataclasses.replace(declared, part=field.name)
    return found


@cache
def type_hints(config_type: type) -> Mapping[str, Any]:
    """The types of a dataclass's fields by name; worked out once, because the page asks at every change."""
    return MappingProxyType(get_type_hints(config_type))


def _plain_type(hint: Any) -> tuple[type, bool]:
    """`int | None` is an optional int."""
    arguments = [a for a in getattr(hint, "__args__", ()) if a is not type(None)]
    if arguments:
        return arguments[0], True
    return hint, False
