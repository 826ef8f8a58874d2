"""Presets: settings that suit a kind of subject, and recipes as guides write them, a YAML file each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .configs import (
    CreateConfig,
    Option,
    TrainingConfig,
    all_options,
    check_value,
    mapping_from_yaml,
    replace_fields,
    to_mapping,
)
from .errors import ConfigError
from .paths import Paths

__all__ = ["Preset", "find_presets", "preset_named", "read_preset"]

# These no preset decides: which embedding learns from which pictures on which model.
_NEVER = ("embedding_name", "data_dir", "model")
_NEVER_CREATED = ("name", "overwrite")
# These stay as they are unless a preset names them: they suit the machine, the pictures or the user.
_KEPT_FIELDS = ("seed", "width", "height")
_KEPT_PARTS = ("loading", "memory", "preview", "folders")
_TEXTS = ("title", "about", "source")
_LARGEST_FILE = 100_000


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Settings under a name.

    `create` and `train` hold those that differ from the defaults, by field name. `source` says where they
    come from. `path` is the YAML file, which has all of these under the same words.
    """

    name: str
    path: Path
    title: str = ""
    about: str = ""
    source: str = ""
    create: Mapping[str, Any] = field(default_factory=dict)
    train: Mapping[str, Any] = field(default_factory=dict)

    def training_values(self) -> dict[str, Any]:
        """Every setting that it decides, by field name: those it names, and the defaults of the others.

        So one preset after another leaves nothing of the first behind. What suits the machine, the pictures
        or the user stays out unless it is named.
        """
        options = all_options(TrainingConfig)
        decided = {name: o.default for name, o in options.items() if not _is_kept(o)}
        return {**decided, **_by_field(TrainingConfig, self.train)}

    def creation_values(self) -> dict[str, Any]:
        """The settings of *Create embedding* that it names, by field name."""
        return _by_field(CreateConfig, self.create)

    def filled_creation_values(self) -> dict[str, Any]:
        """The same with the defaults of the others, for fields that hold what was chosen before."""
        options = all_options(CreateConfig)
        decided = {name: o.default for name, o in options.items() if name not in _NEVER_CREATED}
        return {**decided, **self.creation_values()}


def find_presets(paths: Paths) -> tuple[dict[str, Preset], tuple[str, ...]]:
    """The presets by name, the user's own over the shipped ones, and a sentence for each unusable file."""
    found: dict[str, Preset] = {}
    problems: list[str] = []
    for folder in reversed(paths.preset_dirs):
        for path in sorted(folder.glob("*.yaml")):
            try:
                found[path.stem] = read_preset(path)
            except ConfigError as error:
                problems.append(str(error))
    return found, tuple(problems)


def preset_named(name: str, paths: Paths) -> Preset:
    """The preset of this name; raises ConfigError when there is none, or when its file can't be used."""
    for folder in paths.preset_dirs:
        path = folder / f"{name}.yaml"
        if Path(name).name == name and path.is_file():
            return read_preset(path)
    known = ", ".join(find_presets(paths)[0])
    raise ConfigError(f"There is no preset called {name!r}; there are: {known}.")


def read_preset(path: Path) -> Preset:
    """The preset in a YAML file; raises ConfigError naming the file and what is wrong in it."""
    try:
        with path.open(encoding="utf-8") as file:
            loaded = mapping_from_yaml(file.read(_LARGEST_FILE))
        unknown = sorted(set(map(str, loaded)) - {*_TEXTS, "create", "train"})
        if unknown:
            raise ConfigError(f"{unknown[0]} is unknown; there are {', '.join(_TEXTS)}, create and train.")
        title, about, source = (str(loaded.get(name) or "").strip() for name in _TEXTS)
        create, train = (_settings(loaded.get(name) or {}, name) for name in ("create", "train"))
        preset = Preset(
            name=path.stem, path=path, title=title, about=about, source=source, create=create, train=train
        )
        preset.creation_values()
        preset.training_values()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The preset {path} can't be read: {error}.") from error
    except ConfigError as error:
        raise ConfigError(f"The preset {path} can't be used: {error}", field=error.field) from error
    return preset


def _settings(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{name} has to hold `field: value` lines, not {value!r}.")
    return value


def _by_field(config_type: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Checked settings of one config by field name; raises ConfigError for what is unknown, kept or wrong."""
    options = all_options(config_type)
    config = replace_fields(config_type(), values)
    flat = _flat(to_mapping(config))
    named = {inner for key, value in values.items() for inner in _names_in(str(key), value)}
    for name in named:
        declared = options[name]
        if name in (_NEVER if config_type is TrainingConfig else _NEVER_CREATED):
            raise ConfigError(f"{declared.label} ({name}) isn't decided by a preset; remove it.", field=name)
        check_value(declared, flat[name])
    return {name: flat[name] for name in options if name in named}


def _is_kept(declared: Option) -> bool:
    return declared.name in (*_NEVER, *_KEPT_FIELDS) or declared.part in _KEPT_PARTS


def _flat(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A config's mapping without its parts: field names are unique over all of them."""
    flat: dict[str, Any] = {}
    for key, value in mapping.items():
        flat.update(value if isinstance(value, Mapping) else {key: value})
    return flat


def _names_in(key: str, value: Any) -> list[str]:
    """The bare field names that an entry sets: `part.field`, a field, or a part's mapping."""
    return [str(inner) for inner in value] if isinstance(value, Mapping) else [key.rpartition(".")[2]]
