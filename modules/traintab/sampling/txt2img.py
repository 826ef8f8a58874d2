"""Pictures from a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..configs import GenerationConfig, check
from ..embeddings.embedding import Embedding
from ..models.model import Model
from .batches import draw_batches, filled_in
from .generated import GeneratedImage

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .hooks import Hooks

__all__ = ["GeneratedImage", "txt2img"]


def txt2img(
    model: Model,
    config: GenerationConfig,
    embeddings: Mapping[str, Embedding],
    **hooks: Unpack[Hooks],
) -> list[GeneratedImage]:
    """Draw `config.count` batches of `config.batch_size` pictures.

    Each has the next seed and is the same as if it were drawn alone. `embeddings` are found by their keys
    in the prompt and the negative prompt. `hooks` are the callables `on_step`, `interrupted`, `skipped`,
    `on_latents`, `on_images` and `on_note`; see `Hooks`. Raises ConfigError, MemoryShortageError, and
    NonFiniteError when the model's numbers overflow in float32 too. Global random generators are left alone.
    """
    check(config)
    return draw_batches(model, filled_in(config, model), embeddings, hooks)
