"""The pictures that a run was trained on, as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from ..datasets.folders import pictures_in
from ..errors import DatasetError
from ..pictures import UNREADABLE, open_picture
from .dataset_folders import folders_of
from .run_folder import RunFolder
from .unfinished import read_run_config

__all__ = ["training_pictures"]

_LARGEST_SIDE = 1024


def training_pictures(run: RunFolder, *, most: int) -> list[Image.Image]:
    """At most `most` of the run's pictures in RGB, evenly spread, none over 1024 pixels a side.

    Class pictures don't count; what can't be read is left out. Raises ConfigError for a run.yaml that can't
    be read, DatasetError when a folder or all of its pictures are gone.
    """
    folders = [folder for folder in folders_of(read_run_config(run)) if not folder.is_class]
    paths = [found.path for folder in folders for found in pictures_in(folder)]
    opened = [image for path in _spread(paths, most) if (image := _opened(path)) is not None]
    if not opened:
        raise DatasetError(
            f"None of the pictures that {run.embedding_name} was trained on can be read any more"
            f" ({', '.join(str(folder.path) for folder in folders)}). Put them back to compare with them."
        )
    return opened


def _spread(paths: Sequence[Path], most: int) -> list[Path]:
    if len(paths) <= most:
        return list(paths)
    return [paths[number * len(paths) // most] for number in range(most)]


def _opened(path: Path) -> Image.Image | None:
    try:
        image = open_picture(path)
    except UNREADABLE:
        return None
    image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    return image
