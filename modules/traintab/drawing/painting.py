"""A request drawn by `sampling`, with its progress told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from .live_preview import LivePreview
from .progress import DrawingProgress
from .request import DrawingRequest

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from ..models.model import Model
    from ..sampling.generated import GeneratedImage
    from ..sampling.hooks import Hooks

__all__ = ["Keep", "paint"]

Keep = Callable[[Sequence["GeneratedImage"]], None]


def paint(
    model: Model,
    request: DrawingRequest,
    embeddings: Mapping[str, Embedding],
    progress: DrawingProgress,
    keep: Keep,
) -> None:
    """Draw the request's pictures and hand each batch to `keep` when it is finished.

    An interrupt leaves out the others. A VAE that a training has put into main memory is at work for the
    while. Raises what `txt2img` and `img2img` raise.
    """
    from ..models.memory import on_device
    from ..sampling.img2img import img2img
    from ..sampling.txt2img import txt2img

    hooks: Hooks = {
        "on_step": progress.step,
        "interrupted": progress.interrupted,
        "skipped": progress.skipped,
        "on_latents": LivePreview(model, progress.show) if progress.is_seen else None,
        "on_images": keep,
        "on_note": progress.note,
    }
    with on_device(model.vae, model.device):
        if request.image is None:
            txt2img(model, request.config, embeddings, **hooks)
        else:
            img2img(model, request.config, request.image, embeddings, **hooks)
