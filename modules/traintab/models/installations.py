"""Existing installations of other programs, whose models, VAEs, LoRAs and embeddings can be used in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import yaml

from ..errors import InputError
from ..files import kind_of
from ..paths import REPOSITORY_DIR, ModelFolders

__all__ = ["Installation", "comfy_installation", "find_installations", "webui_installation"]

_EXTRA_PATHS = "extra_model_paths.yaml"
_MAX_YAML_BYTES = 1 << 20
_WEBUI_MARKS = ("modules/sd_models.py", "modules/shared.py", "models/Stable-diffusion")
_COMFY_MARKS = ("comfy", "models/checkpoints", _EXTRA_PATHS)
# The kinds that are of use here, with the words of `extra_model_paths.yaml` for each.
_COMFY_KINDS: Mapping[str, str] = MappingProxyType(
    {"checkpoints": "checkpoints", "vae": "vaes", "loras": "loras", "embeddings": "embeddings"}
)
_WEBUI_NAMES = (
    "stable-diffusion-webui",
    "stable-diffusion-webui-forge",
    "stable-diffusion-webui-reForge",
    "sd-webui-forge-neo",
    "automatic",
    "webui",
)
_COMFY_NAMES = ("ComfyUI", "ComfyUI_windows_portable/ComfyUI")


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A program's folder and the folders of models in it that exist."""

    program: Literal["A1111 or Forge", "ComfyUI"]
    root: Path
    folders: ModelFolders

    @property
    def flag(self) -> str:
        """The option that brings it in."""
        return "--comfy-dir" if self.program == "ComfyUI" else "--webui-dir"


def webui_installation(root: Path) -> Installation:
    """The folders of A1111, Forge, reForge or SD.Next in `root`; raises InputError when it is none."""
    _check(root, _WEBUI_MARKS, "--webui-dir", "a web UI such as A1111 or Forge")
    models = root / "models"
    return Installation(
        program="A1111 or Forge",
        root=root,
        folders=ModelFolders(
            checkpoints=_existing(models / "Stable-diffusion"),
            vaes=_existing(models / "VAE"),
            loras=_existing(models / "Lora", models / "LyCORIS"),
            embeddings=_existing(root / "embeddings", models / "embeddings"),
        ),
    )


def comfy_installation(root: Path) -> Installation:
    """The folders of ComfyUI in `root`, those of its `extra_model_paths.yaml` too.

    Raises InputError when it is no ComfyUI, or when that file can't be read.
    """
    _check(root, _COMFY_MARKS, "--comfy-dir", "ComfyUI")
    found: dict[str, list[Path]] = {field: [root / "models" / kind] for kind, field in _COMFY_KINDS.items()}
    extra = root / _EXTRA_PATHS
    if kind_of(extra) == "file":
        for kind, folder in _extra_folders(extra):
            found[_COMFY_KINDS[kind]].append(folder)
    return Installation(
        program="ComfyUI",
        root=root,
        folders=ModelFolders(**{field: _existing(*folders) for field, folders in found.items()}),
    )


def find_installations(home: Path | None = None, repository: Path = REPOSITORY_DIR) -> list[Installation]:
    """The installations in the usual places: beside this program, around it, and in the home folder."""
    home = home or Path.home()
    found: dict[Path, Installation] = {}
    around = repository.parent.parent  # cloned into a web UI's `extensions`
    for place in (around, *_below((repository.parent, home), _WEBUI_NAMES)):
        if kind_of(place / "modules" / "shared.py") == "file":
            found.setdefault(place.resolve(), webui_installation(place))
    for place in _below((repository.parent, home), _COMFY_NAMES):
        if kind_of(place / "comfy") == "folder":
            found.setdefault(place.resolve(), _readable_comfy(place))
    return list(found.values())


def _readable_comfy(root: Path) -> Installation:
    """An installation that nobody named: a broken yaml in it is left out without a word."""
    try:
        return comfy_installation(root)
    except InputError:
        folders = {field: _existing(root / "models" / kind) for kind, field in _COMFY_KINDS.items()}
        return Installation(program="ComfyUI", root=root, folders=ModelFolders(**folders))


def _below(places: tuple[Path, ...], names: tuple[str, ...]) -> Iterator[Path]:
    return (place / name for place in places for name in names)


def _check(root: Path, marks: tuple[str, ...], flag: str, program: str) -> None:
    if kind_of(root) != "folder":
        raise InputError(f"{flag} is {root}, but there is no such folder; give the folder of {program}.")
    if not any(kind_of(root / mark) for mark in marks):
        raise InputError(
            f"{flag} is {root}, but that is not the folder of {program}: it has neither"
            f" {' nor '.join(marks)}. Give the folder that the program was installed into."
        )


def _existing(*folders: Path) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(folder for folder in folders if kind_of(folder) == "folder"))


def _extra_folders(file: Path) -> Iterator[tuple[str, Path]]:
    """Kinds and folders of an `extra_model_paths.yaml`: sections of paths, a line each, below `base_path`."""
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_YAML_BYTES + 1)
        if len(data) > _MAX_YAML_BYTES:
            raise ValueError("it is larger than any list of folders")
        sections = yaml.safe_load(data) or {}
        if not isinstance(sections, dict):
            raise TypeError("it holds no sections")
    except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        told = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise InputError(f"Reading {file} failed: {told}. Correct it, or move it away.") from error
    for section in sections.values():
        if isinstance(section, dict):
            yield from _folders_of(section, file.parent)


def _folders_of(section: Mapping[object, object], root: Path) -> Iterator[tuple[str, Path]]:
    base = section.get("base_path")
    start = root / Path(base).expanduser() if isinstance(base, str) else root
    for kind in _COMFY_KINDS:
        lines = section.get(kind)
        for line in lines.splitlines() if isinstance(lines, str) else ():
            if line.strip():
                yield kind, start / line.strip()
