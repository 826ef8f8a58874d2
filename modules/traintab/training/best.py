"""Which copy of a run is the best by its evaluations, and making it the embedding."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from ..embeddings.embedding import Embedding
from ..embeddings.formats import read_embedding, write_embedding
from ..embeddings.library import EmbeddingLibrary
from ..embeddings.names import check_name
from ..errors import EmbeddingFileError, NothingToDoError
from ..files import kind_of
from ..paths import Paths
from .lock import embedding_locks
from .run_folder import RunFolder
from .state import saved_vectors
from .state_files import read_newest_state
from .target import find_target, writable_suffixes

__all__ = ["BestCheckpoint", "UsedBest", "read_best", "use_best", "use_copies", "write_best"]


@dataclass(frozen=True, kw_only=True)
class BestCheckpoint:
    """The copy in `path` holds the vectors of `step`, whose loss on the evaluation set is the lowest.

    `others` are the copies, by name, of the embeddings that were trained with it.
    """

    step: int
    loss: float
    path: Path
    others: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class UsedBest:
    """The embedding in `path` holds the best step now; what it held before is kept in `kept`, if anything.

    `others` are those that were trained with it.
    """

    name: str
    step: int
    path: Path
    kept: Path | None
    others: tuple[UsedBest, ...] = ()


def write_best(run: RunFolder, best: BestCheckpoint) -> None:
    """Write `best.json`; raises StorageError."""
    # With a path from the run's folder on, so that the folder may be moved.
    place = best.path.relative_to(run.path).as_posix()
    facts: dict[str, Any] = {"embedding_name": run.embedding_name, "step": best.step, "loss": best.loss}
    facts["path"] = place
    if best.others:
        facts["others"] = {name: path.relative_to(run.path).as_posix() for name, path in best.others.items()}
    run.write(run.best_file, json.dumps(facts, indent=4).encode("utf-8"))


def read_best(run: RunFolder) -> BestCheckpoint | None:
    """What `best.json` says; None when there is none, when it isn't this run's or when the copy is gone."""
    facts = _facts(run)
    try:
        step, loss, path = int(facts["step"]), float(facts["loss"]), run.path / str(facts["path"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    found = facts.get("others", {})
    pairs = found.items() if isinstance(found, dict) else ()
    others = {str(name): run.path / str(place) for name, place in pairs}
    if facts.get("embedding_name") != run.embedding_name or not math.isfinite(loss):
        return None
    if not all(_is_copy(each, run) for each in (path, *others.values())):
        return None
    return BestCheckpoint(step=step, loss=loss, path=path, others=others)


def use_best(folder: Path, paths: Paths) -> UsedBest:
    """Write the best copy of the run in `folder` over the embedding it was made for; nothing is lost by that.

    So with those that were trained with it. What an embedding held is kept in the run's folder, unless the
    same vectors are there already. Raises NothingToDoError when there is no best copy or the embedding is
    it, BusyError while it is being trained, EmbeddingFileError when a copy can't be read, StorageError.
    """
    name = str(_facts(RunFolder(path=folder, embedding_name="")).get("embedding_name", ""))
    run = RunFolder(path=folder, embedding_name=name)
    best = read_best(run) if name else None
    if best is None:
        raise NothingToDoError(
            f"The run in {folder} has no best step: nothing was evaluated, or its copy is gone. Use one of"
            " the copies in its embeddings folder."
        )
    told = f"{name} holds step {best.step} already, the best of its run."
    return use_copies({name: best.path, **best.others}, run, paths, already=told)


def use_copies(copies: Mapping[str, Path], run: RunFolder, paths: Paths, *, already: str) -> UsedBest:
    """Write copies of a run, by name, over the embeddings they were made for, all or none; nothing is lost.

    What an embedding held is kept in the run's folder, unless the same vectors are there. Raises
    NothingToDoError with the sentence `already` when the embeddings are these copies, BusyError while one is
    being trained, EmbeddingFileError when a copy can't be read, StorageError.
    """
    with embedding_locks(map(check_name, copies), paths):
        library = EmbeddingLibrary(paths.embeddings_dir)
        library.refresh()
        wanted = [dataclasses.replace(read_embedding(path), name=own) for own, path in copies.items()]
        if all(_is_there(one, library) for one in wanted):
            raise NothingToDoError(already)
        first, *others = [_put_in_place(one, run, library) for one in wanted]
    return dataclasses.replace(first, others=tuple(others))


def _is_there(wanted: Embedding, library: EmbeddingLibrary) -> bool:
    known = library.find(wanted.name, wanted.widths)  # other kinds of models may have one of this name
    return known is not None and known.step == wanted.step and _same_vectors(known, wanted)


def _put_in_place(wanted: Embedding, run: RunFolder, library: EmbeddingLibrary) -> UsedBest:
    """Write it over the embedding of its name, whose vectors are kept in the run's folder."""
    known = library.find(wanted.name, wanted.widths)
    target = find_target(wanted.name, known, library, len(wanted.vectors)).path
    own_copies = RunFolder(path=run.path, embedding_name=wanted.name)
    kept = _kept(known, own_copies) if known is not None else None
    write_embedding(wanted, target)
    return UsedBest(name=wanted.name, step=wanted.step or 0, path=target, kept=kept)


def _is_copy(path: Path, run: RunFolder) -> bool:
    return path.parent == run.path / "embeddings" and kind_of(path) == "file"


def _facts(run: RunFolder) -> dict[str, Any]:
    """What stands in `best.json`; nothing when it isn't there or isn't ours."""
    try:
        facts = json.loads(run.best_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _kept(known: Embedding, run: RunFolder) -> Path:
    """Where the run's folder holds these vectors, after writing them there if need be."""
    suffix = writable_suffixes(len(known.vectors))[0]
    copy = run.checkpoint(known.step or 0, suffix)
    others = (
        copy.with_name(f"{copy.stem}-replaced{f'-{number}' if number > 1 else ''}{suffix}")
        for number in itertools.count(1)
    )
    # What gets the plain name is a step of this run from then on: nothing but its end may.
    has_place = copy.is_file() or _is_end(known, run)
    places = itertools.chain([copy] if has_place else [], others)
    path = next(one for one in places if not one.is_file() or _same_vectors(read_embedding(one), known))
    if not path.is_file():
        run.check()
        write_embedding(known, path)
    return path


def _is_end(known: Embedding, run: RunFolder) -> bool:
    """Whether the run's newest state holds these vectors, alone or among those of others."""
    try:
        rows = saved_vectors(read_newest_state(run)[0])
    except EmbeddingFileError:
        return False
    firsts = range(len(next(iter(rows.values()))))
    return rows.keys() >= known.vectors.keys() and any(
        all(torch.equal(rows[name][first : first + len(own)], own) for name, own in known.vectors.items())
        for first in firsts
    )


def _same_vectors(one: Embedding, other: Embedding) -> bool:
    return one.vectors.keys() == other.vectors.keys() and all(
        torch.equal(vectors, other.vectors[encoder]) for encoder, vectors in one.vectors.items()
    )
