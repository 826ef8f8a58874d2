"""Which scorer judges: the user's image encoder, a judge that knows the model, or else the VAE."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..grids.scoring import Scorer
from .encoders import EncoderMeans, load_encoder
from .judged import Judge, JudgeScorer
from .looking import SeenPictures
from .picture_scorer import CosineScorer, NearnessScorer
from .vae_features import VaeFeatures

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["ScorerMeans", "open_scorer"]


@dataclass(frozen=True, kw_only=True)
class ScorerMeans:
    """What scorers are made of.

    `between` and `model` as for `VaeFeatures`; `model_name` is that model's, `judges` load the judges of the
    models they know, by name; `encoder` is what loading an image encoder takes.
    """

    between: Callable[[Callable[[], Any]], Future[Any]]
    model: Callable[[], Model]
    model_name: str
    judges: Mapping[str, Callable[[], Judge]]
    encoder: EncoderMeans
    seen: SeenPictures


@contextmanager
def open_scorer(likeness_model: str, embedding_name: str, means: ScorerMeans) -> Iterator[Scorer]:
    """The scorer for pictures of `embedding_name`, its memory given back after the block.

    `likeness_model` is a folder or a hub id; empty for none. Raises what `load_encoder` raises.
    """
    if likeness_model.strip():
        looking = load_encoder(likeness_model.strip(), means.encoder)
        try:
            yield CosineScorer(
                name=f"cosine in {looking.name}",
                looking=looking,
                embedding_name=embedding_name,
                seen=means.seen,
                words=looking if looking.reads_text else None,
            )
        finally:
            looking.close()
    elif means.model_name in means.judges:
        judge = means.judges[means.model_name]()
        yield JudgeScorer(name=judge.name, judge=judge, embedding_name=embedding_name)
    else:
        yield NearnessScorer(
            name="nearness in the VAE's features: colours and where they are, no faces",
            looking=VaeFeatures(means.between, means.model),
            embedding_name=embedding_name,
            seen=means.seen,
        )
