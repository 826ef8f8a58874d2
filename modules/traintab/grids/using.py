"""Making a kept step the embedding."""

from __future__ import annotations

from pathlib import Path

from ..errors import NothingToDoError
from ..paths import Paths
from ..training.best import UsedBest, use_copies
from ..training.run_folder import RunFolder
from .steps import kept_files

__all__ = ["use_step"]


def use_step(folder: Path, step: int, paths: Paths) -> UsedBest:
    """Write the copies of `step` in the run's `folder` over the embeddings they were made for.

    What these held is kept in the run's folder. Raises NothingToDoError when there is no such copy, or when
    they hold this step already, BusyError while one is being trained, EmbeddingFileError, StorageError.
    """
    name = RunFolder(path=folder, embedding_name="").trained_name
    run = RunFolder(path=folder, embedding_name=name)
    files = kept_files(run, paths) if name else {}
    if step not in files:
        there = f"there are {', '.join(map(str, files))}" if files else "there is none of any step"
        raise NothingToDoError(
            f"Using step {step} needs a copy of it in {folder}, but {there}. Choose one of those."
        )
    already = f"{name} holds step {step} already; nothing was written."
    return use_copies(files[step], run, paths, already=already)
