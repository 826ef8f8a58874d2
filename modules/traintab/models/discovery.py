"""Which checkpoints there are, and which one a name or path means."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import ModelError
from ..files import kind_of, user_path
from ..paths import Paths

__all__ = ["DEMO", "Checkpoint", "find_checkpoints", "resolve"]

DEMO = "demo"
_CHECKPOINT_FOLDER = "Stable-diffusion"
_INDEX_FILE = "model_index.json"
_READABLE_PIPELINES = (
    "StableDiffusionPipeline",
    "StableDiffusionInpaintPipeline",
    "StableDiffusionXLPipeline",
    "StableDiffusionXLInpaintPipeline",
)
_SINGLE_FILE_SUFFIXES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_WHAT_IS_READ = (
    "this version reads diffusers folders of Stable Diffusion 1, 2 and XL (a folder with model_index.json)"
    " and their names on the Hugging Face hub"
)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A model that can be loaded: `path` is its diffusers folder, None for one on the hub."""

    name: str
    path: Path | None
    kind: Literal["demo", "folder", "hub"]

    @property
    def source(self) -> str:
        """What `from_pretrained` is given: the folder or the hub id."""
        return self.name if self.path is None else str(self.path)


def find_checkpoints(paths: Paths) -> list[Checkpoint]:
    """The demo model if it is there, then every SD1, SD2 or SDXL folder below `models/Stable-diffusion`.

    A name is the path below that folder with `/`. Sorted without regard to case; folders of other
    pipelines are left out.
    """
    found = []
    if (paths.demo_model_dir / _INDEX_FILE).is_file():
        found.append(_demo(paths))
    root = paths.models_dir / _CHECKPOINT_FOLDER
    indexes = sorted(root.glob(f"**/{_INDEX_FILE}"), key=lambda path: str(path).lower())
    for folder in (index.parent for index in indexes):
        if folder != root and _pipeline_class(folder) in _READABLE_PIPELINES:
            name = folder.relative_to(root).as_posix()
            found.append(Checkpoint(name=name, path=folder, kind="folder"))
    return found


def resolve(spec: str, paths: Paths) -> Checkpoint:
    """The checkpoint meant by `demo`, a name of `find_checkpoints`, a folder, or a hub id `owner/name`.

    Raises ModelError for a single file, for a folder that holds no Stable Diffusion, and for a name
    that is none of these.
    """
    spec = spec.strip()
    if spec == DEMO:
        return _checked_demo(paths)
    for checkpoint in find_checkpoints(paths):
        if checkpoint.name == spec:
            return checkpoint
    for path in (user_path(spec), paths.models_dir / _CHECKPOINT_FOLDER / spec):
        if kind_of(path) == "folder" and spec:
            return _checked_folder(path.resolve())
        if kind_of(path) == "file":
            raise ModelError(f"The model {path} is a single file, but {_WHAT_IS_READ}.")
    if spec.lower().endswith(_SINGLE_FILE_SUFFIXES):
        raise ModelError(f"There is no file {spec}; and {_WHAT_IS_READ}.")
    if _HUB_ID.fullmatch(spec):
        return Checkpoint(name=spec, path=None, kind="hub")
    known = ", ".join(checkpoint.name for checkpoint in find_checkpoints(paths)) or "none"
    raise ModelError(f"There is no model called {spec!r}; known here: {known}; {_WHAT_IS_READ}.")


def _demo(paths: Paths) -> Checkpoint:
    return Checkpoint(name=DEMO, path=paths.demo_model_dir, kind="demo")


def _checked_demo(paths: Paths) -> Checkpoint:
    if not (paths.demo_model_dir / _INDEX_FILE).is_file():
        raise ModelError(
            f"The built-in demo model is missing in {paths.demo_model_dir}; get the repository again, build"
            " it with `python3 extension.py demo build`, or choose your own with --model."
        )
    return _demo(paths)


def _checked_folder(folder: Path) -> Checkpoint:
    pipeline = _pipeline_class(folder)
    if pipeline is None:
        raise ModelError(f"The folder {folder} holds no readable {_INDEX_FILE}, but {_WHAT_IS_READ}.")
    if pipeline not in _READABLE_PIPELINES:
        raise ModelError(f"The folder {folder} holds a {pipeline}, but {_WHAT_IS_READ}.")
    return Checkpoint(name=folder.name, path=folder, kind="folder")


def _pipeline_class(folder: Path) -> str | None:
    """The pipeline that `model_index.json` names; None when it is missing or broken."""
    try:
        index = json.loads((folder / _INDEX_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    name = index.get("_class_name") if isinstance(index, dict) else None
    return name if isinstance(name, str) else None
