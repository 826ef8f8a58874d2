"""What is to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..configs import GenerationConfig

if TYPE_CHECKING:
    from PIL import Image

    from ..embeddings.embedding import Embedding

__all__ = ["DrawingRequest"]


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawingRequest:
    """Pictures from a prompt, or from a prompt and an `image` in RGB to begin with.

    `embeddings` are meant by their names before those of the folder are.
    """

    config: GenerationConfig
    image: Image.Image | None = None
    embeddings: Mapping[str, Embedding] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """`txt2img` or `img2img`."""
        return "txt2img" if self.image is None else "img2img"
