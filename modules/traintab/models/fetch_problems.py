"""What goes wrong while a model is fetched, as a sentence that says what to do."""

from __future__ import annotations

import errno
from pathlib import Path

from ..errors import ModelError, StorageError, TrainTabError
from .model_files import ModelFiles

__all__ = ["FetchInterrupted", "fetch_problem"]

_DISK = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO,
)  # fmt: skip
# Where errors of the network come from, in all versions of the hub's library.
_NETWORK = ("requests", "urllib3", "httpx", "httpx2", "httpcore", "httpcore2", "huggingface_hub", "hf_xet")


class FetchInterrupted(Exception):
    """The user asked to stop while files were fetched; they are kept, and fetching goes on from there."""


def fetch_problem(
    problem: BaseException, model: str, files: ModelFiles, folder: Path
) -> TrainTabError | None:
    """The error to raise for `problem`, met while `files` of `model` were fetched to `folder`.

    None when it is one that tells for itself, or that neither the network nor the disk makes.
    """
    # Here in all versions, though the newer ones keep them in `errors`.
    from huggingface_hub.utils import GatedRepoError, RepositoryNotFoundError  # type: ignore[attr-defined]

    names = ", ".join(files.needed + files.one_of[:1] + files.weights[:1])
    small = " and the other small ones" if files.useful else ""
    by_hand = f"or put its files ({names}{small}) into {folder}, or give their folder as {files.setting!r}"
    if isinstance(problem, TrainTabError | FetchInterrupted):
        return None
    if isinstance(problem, GatedRepoError):
        return ModelError(
            f"Fetching {model} was refused: its owner asks you to agree to terms. Agree on its page, log in"
            f" by `hf auth login` and try again, {by_hand}."
        )
    if isinstance(problem, RepositoryNotFoundError):
        return ModelError(
            f"{files.setting}: the Hugging Face Hub knows no {model}, or it is private. Check the name,"
            f" {by_hand}."
        )
    if isinstance(problem, OSError) and problem.errno in _DISK:
        return StorageError(
            f"Writing {model} to {folder} failed: {problem.strerror}. Free some disk space or choose a folder"
            " that can be written to."
        )
    # The last two are of an answer that isn't the hub's, such as the page where one logs in to a network.
    if isinstance(problem, OSError | RuntimeError | ValueError | KeyError) or _library(problem) in _NETWORK:
        return ModelError(
            f"Fetching {model} failed: the Hugging Face Hub can't be reached ({_reason(problem)}). Check the"
            f" network and try again, {by_hand}."
        )
    return None


def _library(problem: BaseException) -> str:
    return type(problem).__module__.partition(".")[0]


def _reason(problem: BaseException) -> str:
    """The first line of an error, short."""
    lines = str(problem).strip().splitlines()
    return f"{type(problem).__name__}: {lines[0][:120]}" if lines else type(problem).__name__
