"""A request drawn by `sampling`, with its progress told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from .progress import DrawingProgress
from .request import DrawingRequest

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from ..models.model import Model
    from ..sampling.txt2img import GeneratedImage

__all__ = ["Keep", "paint"]

Keep = Callable[[Sequence["GeneratedImage"]], None]


def paint(
    model: Model,
    request: DrawingRequest,
    embeddings: Mapping[str, Embedding],
    progress: DrawingProgress,
    keep: Keep,
) -> None:
    """Draw the request's pictures and hand those that are finished to `keep`.

    An interrupt leaves out the others. Raises what `txt2img` and `img2img` raise.
    """
    from ..sampling.txt2img import txt2img

    keep(txt2img(model, request.config, embeddings, on_step=progress.step, interrupted=progress.interrupted))
