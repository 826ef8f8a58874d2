"""Dataset config files of kohya's scripts: `[general]`, `[[datasets]]`, `[[datasets.subsets]]`."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..files import kind_of, user_path
from ..prompts.captions import suffix_of_captions
from ..prompts.text_files import read_text
from .folders import DatasetFolder
from .kohya_keys import DATASET_KEYS, FOLDER_KEYS, SUBSET_KEYS, UNUSED_KEYS

__all__ = ["KohyaDataset", "kohya_dataset", "read_kohya_toml"]

Table = Mapping[str, Any]

_REMEDIES = {
    "resolution": "keep one of them, and set Resolutions to show every picture at each",
    "batch_size": "keep one of them",
}
_NEUTRAL: tuple[Any, ...] = (None, False, 0, 0.0, "", [], {})


@dataclass(frozen=True, kw_only=True)
class KohyaDataset:
    """What a file says: the folders, a training's settings by the names of their fields, and sentences about
    what has no effect here.
    """

    folders: tuple[DatasetFolder, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Level:
    """A table of the file with the words for where it stands, and the keys that may stand there."""

    where: str
    table: Table
    known: tuple[str, ...]


def read_kohya_toml(path: Path) -> KohyaDataset:
    """Read a dataset config file; raises ConfigError that names everything in it that can't be honoured.

    A key of a subset goes before one of its dataset, and that before one of `[general]`. Folders are looked
    for from the file's own folder on, then from where the program was started.
    """
    return kohya_dataset(_parsed(path), path)


def kohya_dataset(document: Table, path: Path) -> KohyaDataset:
    """What a parsed file says, which lies at `path`; raises as `read_kohya_toml` does."""
    problems: list[str] = []
    levels = list(_levels(document, problems))
    for level in levels:
        problems += _wrong_in(level)
    datasets = [table for table in _tables(document.get("datasets")) if _tables(table.get("subsets"))]
    if not datasets and not problems:
        problems.append("it has no [[datasets]] with [[datasets.subsets]]")
    if datasets and all(s.get("is_reg") is True for d in datasets for s in _tables(d["subsets"])):
        problems.append("all its subsets are is_reg, so there is nothing to learn")
    if problems:
        raise _refused(path, problems)
    general = document.get("general", {})
    subsets = [
        {**general, **dataset, **subset} for dataset in datasets for subset in _tables(dataset.get("subsets"))
    ]
    folders = tuple(_folder(subset, path) for subset in subsets)
    shown = [subset for subset in subsets if not subset.get("is_reg", False)]
    settings, differing = _settings(shown)
    if differing:
        raise _refused(path, differing.values())
    others = _settings(subsets)[1]
    return KohyaDataset(folders=folders, settings=settings, notices=tuple(_notices(path, levels, others)))


def _parsed(path: Path) -> dict[str, Any]:
    # A caption that a visitor of a public page writes must not be one: it may name any folder.
    if path.suffix.lower() != ".toml":
        raise ConfigError(
            f"The dataset config is {path}; it must be a file whose name ends with .toml.",
            field="dataset_config",
        )
    name = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    try:
        toml: Any = importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"Reading the dataset config {path} needs Python 3.11, or `pip install tomli`; do one of the two,"
            " or give folders instead.",
            field="dataset_config",
        ) from error
    try:
        loaded: dict[str, Any] = toml.loads(read_text(path))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(
            f"Reading the dataset config {path} failed: {reason}. Give a .toml file as kohya's scripts do.",
            field="dataset_config",
        ) from error
    return loaded


def _levels(document: Table, problems: list[str]) -> Iterator[_Level]:
    """All tables of the file, each with its place; adds what isn't a table to the problems."""
    of_one_subset = ("image_dir", "is_reg", "metadata_file")
    for_all = (name for name in FOLDER_KEYS if name not in of_one_subset)
    everywhere = (*for_all, *SUBSET_KEYS, *UNUSED_KEYS)
    yield _Level("the file", document, ("general", "datasets"))
    general = document.get("general", {})
    if not isinstance(general, dict):
        problems.append("general is no table; write [general]")
    else:
        yield _Level("[general]", general, (*everywhere, *DATASET_KEYS))
    for number, dataset in enumerate(_tables(document.get("datasets"), problems, "datasets"), start=1):
        where = f"[[datasets]] {number}"
        yield _Level(where, dataset, (*everywhere, *DATASET_KEYS, "subsets"))
        subsets = _tables(dataset.get("subsets"), problems, "datasets.subsets")
        if not dataset.get("subsets"):
            problems.append(f"{where} has no [[datasets.subsets]] with an image_dir")
        for inner, subset in enumerate(subsets, start=1):
            yield _Level(f"subset {inner} of {where}", subset, (*FOLDER_KEYS, *SUBSET_KEYS, *UNUSED_KEYS))
            if "image_dir" not in subset:
                problems.append(f"subset {inner} of {where} has no image_dir")


def _tables(value: Any, problems: list[str] | None = None, name: str = "") -> list[dict[str, Any]]:
    """The tables of an array of tables; empty where it is something else, which is a problem."""
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return value
    if value is not None and problems is not None:
        problems.append(f"{name} is no array of tables; write [[{name}]]")
    return []


def _wrong_in(level: _Level) -> Iterator[str]:
    """Unknown keys, with the nearest known one, and values of the wrong kind."""
    keys = {**FOLDER_KEYS, **SUBSET_KEYS, **DATASET_KEYS}
    for name, value in level.table.items():
        if name not in level.known:
            near = difflib.get_close_matches(name, level.known, n=1)
            elsewhere = "; it belongs into another table" if name in keys else ""
            hint = f"; did you mean {near[0]}?" if near and not elsewhere else elsewhere
            yield f"{level.where} has an unknown key {name!r}{hint}"
        elif name in keys and not keys[name].is_right(value):
            yield f"{name} in {level.where} is {value!r}, it must be {keys[name].words}"


def _folder(subset: Table, file: Path) -> DatasetFolder:
    extension = subset.get("caption_extension")
    metadata = subset.get("metadata_file", "").strip()
    return DatasetFolder(
        path=_place(user_path(subset["image_dir"].strip()), file),
        repeats=subset.get("num_repeats", 1),
        is_class=subset.get("is_reg", False),
        caption_extension="" if extension is None else suffix_of_captions(extension),
        class_tokens=subset.get("class_tokens", "").strip(),
        caption_prefix=subset.get("caption_prefix", "").strip(),
        caption_suffix=subset.get("caption_suffix", "").strip(),
        metadata_file=_place(user_path(metadata), file) if metadata else None,
    )


def _place(path: Path, file: Path) -> Path:
    """Beside the file, where it is there."""
    beside = file.parent / path
    return beside if not path.is_absolute() and kind_of(beside) else path


def _settings(subsets: Sequence[Table]) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings that all subsets agree on, and for each key that they don't agree on a sentence."""
    settings: dict[str, Any] = {}
    differing = {}
    for name, key in {**DATASET_KEYS, **SUBSET_KEYS}.items():
        given = [subset for subset in subsets if name in subset]
        if not given:
            continue
        values = [subset.get(name, key.default) for subset in subsets]
        if any(key.settings(value) != key.settings(values[0]) for value in values):
            differing[name] = (
                f"{name} differs between subsets ({_listed(values)}), but a run has one for all;"
                f" {_REMEDIES.get(name, 'write it in [general], or train them one after another')}"
            )
        settings.update(key.settings(values[0]))
    return settings, differing


def _notices(path: Path, levels: Sequence[_Level], of_classes: Iterable[str]) -> Iterator[str]:
    """What has no effect here; `of_classes` are keys that class pictures have other values of."""
    unused = {
        name: UNUSED_KEYS[name]
        for level in levels
        for name, value in level.table.items()
        if name in UNUSED_KEYS and value not in _NEUTRAL
    }
    if unused:
        listed = "; ".join(f"{name} ({instead})" for name, instead in unused.items())
        yield f"Not used of {path.name}: {listed}."
    if names := ", ".join(of_classes):
        yield f"Of the is_reg subsets in {path.name} not used: {names}; the others' values go for all."


def _listed(values: Sequence[Any]) -> str:
    different = dict.fromkeys("not set" if value is None else repr(value) for value in values)
    return " and ".join(different)


def _refused(path: Path, problems: Iterable[str]) -> ConfigError:
    return ConfigError(
        f"The dataset config {path} can't be used: {'; '.join(problems)}.", field="dataset_config"
    )
