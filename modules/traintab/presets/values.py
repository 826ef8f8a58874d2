"""Which settings presets decide, and their values by field name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..configs import Option, TrainingConfig, all_options, check_value, replace_fields, to_mapping
from ..errors import ConfigError

__all__ = ["NEVER", "NEVER_CREATED", "as_typed", "is_decided", "named_values"]

# These no preset decides: which embedding learns from which pictures on which model.
NEVER = ("embedding_name", "data_dir", "model")
NEVER_CREATED = ("name", "overwrite")
# These stay as they are unless a preset names them: they suit the machine, the pictures or the user.
_KEPT_FIELDS = ("seed", "width", "height")
_KEPT_PARTS = ("loading", "memory", "preview", "folders")


def named_values(config_type: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Checked settings of one config by field name; raises ConfigError for what is unknown, kept or wrong."""
    options = all_options(config_type)
    config = replace_fields(config_type(), values)
    flat = _flat(to_mapping(config))
    named = {inner for key, value in values.items() for inner in _names_in(str(key), value)}
    for name in named:
        declared = options[name]
        if name in (NEVER if config_type is TrainingConfig else NEVER_CREATED):
            raise ConfigError(f"{declared.label} ({name}) isn't decided by a preset; remove it.", field=name)
        check_value(declared, flat[name])
    return {name: flat[name] for name in options if name in named}


def is_decided(declared: Option) -> bool:
    """Whether every preset decides this setting of a training, named in it or not."""
    return not (declared.name in (*NEVER, *_KEPT_FIELDS) or declared.part in _KEPT_PARTS)


def as_typed(config_type: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by field name as the config would have them ("" for an empty field is None, "4" is 4).

    What no option is called and what is no value (a mapping, in a settings file edited by hand) is left out;
    what can't be converted stays as it is.
    """
    options = all_options(config_type)
    known = {
        name: value for name, value in values.items() if name in options and not isinstance(value, Mapping)
    }
    flat = _flat(to_mapping(replace_fields(config_type(), known)))
    return {name: flat[name] for name in known}


def _flat(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A config's mapping without its parts: field names are unique over all of them."""
    flat: dict[str, Any] = {}
    for key, value in mapping.items():
        flat.update(value if isinstance(value, Mapping) else {key: value})
    return flat


def _names_in(key: str, value: Any) -> list[str]:
    """The bare field names that an entry sets: `part.field`, a field, or a part's mapping."""
    return [str(inner) for inner in value] if isinstance(value, Mapping) else [key.rpartition(".")[2]]
