"""What of the fields on the page isn't as a preset has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..configs import CreateConfig, Option, TrainingConfig, all_options
from .preset import Preset
from .values import NEVER, as_typed

__all__ = ["Change", "changes", "changes_from_defaults"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A setting, its value in the preset, and the user's. `is_created` is one of *Create embedding*."""

    option: Option
    preset: Any
    yours: Any
    is_created: bool = False


def changes(preset: Preset, create: Mapping[str, Any], train: Mapping[str, Any]) -> tuple[Change, ...]:
    """What *Reset* would change in the fields of the two panels, by field name; what they lack is left out.

    Of *Create embedding* only what the preset names counts: the others say what the subject is.
    """
    wanted_create, wanted_train = preset.creation_values(), preset.training_values()
    return (
        *_changes(CreateConfig, wanted_create, create, is_created=True),
        *_changes(TrainingConfig, wanted_train, train),
    )


def changes_from_defaults(train: Mapping[str, Any]) -> tuple[Change, ...]:
    """What of the training's fields isn't as at first, but for embedding, folder and model."""
    options = all_options(TrainingConfig)
    defaults = {name: declared.default for name, declared in options.items() if name not in NEVER}
    return _changes(TrainingConfig, defaults, train)


def _changes(
    config_type: type, wanted: Mapping[str, Any], values: Mapping[str, Any], *, is_created: bool = False
) -> tuple[Change, ...]:
    options, typed = all_options(config_type), as_typed(config_type, values)
    return tuple(
        Change(option=options[name], preset=value, yours=typed[name], is_created=is_created)
        for name, value in wanted.items()
        if name in typed and _comparable(typed[name]) != _comparable(value)
    )


def _comparable(value: Any) -> tuple[bool, Any]:
    """White space at a text's ends means nothing, and True isn't 1."""
    return isinstance(value, bool), value.strip() if isinstance(value, str) else value
