"""The shipped example concepts: a folder of pictures each, and the settings that suit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from .configs import CreateConfig, TrainingConfig, from_mapping
from .errors import ConfigError
from .paths import Paths

__all__ = ["Example", "example_named", "find_examples"]

_SETTINGS_FILE = "example.yaml"
_PICTURES = {".png", ".jpg", ".jpeg", ".webp"}


@dataclass(frozen=True, kw_only=True)
class Example:
    """Pictures to try the program with.

    `title` is a word for the button; `create` and `train` hold settings by field name that differ from
    the defaults. `example.yaml` beside the pictures has these under the same words.
    """

    name: str
    folder: Path
    title: str
    create: Mapping[str, object] = field(default_factory=dict)
    train: Mapping[str, object] = field(default_factory=dict)

    @property
    def embedding_name(self) -> str:
        """A word that nobody uses in a prompt by chance."""
        return f"demo-{self.name}"

    def create_config(self, name: str) -> CreateConfig:
        """A new embedding called `name` that starts from the example's word."""
        return from_mapping(CreateConfig, {**self.create, "name": name})

    def training_config(self, name: str, model: str) -> TrainingConfig:
        """A short run over the example's pictures."""
        fixed = {"embedding_name": name, "data_dir": str(self.folder), "model": model}
        return from_mapping(TrainingConfig, {**self.train, **fixed})


def find_examples(paths: Paths) -> list[Example]:
    """The example folders that hold pictures, by name."""
    root = paths.demo_examples_dir
    folders = sorted(folder for folder in root.glob("*") if folder.is_dir()) if root.is_dir() else []
    return [
        _read(folder) for folder in folders if any(p.suffix.lower() in _PICTURES for p in folder.iterdir())
    ]


def example_named(name: str, paths: Paths) -> Example:
    """The example of this name; raises ConfigError when there is none."""
    found = {example.name: example for example in find_examples(paths)}
    if name not in found:
        known = ", ".join(found) or "none"
        raise ConfigError(f"There is no example called {name!r}; there are: {known}.")
    return found[name]


def _read(folder: Path) -> Example:
    file = folder / _SETTINGS_FILE
    loaded = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return Example(
        name=folder.name,
        folder=folder,
        title=str(loaded.get("title", folder.name.replace("_", " ").replace("-", " "))),
        create=loaded.get("create", {}),
        train=loaded.get("train", {}),
    )
