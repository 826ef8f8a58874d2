"""`embeddings inspect --nearest`: an embedding's vectors beside the words of a model."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from .context import Context

if TYPE_CHECKING:
    from ..embeddings.vocabulary import Vocabulary

__all__ = ["add_nearest", "nearest_lines", "vocabularies_asked_for"]


def add_nearest(parser: ArgumentParser) -> None:
    """Declare --nearest and --model."""
    parser.add_argument(
        "--nearest", action="store_true", help="tell the model's own words that each vector is most like"
    )
    parser.add_argument("--model", metavar="M", default="demo", help="whose words (default demo)")


def vocabularies_asked_for(arguments: Namespace, context: Context) -> dict[str, Vocabulary] | None:
    """The model's vocabularies with --nearest, else None and no model is loaded; raises ModelError."""
    if not arguments.nearest:
        return None
    from ..conditioning.vocabularies import vocabularies_of

    return vocabularies_of(context.load_model(arguments.model))


def nearest_lines(row: dict[str, Any]) -> list[str]:
    """`  clip_l 1: 2.4 times as long as a word, like girl 0.93, woman 0.81`, a line for each vector."""
    if "nearest" not in row or not row["encoders"]:
        return []
    if not row["nearest"]:
        return ["  It is for another kind of model, so that the model's words can't be compared with it."]
    return [
        f"  {encoder} {number}: {norm / row['vocabulary_norms'][encoder]:.2g} times as long as a word"
        + (
            ", like " + ", ".join(f"{near['token']} {near['cosine']:.2f}" for near in tokens)
            if tokens
            else ""
        )
        for encoder, vectors in row["nearest"].items()
        for number, (tokens, norm) in enumerate(zip(vectors, row["norms"][encoder], strict=True), start=1)
    ]
