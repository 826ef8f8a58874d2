"""The folders that a training's settings mean, and what a dataset config file changes in the settings."""

from __future__ import annotations

import dataclasses

from ..configs import TrainingConfig, all_options, check, replace_fields
from ..datasets.folders import DatasetFolder
from ..datasets.kohya_toml import read_kohya_toml
from ..errors import ConfigError
from ..files import user_path

__all__ = ["folders_of", "with_dataset_config", "with_lasting_folders"]


def folders_of(config: TrainingConfig) -> list[DatasetFolder]:
    """Every folder to look into, that of the run first, with whole paths: repeats, pictures' names and
    captions come from these, and a run that is resumed from elsewhere shall find the same.

    Raises ConfigError for a bad dataset config file.
    """
    folders = config.folders
    plain = DatasetFolder(
        path=user_path(config.dataset.data_dir),
        subfolders=folders.subfolders,
        name_repeats=folders.folder_repeats,
    )
    if folders.dataset_config.strip():
        listed = read_kohya_toml(user_path(folders.dataset_config.strip())).folders
        found = [dataclasses.replace(folder, subfolders=folders.subfolders) for folder in listed]
    else:
        found = [plain]
    for text, weight in folders.more_folders:
        found.append(dataclasses.replace(plain, path=user_path(text), weight=weight))
    if folders.class_data_dir.strip():
        path = user_path(folders.class_data_dir.strip())
        found.append(dataclasses.replace(plain, path=path, is_class=True))
    return [dataclasses.replace(folder, path=folder.path.absolute()) for folder in found]


def with_dataset_config(config: TrainingConfig) -> tuple[TrainingConfig, str]:
    """The settings as the dataset config file has them, and sentences about it; both as they are without one.

    Raises ConfigError for a file that can't be honoured, and for values of it that are out of range.
    """
    if not config.folders.dataset_config.strip():
        return config, ""
    path = user_path(config.folders.dataset_config.strip())
    found = read_kohya_toml(path)
    labels = {name: option.label for name, option in all_options(TrainingConfig).items()}
    told = ", ".join(f"{labels[name]} {_text(value)}" for name, value in found.settings.items())
    notices = [f"From {path.name}: {told}."] if told else []
    if config.dataset.data_dir:
        notices.append(
            f"The dataset directory {config.dataset.data_dir} isn't used: {path.name} names the folders."
        )
    config = replace_fields(config, found.settings)
    try:
        check(config)
    except ConfigError as error:
        raise ConfigError(f"With what {path.name} sets: {error}", field="dataset_config") from error
    return config, " ".join([*notices, *found.notices])


def with_lasting_folders(config: TrainingConfig) -> TrainingConfig:
    """Paths that mean the same from wherever run.yaml is used."""
    folders, data_dir = config.folders, config.dataset.data_dir
    lines = (f"{_lasting(path)}{'' if w is None else f': {w:.12g}'}" for path, w in folders.more_folders)
    return dataclasses.replace(
        config,
        dataset=dataclasses.replace(config.dataset, data_dir=_lasting(data_dir)),
        folders=dataclasses.replace(
            folders,
            more_data_dirs="\n".join(lines),
            dataset_config=_lasting(folders.dataset_config),
            class_data_dir=_lasting(folders.class_data_dir),
        ),
    )


def _lasting(path: str) -> str:
    """Links stay links: repeats and pictures' names come from what a folder is called here."""
    return str(user_path(path.strip()).absolute()) if path.strip() else ""


def _text(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
