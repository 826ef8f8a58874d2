"""VAEs in files of their own, which take the place of a checkpoint's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..configs.loading import OWN_VAE, SAME_NAME_VAE
from ..errors import ModelError
from ..files import kind_of, user_path
from ..paths import Paths
from .discovery import Checkpoint

__all__ = ["find_vaes", "vae_for"]

_SUFFIXES = (".safetensors", ".ckpt", ".pt")
_MARK = ".vae"


def find_vaes(paths: Paths) -> dict[str, Path]:
    """The VAEs that can be chosen, by name: all below `paths.vae_dirs`, and `*.vae.*` beside checkpoints.

    A name is the path below its folder; of equal names the first counts. Files aren't opened.
    """
    found: dict[str, Path] = {}
    for root in paths.vae_dirs:
        for file in _files(root):
            found.setdefault(file.relative_to(root).as_posix(), file)
    for root in paths.checkpoint_dirs:
        for file in _files(root):
            if file.stem.lower().endswith(_MARK):
                found.setdefault(file.name, file)
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def vae_for(checkpoint: Checkpoint, paths: Paths, choice: str = SAME_NAME_VAE) -> Path | None:
    """The file whose VAE is to be used, None for the checkpoint's own.

    `choice` is `Automatic`, `None`, a name of `find_vaes`, or a path. Automatic takes what is called like
    the checkpoint's file: `<name>.vae.safetensors` beside it or among the VAEs, or `<name>.safetensors`
    among the VAEs. Raises ModelError for a name that isn't there. The demo model keeps its own.
    """
    if choice == OWN_VAE or checkpoint.kind == "demo":
        return None
    if choice != SAME_NAME_VAE:
        return _chosen(choice, paths)
    if checkpoint.kind != "file" or checkpoint.path is None:
        return None
    stem = checkpoint.path.stem
    beside = [checkpoint.path.with_name(f"{stem}{_MARK}{suffix}") for suffix in _SUFFIXES]
    among = [file for root in paths.vae_dirs for file in _files(root) if file.stem in (stem, stem + _MARK)]
    return next((file for file in (*beside, *among) if file.is_file()), None)


def _chosen(choice: str, paths: Paths) -> Path:
    known = find_vaes(paths)
    if choice in known:
        return known[choice]
    path = user_path(choice)
    if kind_of(path) == "file":
        return path
    names = ", ".join((SAME_NAME_VAE, OWN_VAE, *known))
    raise ModelError(
        f"There is no VAE called {choice!r}; choose one of {names}, or put its file into {paths.vae_dirs[0]}."
    )


def _files(root: Path) -> Iterator[Path]:
    """Files with a suffix of weights below `root`, in the order of their names."""
    for place, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(place) / name
