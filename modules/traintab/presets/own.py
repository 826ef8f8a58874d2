"""The user's own presets: saved, shared, brought in from elsewhere, deleted and put back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from ..configs import CreateConfig, TrainingConfig, all_options
from ..errors import ConfigError, NothingToDoError, StorageError
from ..files import make_folder, move, numbered, write_text_atomically
from ..paths import Paths
from .changes import changes, changes_from_defaults
from .preset import DEFAULTS, Preset, preset_from_text, preset_named, read_preset
from .values import NEVER_CREATED, as_typed

__all__ = [
    "delete_preset",
    "deleted_presets",
    "import_preset",
    "is_own",
    "preset_text",
    "put_back",
    "save_preset",
    "settings_to_save",
]

_LONGEST_NAME = 60
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)")
_TRASH = "presets"
_TIME = "%Y-%m-%d %H.%M.%S.%f"
_IN_TRASH = re.compile(r"\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.\d{6} (?P<name>.+)\.yaml")
# Places on this computer: of no use to anyone else, and in a stranger's file a way to make us look there.
_PLACES = ("vae", "more_data_dirs", "dataset_config", "class_data_dir", "preview_prompts_file")
# These are names, mostly; they may be places too.
_NAMES = ("template", "more_embeddings", "initialization_embedding")
_MARKS_OF_PLACES = ("/", "\\", "..", "~", ":")


def settings_to_save(
    create: Mapping[str, Any], train: Mapping[str, Any], *, is_whole: bool = False
) -> dict[str, dict[str, Any]]:
    """What differs from the defaults in the fields of the two panels, as `create` and `train` of a preset.

    Only what presets decide, unless `is_whole`: then size, seed, memory and previews too. Folders and files
    of this computer are never part of it.
    """
    created = as_typed(CreateConfig, create)
    options = all_options(CreateConfig)
    changed = {
        name: value
        for name, value in created.items()
        if name not in NEVER_CREATED and value != options[name].default and not _is_place(name, value)
    }
    found = changes_from_defaults(train) if is_whole else changes(DEFAULTS, {}, train)
    yours = {change.option.name: change.yours for change in found}
    trained = {name: value for name, value in yours.items() if not _is_place(name, value)}
    return {"create": changed, "train": trained}


def save_preset(title: str, about: str, settings: Mapping[str, Any], paths: Paths) -> Preset:
    """Write a preset of the user's own; one of that name that is there goes to the trash.

    `settings` has `create` and `train`, as `settings_to_save` gives them. Raises ConfigError for a name
    that can't be used or is a shipped preset's, and for settings that can't; StorageError.
    """
    name = _file_name(title)
    path = paths.preset_dirs[0] / f"{name}.yaml"
    _check_free(name, paths)
    title = " ".join(title.split())
    text = yaml.safe_dump(
        {"title": title, "about": " ".join(about.split()), **settings}, sort_keys=False, allow_unicode=True
    )
    preset = preset_from_text(text, path)
    if path.exists():
        _to_trash(path, paths)
    write_text_atomically(path, text)
    return preset


def import_preset(text: str, file_name: str, paths: Paths) -> Preset:
    """Take a file from elsewhere in among the user's own, under a free name; what was there stays.

    Raises ConfigError for whatever isn't a preset, and for one that names folders or files of a computer:
    those of another are not here, and nobody else's file decides where this one looks. StorageError.
    """
    stem = file_name.rpartition("/")[2].rpartition("\\")[2].removesuffix(".yaml").removesuffix(".yml")
    name = _file_name(stem)
    preset = preset_from_text(text, Path(f"{name}.yaml"))
    _check_places(CreateConfig, preset.creation_values())
    _check_places(TrainingConfig, preset.training_values())
    free = next(name for name in numbered(name) if not any(_files(name, paths)))
    path = paths.preset_dirs[0] / f"{free}.yaml"
    write_text_atomically(path, text)
    return read_preset(path)


def preset_text(preset: Preset) -> str:
    """The text of its file, to be shared; raises ConfigError when it can't be read."""
    try:
        return preset.path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The preset {preset.path} can't be read: {error}.") from error


def is_own(preset: Preset, paths: Paths) -> bool:
    """Whether it is the user's, and can be deleted."""
    return preset.path.parent == paths.preset_dirs[0]


def delete_preset(name: str, paths: Paths) -> Path:
    """Move one of the user's own presets to the trash; gives where it lies then.

    Raises ConfigError for one that is shipped or isn't there, StorageError.
    """
    preset = preset_named(name, paths)
    if not is_own(preset, paths):
        raise ConfigError(
            f"{preset.title or name} comes with Train Tab and stays; only presets of your own can be deleted."
        )
    return _to_trash(preset.path, paths)


def deleted_presets(paths: Paths) -> list[Path]:
    """Those in the trash, the newest last."""
    found = (paths.trash_dir / _TRASH).glob("*.yaml")
    return sorted(path for path in found if _IN_TRASH.fullmatch(path.name))


def put_back(paths: Paths) -> Preset:
    """Undo the last deletion or replacement: what has the name now goes to the trash in its place.

    Raises NothingToDoError when there is none, ConfigError when the file can't be used, StorageError.
    """
    deleted = deleted_presets(paths)
    if not deleted:
        raise NothingToDoError("No preset was deleted or replaced, so there is nothing to put back.")
    name = _IN_TRASH.sub(r"\g<name>", deleted[-1].name)
    path = paths.preset_dirs[0] / f"{name}.yaml"
    if path.exists():
        _to_trash(path, paths)
    _move(deleted[-1], path)
    return read_preset(path)


def _is_place(name: str, value: Any) -> bool:
    return name in _PLACES or (name in _NAMES and any(mark in str(value) for mark in _MARKS_OF_PLACES))


def _check_places(config_type: type, values: Mapping[str, Any]) -> None:
    options = all_options(config_type)
    for name, value in values.items():
        if value and value != options[name].default and _is_place(name, value):
            raise ConfigError(
                f"The preset was not taken: {options[name].label} ({name}) names a place on another computer;"
                " remove that line from the file.",
                field=name,
            )


def _file_name(title: str) -> str:
    """`Mira's style` is `mira-s-style.yaml`: letters and digits of any script."""
    text = unicodedata.normalize("NFC", title).strip().casefold()
    name = re.sub(r"[^\w]+|_+", "-", text).strip("-")[:_LONGEST_NAME].rstrip("-")
    if not name:
        raise ConfigError("The preset has no name; type one with letters or digits, such as My characters.")
    return f"{name}-preset" if _RESERVED.fullmatch(name) else name


def _check_free(name: str, paths: Paths) -> None:
    if name == _file_name(DEFAULTS.title) or (paths.preset_dirs[-1] / f"{name}.yaml").exists():
        raise ConfigError(f"A preset called {name} comes with Train Tab; choose another name for yours.")


def _files(name: str, paths: Paths) -> Iterator[Path]:
    return (path for folder in paths.preset_dirs if (path := folder / f"{name}.yaml").exists())


def _to_trash(path: Path, paths: Paths) -> Path:
    target = paths.trash_dir / _TRASH / f"{datetime.now():{_TIME}} {path.name}"
    _move(path, target)
    return target


def _move(source: Path, target: Path) -> None:
    """Raises StorageError; the trash may lie on another disk."""
    try:
        make_folder(target.parent)
        move(source, target)
    except OSError as error:
        raise StorageError(
            f"Moving {source.name} to {target.parent} failed: {error.strerror or error}. Check that the"
            " folder can be written to and that no other program holds the file open."
        ) from error
