"""Train Tab: textual inversion for Stable Diffusion.

    from traintab import Paths, TrainingConfig, load_model, start_training

The public names load on first use, so that importing the package costs nothing: torch and diffusers
come in with the first name that needs them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .configs import CreateConfig, GenerationConfig, PreprocessConfig, TrainingConfig
    from .datasets.caption_editing.editor import CaptionEditor
    from .embeddings.embedding import Embedding
    from .embeddings.formats import read_embedding, write_embedding
    from .embeddings.library import EmbeddingLibrary
    from .errors import TrainTabError
    from .models.loading import load_model
    from .paths import Paths
    from .preprocessing.run import preprocess
    from .sampling.img2img import img2img
    from .sampling.picture_info import read_infotext
    from .sampling.saving import save_image
    from .sampling.txt2img import txt2img
    from .training.create import create_embedding
    from .training.dataset_preview import preview_dataset
    from .training.run import start_training

__all__ = [
    "CaptionEditor",
    "CreateConfig",
    "Embedding",
    "EmbeddingLibrary",
    "GenerationConfig",
    "Paths",
    "PreprocessConfig",
    "TrainTabError",
    "TrainingConfig",
    "__version__",
    "create_embedding",
    "img2img",
    "load_model",
    "preprocess",
    "preview_dataset",
    "read_embedding",
    "read_infotext",
    "save_image",
    "start_training",
    "txt2img",
    "write_embedding",
]

__version__ = "0.1.0"

_HOMES = {
    "CaptionEditor": "datasets.caption_editing.editor",
    "CreateConfig": "configs",
    "Embedding": "embeddings.embedding",
    "EmbeddingLibrary": "embeddings.library",
    "GenerationConfig": "configs",
    "Paths": "paths",
    "PreprocessConfig": "configs",
    "TrainTabError": "errors",
    "TrainingConfig": "configs",
    "create_embedding": "training.create",
    "preview_dataset": "training.dataset_preview",
    "img2img": "sampling.img2img",
    "load_model": "models.loading",
    "preprocess": "preprocessing.run",
    "read_embedding": "embeddings.formats",
    "read_infotext": "sampling.picture_info",
    "save_image": "sampling.saving",
    "start_training": "training.run",
    "txt2img": "sampling.txt2img",
    "write_embedding": "embeddings.formats",
}


def __getattr__(name: str) -> Any:
    """Import a public name's module when the name is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
