"""The settings of a past run, as far as this version knows them: ours, and the web UI's."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from ..configs import TrainingConfig, all_options, check_value, mapping_from_yaml, replace_fields, to_mapping
from ..errors import ConfigError, InputError, TemplateError
from ..files import kind_of, user_path
from ..paths import Paths
from ..prompts.templates import find_templates

__all__ = ["LoadedSettings", "read_settings", "settings_in"]

_LARGEST_FILE = 1_000_000
# These suit the machine and the user more than the run: what a file doesn't name stays as it is.
_KEPT_PARTS = ("loading", "memory", "preview")
_FROM_WEB_UI: Mapping[str, str] = MappingProxyType(
    {
        "embedding_name": "embedding_name",
        "learn_rate": "learning_rate",
        "batch_size": "batch_size",
        "gradient_step": "gradient_accumulation_steps",
        "data_root": "data_dir",
        "training_width": "width",
        "training_height": "height",
        "steps": "steps",
        "clip_grad_mode": "clip_grad_mode",
        "clip_grad_value": "clip_grad_value",
        "latent_sampling_method": "latent_sampling_method",
        "create_image_every": "preview_every",
        "save_embedding_every": "save_every",
        "save_image_with_stored_embedding": "save_image_with_stored_embedding",
        "template_file": "template",
        "preview_prompt": "preview_prompt",
        "preview_negative_prompt": "preview_negative_prompt",
        "preview_steps": "preview_steps",
        "preview_sampler_name": "preview_sampler",
        "preview_cfg_scale": "preview_guidance_scale",
        "preview_seed": "preview_seed",
        "preview_width": "preview_width",
        "preview_height": "preview_height",
        # The web UI never wrote these; our own files of its kind do.
        "shuffle_tags": "shuffle_tags",
        "tag_drop_out": "tag_drop_out",
        "seed": "seed",
        "clip_skip": "clip_skip",
        "more_embeddings": "more_embeddings",
    }
)
# What is no setting: facts of the run.
_FACTS = (
    "datetime",
    "model_name",
    "model_hash",
    "num_of_dataset_images",
    "num_vectors_per_token",
    "log_directory",
    "initial_step",
)
_HYPERNETWORK = "hypernetwork_name"


@dataclass(frozen=True, kw_only=True)
class LoadedSettings:
    """Settings by field name, all checked, and a sentence for each thing that was left out.

    `model` is the one the run was on, in the words of the file. `values` leaves it out: the page has one
    for all its tabs.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def config(self) -> TrainingConfig:
        """The settings over the defaults, unchecked together."""
        config = replace_fields(TrainingConfig(), self.values)
        return replace_fields(config, {"model": self.model}) if self.model else config


def read_settings(path: Path, paths: Paths) -> LoadedSettings:
    """Read a `run.yaml`, or a `settings-….json` of the web UI; raises ConfigError when it is neither."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_FILE + 1)
        text = data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it isn't text"
        raise ConfigError(
            f"Loading settings from {path} failed: {reason}. Choose the run.yaml or settings-….json of a run."
        ) from error
    if len(data) > _LARGEST_FILE:
        raise ConfigError(f"{path.name} is too large for settings; choose a run.yaml or settings-….json.")
    return settings_in(text, paths, is_json=path.suffix.lower() == ".json")


def settings_in(text: str, paths: Paths, *, is_json: bool) -> LoadedSettings:
    """As `read_settings`, of a file's text."""
    if is_json:
        return _of_web_ui(_from_json(text), paths)
    _refuse_references(text)
    return _of_run_yaml(mapping_from_yaml(text))


def _refuse_references(text: str) -> None:
    """Raise ConfigError for a reference, by which a few lines become billions of values."""
    with contextlib.suppress(yaml.YAMLError, ValueError, RecursionError):  # told by who reads the text
        events = yaml.parse(text, yaml.SafeLoader) if "*" in text else ()
        if any(isinstance(event, yaml.AliasEvent) for event in events):
            raise ConfigError(
                "The settings have a reference (*name), which isn't followed; write the value itself there."
            )


def _from_json(text: str) -> Mapping[str, Any]:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError("The settings are no valid JSON; choose the settings-….json of a run.") from error
    if not isinstance(loaded, Mapping):
        raise ConfigError("The JSON file holds no settings; choose the settings-….json of a run.")
    return loaded


def _of_run_yaml(loaded: Mapping[str, Any]) -> LoadedSettings:
    flat: dict[str, Any] = {}
    for key, value in loaded.items():
        flat.update(value if isinstance(value, Mapping) else {str(key).rpartition(".")[2]: value})
    named = {str(key): value for key, value in flat.items()}
    if not named.keys() & all_options(TrainingConfig).keys():
        raise ConfigError("The file holds no settings of a training; choose the run.yaml of a run.")
    return _checked(named, str(named.get("model") or ""), _unknown)


def _of_web_ui(loaded: Mapping[str, Any], paths: Paths) -> LoadedSettings:
    if _HYPERNETWORK in loaded:
        raise ConfigError(
            "These are the settings of a hypernetwork; choose the settings-….json of an embedding's run."
        )
    if not loaded.keys() & _FROM_WEB_UI.keys():
        raise ConfigError("The file holds no settings of a training; choose the settings-….json of a run.")
    named = {
        _FROM_WEB_UI.get(str(key), str(key)): value for key, value in loaded.items() if key not in _FACTS
    }
    if "template" in named:
        named["template"] = _known_template(str(named["template"]), paths)
    return _checked(named, str(loaded.get("model_name") or ""), _unknown)


def _known_template(text: str, paths: Paths) -> str:
    """The web UI writes a path: of a template that we have too, only the name."""
    name = text.replace("\\", "/").rpartition("/")[2]
    try:
        known = find_templates(paths.template_dirs)
    except TemplateError:
        known = {}
    return name if name in known and kind_of(user_path(text)) != "file" else text


def _checked(named: Mapping[str, Any], model: str, unknown: Callable[[str], str]) -> LoadedSettings:
    """The settings that are known and allowed, over the defaults of those that are told nothing of."""
    options = all_options(TrainingConfig)
    values = {name: o.default for name, o in options.items() if o.part not in _KEPT_PARTS}
    left_out = []
    for name, value in named.items():
        if name not in options:
            left_out.append(unknown(name))
            continue
        try:
            changed = _flat(replace_fields(TrainingConfig(), {name: value}))[name]
            check_value(options[name], changed)
        except InputError as error:
            left_out.append(str(error))
        else:
            values[name] = changed
    values.pop("model", None)
    return LoadedSettings(values=values, model=model, left_out=tuple(left_out))


def _unknown(name: str) -> str:
    return f"{name[:60]} isn't a setting of this version."


def _flat(config: TrainingConfig) -> dict[str, Any]:
    mapping = to_mapping(config)
    parts = (value for value in mapping.values() if isinstance(value, dict))
    return {**mapping, **{name: value for part in parts for name, value in part.items()}}
