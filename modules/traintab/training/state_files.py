"""States on disk: each file begins with a hash of the rest, so that a torn one is known for what it is.

Layout: one line of ASCII, `train-tab-state 1 <sha256 of what follows>`, then a file of `torch.save`
with tensors, whole numbers and texts only.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ..errors import EmbeddingFileError
from .run_folder import RunFolder

__all__ = ["read_newest_state", "read_state", "read_state_of", "state_paths", "write_state"]

_MAGIC = b"train-tab-state 1 "
_KEPT = 2


def write_state(run: RunFolder, state: Mapping[str, Any]) -> Path:
    """Write `state/state-<step>.pt` and remove all but it and the one before; raises StorageError.

    One whose copy of the embedding is kept is kept with it, however old. States of later steps go: torn
    ones, or those of a breakdown that was undone.
    """
    run.flush_tables()  # whoever goes on from this state finds the rows of the steps before it
    stream = io.BytesIO()
    torch.save(dict(state), stream)
    body = stream.getvalue()
    path = run.state(state["step"])
    run.write(path, _MAGIC + hashlib.sha256(body).hexdigest().encode("ascii") + b"\n" + body)
    for step in _superfluous(run, state["step"]):
        # Windows refuses while a virus scanner, say, has it open; the next write tries again.
        with contextlib.suppress(OSError):
            run.state(step).unlink()
    return path


def _superfluous(run: RunFolder, newest: int) -> list[int]:
    """The steps whose states aren't needed any more, now that that of `newest` is there."""
    steps = run.state_steps()
    later = [step for step in steps if step > newest]
    earlier = [step for step in steps if step < newest]
    return later + [step for step in earlier[_KEPT - 1 :] if not run.has_copy(step)]


def state_paths(run: RunFolder) -> list[Path]:
    """The states of a run, that of the highest step first."""
    return [run.state(step) for step in run.state_steps()]


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


def read_state_of(run: RunFolder, step: int) -> dict[str, Any]:
    """The state of one step of a run; raises EmbeddingFileError when it is damaged or gone."""
    state = read_state(run.state(step))
    if state is None:
        others = ", ".join(str(other) for other in run.state_steps() if other != step) or "none"
        raise EmbeddingFileError(
            f"Going on from step {step} needs {run.state(step)}, which is damaged or gone. Choose another"
            f" step ({others}), or start a new run from {run.checkpoint(step).name}."
        )
    return state


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
