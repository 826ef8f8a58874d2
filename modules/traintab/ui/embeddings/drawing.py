"""Pictures of embeddings that lie in no file: with the settings of txt2img and a seed that stays."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...configs import GenerationConfig, from_mapping
from ...errors import ConfigError
from ...studio import Studio

if TYPE_CHECKING:
    from PIL import Image

    from ...embeddings.embedding import Embedding

__all__ = ["PLACEHOLDER", "Subject", "Tell", "drawn", "subject_prompt"]

PLACEHOLDER = "[name]"
_SEEDS = 2**32

Tell = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One picture: what it is called on the page, its prompt, and what the name in it stands for.

    Without an embedding the prompt is drawn as it is.
    """

    caption: str
    prompt: str
    embedding: Embedding | None = None


def subject_prompt(prompt: str, name: str) -> str:
    """`prompt` with `name` in its place; raises ConfigError where it has none."""
    if PLACEHOLDER not in prompt:
        raise ConfigError(
            f"The prompt {prompt!r} doesn't show the embedding; write {PLACEHOLDER} where it goes."
        )
    return prompt.replace(PLACEHOLDER, name)


def drawn(
    studio: Studio, settings: dict[str, Any], subjects: Sequence[Subject], tell: Tell
) -> Iterator[tuple[Image.Image, str]]:
    """A picture of each subject with its caption; ends early when drawing is interrupted.

    `settings` are the fields of txt2img: the prompt is the subject's, the seed is the same for all, one
    drawn at random for -1. `tell` is a `gr.Progress`.
    """
    seed = settings.get("seed")
    settings = {**settings, "count": 1, "seed": secrets.randbelow(_SEEDS) if seed == -1 else seed}
    for number, subject in enumerate(subjects):
        tell((number, len(subjects)), desc=subject.caption)
        config = from_mapping(GenerationConfig, {**settings, "prompt": subject.prompt})
        given = {subject.embedding.name: subject.embedding} if subject.embedding else {}
        pictures = studio.txt2img(config, embeddings=given)
        if not pictures:
            return
        yield pictures[0].image, subject.caption
