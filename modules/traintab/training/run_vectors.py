"""The embeddings that a run trains, looked up before anything loads: vectors to start from, and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from ..configs import TrainingConfig
from ..embeddings.embedding import Embedding
from ..embeddings.families import model_family
from ..embeddings.library import EmbeddingLibrary
from ..errors import ConfigError, EmbeddingFileError, NoSuchEmbeddingError
from .plan import Resumed
from .target import Target, find_target
from .together import TogetherFacts, TrainedEmbedding, joined, names_in_run

__all__ = ["RunVectors", "find_run_vectors", "widths_of_vectors"]


@dataclass(frozen=True, kw_only=True)
class RunVectors:
    """What a run starts from.

    `vectors` are `[rows, width]` by text encoder, those of `trained` below each other; `start_step` counts
    what the first of them has seen. `notices` are sentences for the user.
    """

    vectors: Mapping[str, torch.Tensor]
    start_step: int
    trained: tuple[TrainedEmbedding, ...]
    notices: tuple[str, ...]


def find_run_vectors(
    config: TrainingConfig, known: Embedding | None, library: EmbeddingLibrary, resumed: Resumed | None
) -> RunVectors:
    """The run's embedding, which is `known` (None when its file is gone), and those trained with it.

    A resumed run goes on with the rows of its state. Raises EmbeddingNameError and EmbeddingFileError for
    what can't be trained, ConfigError for names that the resumed run doesn't have.
    """
    if resumed is not None:
        return _resumed(config, library, resumed)
    own, *names = names_in_run(config)
    first = _existing(known, own, library)
    embeddings = [first, *(_fitting(name, first, library) for name in names)]
    start_step = first.step or 0
    trained, targets = [], []
    for one in embeddings:
        targets.append(find_target(one.name, one, library, len(one.vectors)))
        trained.append(
            TrainedEmbedding(
                name=one.name,
                num_vectors=one.num_vectors,
                target=targets[-1].path,
                step_offset=(one.step or 0) - start_step,
            )
        )
    return RunVectors(
        vectors=first.vectors if not names else joined([one.vectors for one in embeddings]),
        start_step=start_step,
        trained=tuple(trained),
        notices=tuple(_notices(targets)),
    )


def _resumed(config: TrainingConfig, library: EmbeddingLibrary, resumed: Resumed) -> RunVectors:
    """As the state has them, whatever became of the files."""
    vectors, start_step = resumed.state["vectors"], int(resumed.state["step"])
    facts = TogetherFacts.of(resumed.state)
    if not facts:
        rows = int(next(iter(vectors.values())).shape[0])
        facts = [{"name": resumed.folder.embedding_name, "num_vectors": rows, "step_offset": 0}]
    _check_same(names_in_run(config), [str(fact["name"]) for fact in facts])
    trained, targets = [], []
    for fact in facts:
        known = library.find(str(fact["name"]), widths_of_vectors(vectors))
        name, offset = str(fact["name"]) if known is None else known.name, int(fact["step_offset"])
        targets.append(find_target(name, known, library, len(vectors)))
        is_further = known is not None and (known.step or 0) > start_step + offset
        trained.append(
            TrainedEmbedding(
                name=name,
                num_vectors=int(fact["num_vectors"]),
                target=targets[-1].path,
                step_offset=offset,
                overtaken=known if is_further else None,
            )
        )
    return RunVectors(
        vectors=vectors, start_step=start_step, trained=tuple(trained), notices=tuple(_notices(targets))
    )


def widths_of_vectors(vectors: Mapping[str, torch.Tensor]) -> dict[str, int]:
    """The width for each text encoder of vectors `[rows, width]`."""
    return {encoder: int(tensor.shape[1]) for encoder, tensor in vectors.items()}


def _notices(targets: Sequence[Target]) -> Iterator[str]:
    for target in targets:
        yield from target.notices


def _existing(known: Embedding | None, name: str, library: EmbeddingLibrary) -> Embedding:
    """The embedding of this name; otherwise the reason why there is none that can be trained."""
    if known is not None:
        return known
    for skipped in library.skipped():
        if skipped.path.stem == name:
            raise EmbeddingFileError(f"The embedding {name!r} can't be trained: {skipped.reason}")
    raise NoSuchEmbeddingError(
        f"There is no embedding called {name!r} in {library.folder}; create it first, or choose another.",
        name=name,
    )


def _fitting(name: str, first: Embedding, library: EmbeddingLibrary) -> Embedding:
    """An embedding for the same kind of model as the run's first."""
    known = _existing(library.find(name, first.widths) or library.find(name), name, library)
    if not known.fits(first.widths):
        raise EmbeddingFileError(
            f"More embeddings holds {name!r}, which is for {model_family(known.widths)}, but {first.name!r}"
            f" is for {model_family(first.widths)}; choose embeddings of one kind of model."
        )
    return known


def _check_same(wanted: Sequence[str], had: Sequence[str]) -> None:
    """A resumed run trains what it trained before: the rows of its state are theirs."""
    if [name.casefold() for name in wanted[1:]] != [name.casefold() for name in had[1:]]:
        raise ConfigError(
            f"More embeddings is {', '.join(wanted[1:])!r}, but the run to resume trains"
            f" {' and '.join(had)}; leave it as it was ({', '.join(had[1:])!r}), or start a new run.",
            field="more_embeddings",
        )
