"""Which checkpoints there are, and which one a name or path means."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import ModelError
from ..files import kind_of, user_path
from ..paths import Paths

__all__ = ["DEMO", "Checkpoint", "find_checkpoints", "resolve"]

DEMO = "demo"
_INDEX_FILE = "model_index.json"
_READABLE_PIPELINES = (
    "StableDiffusionPipeline",
    "StableDiffusionInpaintPipeline",
    "StableDiffusionXLPipeline",
    "StableDiffusionXLInpaintPipeline",
)
_LISTED_SUFFIXES = (".safetensors", ".ckpt")
_SINGLE_FILE_SUFFIXES = (*_LISTED_SUFFIXES, ".pt", ".pth", ".bin", ".gguf")
_VAE_MARK = ".vae."
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_HASH_BEHIND = re.compile(r" \[[0-9a-f]{4,64}\]$")
_WHAT_IS_READ = (
    "this version reads Stable Diffusion 1, 2 and XL as single files (.safetensors, .ckpt), as diffusers"
    " folders (with model_index.json) and by their names on the Hugging Face hub"
)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A model that can be loaded: `path` is its diffusers folder or its file, None for one on the hub."""

    name: str
    path: Path | None
    kind: Literal["demo", "folder", "hub", "file"]

    @property
    def source(self) -> str:
        """What `from_pretrained` is given: the folder or the hub id."""
        return self.name if self.path is None else str(self.path)

    @property
    def model_name(self) -> str:
        """The name in pictures and embeddings: as A1111 does, a file's without folders and suffix."""
        return self.path.stem if self.kind == "file" and self.path is not None else self.name


def find_checkpoints(paths: Paths) -> list[Checkpoint]:
    """The demo model if it is there, then the folders and files below `paths.checkpoint_dirs`.

    A name is the path below such a folder with `/`, with the suffix of a file; one that the name doesn't
    find, because an earlier folder has it too, is named by its whole path. Sorted without regard to case in
    each folder; diffusers folders of other pipelines and VAEs are left out. Files aren't opened.
    """
    found: dict[str, Checkpoint] = {}
    if (paths.demo_model_dir / _INDEX_FILE).is_file():
        found[DEMO] = _demo(paths)
    for root in paths.checkpoint_dirs:
        for path, kind in sorted(_walk(root), key=lambda entry: str(entry[0]).lower()):
            name = path.relative_to(root).as_posix()
            name = str(path) if name in found else name
            found[name] = Checkpoint(name=name, path=path, kind=kind)
    return list(found.values())


def resolve(spec: str, paths: Paths) -> Checkpoint:
    """The checkpoint meant by `demo`, a name of `find_checkpoints`, a path, or a hub id `owner/name`.

    A name may lack a file's suffix, and may have a hash in brackets behind it, as A1111 shows it. Raises
    ModelError for a folder that holds no Stable Diffusion, and for a name that is none of these.
    """
    spec = _HASH_BEHIND.sub("", spec.strip())
    if spec == DEMO:
        return _checked_demo(paths)
    known = find_checkpoints(paths)
    for checkpoint in (*_named(spec, known), *_lying_at(spec, paths)):
        return checkpoint
    if spec.lower().endswith(_SINGLE_FILE_SUFFIXES):
        raise ModelError(f"There is no file {spec}; and {_WHAT_IS_READ}.")
    if _HUB_ID.fullmatch(spec):
        return Checkpoint(name=spec, path=None, kind="hub")
    names = ", ".join(checkpoint.name for checkpoint in known) or "none"
    raise ModelError(f"There is no model called {spec!r}; known here: {names}; {_WHAT_IS_READ}.")


def _named(spec: str, known: list[Checkpoint]) -> Iterator[Checkpoint]:
    """What the name means: by the whole of it, then without a file's suffix, then without folders."""
    yield from (checkpoint for checkpoint in known if checkpoint.name == spec)
    files = [checkpoint for checkpoint in known if checkpoint.kind == "file"]
    yield from (file for file in files if file.name.rpartition(".")[0] == spec)
    yield from (file for file in files if file.model_name == spec)


def _lying_at(spec: str, paths: Paths) -> Iterator[Checkpoint]:
    """What lies at a path, as it is given or below a folder of checkpoints."""
    for path in (user_path(spec), *(root / spec for root in paths.checkpoint_dirs)) if spec else ():
        kind = kind_of(path)
        if kind == "folder":
            yield _checked_folder(path.resolve())
        elif kind == "file":
            yield Checkpoint(name=path.name, path=path.absolute(), kind="file")


def _walk(root: Path) -> Iterator[tuple[Path, Literal["folder", "file"]]]:
    """Diffusers folders and single files below `root`; links are followed, each folder once."""
    seen = set()
    for place, folders, files in os.walk(root, followlinks=True):
        folder = Path(place)
        real = folder.resolve()
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        if _INDEX_FILE in files and folder != root:
            folders.clear()
            if _pipeline_class(folder) in _READABLE_PIPELINES:
                yield folder, "folder"
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from ((folder / name, "file") for name in files if _is_listed(name))


def _is_listed(name: str) -> bool:
    """Whether a file of this name may be a checkpoint: neither hidden nor called a VAE."""
    lower = name.lower()
    return lower.endswith(_LISTED_SUFFIXES) and _VAE_MARK not in lower and not name.startswith(".")


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
