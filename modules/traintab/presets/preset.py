"""A preset, and the files it is read from."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ..configs import CreateConfig, TrainingConfig, all_options, mapping_from_yaml
from ..errors import ConfigError
from ..paths import Paths
from .values import NEVER_CREATED, is_decided, named_values

__all__ = [
    "DEFAULTS",
    "Preset",
    "find_presets",
    "preset_from_text",
    "preset_named",
    "read_preset",
]

_TEXTS = ("title", "about", "source")
# A preset of all settings has some 5,000 characters.
_LARGEST_FILE = 50_000
_LONGEST_TEXT = 2_000
_LONGEST_SHOWN = 60
# The file, train, a part.
_DEEPEST = 3


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
        decided = {name: o.default for name, o in options.items() if is_decided(o)}
        return {**decided, **named_values(TrainingConfig, self.train)}

    def creation_values(self) -> dict[str, Any]:
        """The settings of *Create embedding* that it names, by field name."""
        return named_values(CreateConfig, self.create)

    def filled_creation_values(self) -> dict[str, Any]:
        """The same with the defaults of the others, for fields that hold what was chosen before."""
        options = all_options(CreateConfig)
        decided = {name: o.default for name, o in options.items() if name not in NEVER_CREATED}
        return {**decided, **self.creation_values()}


DEFAULTS = Preset(name="", path=Path(), title="Defaults")
"""The preset of those who chose none."""


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
    """The preset in a YAML file; raises ConfigError naming the file and what is wrong in it.

    A sound file that hasn't changed isn't read again: the page asks whenever a field is left.
    """
    try:
        now = path.stat()
    except OSError as error:
        raise ConfigError(f"The preset {path} can't be read: {error}.") from error
    return _as_it_is(path, (now.st_mtime_ns, now.st_size, now.st_ino))


@lru_cache(maxsize=128)
def _as_it_is(path: Path, stamp: tuple[int, int, int]) -> Preset:  # noqa: ARG001 - tells old from new
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LARGEST_FILE + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The preset {path} can't be read: {error}.") from error
    return preset_from_text(text, path)


def preset_from_text(text: str, path: Path) -> Preset:
    """The preset in the text of the file `path`, by whose stem it is called; raises ConfigError, too."""
    try:
        loaded = _loaded(text)
        title, about, source = (_text(loaded, name) for name in _TEXTS)
        create, train = (_settings(loaded.get(name), name) for name in ("create", "train"))
        preset = Preset(
            name=path.stem, path=path, title=title, about=about, source=source, create=create, train=train
        )
        preset.creation_values()
        preset.training_values()
    except ConfigError as error:
        raise ConfigError(f"The preset {path} can't be used: {error}", field=error.field) from error
    return preset


def _loaded(text: str) -> Mapping[str, Any]:
    """The file's own entries. Raises ConfigError for a file that only means harm: too large, or with
    references, by which a few lines become billions of values.
    """
    if len(text) > _LARGEST_FILE:
        raise ConfigError(f"it has more than {_LARGEST_FILE:,} characters, which is no preset.")
    _refuse_traps(text)
    loaded = mapping_from_yaml(text)
    unknown = sorted(set(map(str, loaded)) - {*_TEXTS, "create", "train"})
    if unknown:
        raise ConfigError(f"{_cut(unknown[0])} is unknown; there are {', '.join(_TEXTS)}, create and train.")
    return loaded


def _refuse_traps(text: str) -> None:
    """Look at the text piece by piece, and no further than the first piece that no preset has: reading on
    would take minutes where brackets are inside brackets without end. Other mistakes are told later.
    """
    depth = 0
    with contextlib.suppress(yaml.YAMLError, ValueError):
        for event in yaml.parse(text, yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent):
                raise ConfigError("it has a reference (*name), which presets don't need; write it out.")
            if depth > _DEEPEST:
                raise ConfigError("it has lines below lines below lines; write `field: value`.")


def _text(loaded: Mapping[str, Any], name: str) -> str:
    value = loaded.get(name)
    if isinstance(value, (list, dict, set, bytes)):
        raise ConfigError(f"{name} has to be a text.")
    text = " ".join("" if value is None else str(value).split())
    if len(text) > _LONGEST_TEXT:
        raise ConfigError(f"{name} has {len(text):,} characters; {_LONGEST_TEXT:,} are the most.")
    return text


def _settings(value: Any, name: str) -> Mapping[str, Any]:
    """`field: value` lines, in parts or not; what is deeper isn't looked at, whatever it holds."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"{name} has to hold `field: value` lines, not {_cut(value)}.")
    inner = [item for entry in value.values() if isinstance(entry, Mapping) for item in entry.items()]
    lines = [(str(key), entry) for key, entry in [*value.items(), *inner]]
    count = len(all_options(TrainingConfig))
    if len(lines) > 2 * count:
        raise ConfigError(f"{name} has {len(lines):,} lines; there are {count} settings.")
    for key, entry in lines:
        if isinstance(entry, (list, set, bytes)):
            raise ConfigError(f"{_cut(key)} in {name} has to be one value, not a list.")
        if len(key) > _LONGEST_SHOWN:
            raise ConfigError(f"There is no setting called {_cut(key)}.")
    return value


def _cut(value: Any) -> str:
    """The beginning of a value as it is written, which may be endless."""
    text = str(value) if isinstance(value, (str, int, float, bool)) else f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
