"""States on disk: each file begins with a hash of the rest, so that a torn one is known for what it is.

Layout: one line of ASCII, `train-tab-state 1 <sha256 of what follows>`, then a file of `torch.save`
with tensors, whole numbers and texts only.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ..errors import EmbeddingFileError
from .run_folder import RunFolder

__all__ = ["read_newest_state", "read_state", "state_paths", "write_state"]

_MAGIC = b"train-tab-state 1 "
_NAME = re.compile(r"state-(\d+)\.pt")
_KEPT = 2


def write_state(run: RunFolder, state: Mapping[str, Any]) -> Path:
    """Write `state/state-<step>.pt` and remove all but it and the one before; raises StorageError.

    States of later steps go too: torn ones, or those of a breakdown that was undone.
    """
    stream = io.BytesIO()
    torch.save(dict(state), stream)
    body = stream.getvalue()
    path = run.state_dir / f"state-{state['step']}.pt"
    run.write(path, _MAGIC + hashlib.sha256(body).hexdigest().encode("ascii") + b"\n" + body)
    states = state_paths(run)
    newest = states.index(path) if path in states else 0
    for other in states[:newest] + states[newest + _KEPT :]:
        # Windows refuses while a virus scanner, say, has it open; the next write tries again.
        with contextlib.suppress(OSError):
            other.unlink()
    return path


def state_paths(run: RunFolder) -> list[Path]:
    """The states of a run, that of the highest step first."""
    if not run.state_dir.is_dir():
        return []
    found = [(match, path) for path in run.state_dir.iterdir() if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(found, key=lambda pair: -int(pair[0][1]))]


def read_state(path: Path) -> dict[str, Any] | None:
    """The state in a file, or None when it isn't whole."""
    try:
        header, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if header != _MAGIC + hashlib.sha256(body).hexdigest().encode("ascii"):
        return None
    try:
        # Not torch.load: web UIs replace it by one that renames files or returns None.
        loaded = torch.serialization.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) else None


def read_newest_state(run: RunFolder) -> tuple[dict[str, Any], str]:
    """The newest whole state of a run, and a sentence when a newer one was torn (else empty).

    Raises EmbeddingFileError when there is none.
    """
    torn: list[str] = []
    for path in state_paths(run):
        state = read_state(path)
        if state is not None:
            said = f"{' and '.join(torn)} is damaged; going on from step {state['step']}." if torn else ""
            return state, said
        torn.append(path.name)
    found = f"{' and '.join(torn)} are damaged" if torn else "there is none"
    raise EmbeddingFileError(
        f"Resuming {run.embedding_name} needs a state in {run.state_dir}, but {found}. Start a new run"
        " without resuming; it goes on from the embedding's file."
    )
