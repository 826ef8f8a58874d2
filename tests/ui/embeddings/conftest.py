"""A page whose studio has a real embeddings folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.embeddings.library import EmbeddingLibrary
from traintab.model_slot import ModelState, ModelStatus

WIDTH = 768
KNOWN_WORD = "cat"
_END = 0
_ENCODER = SimpleNamespace(
    tokenize=lambda text: [1] if text == KNOWN_WORD else [1, 2], ends_word=lambda token: True, eos_id=_END
)


@pytest.fixture
def folder(studio: Any) -> Path:
    """The embeddings folder; the model takes vectors of width 768 and knows the word cat."""
    studio.library = EmbeddingLibrary(studio.paths.embeddings_dir)
    studio.model_status = ModelStatus(spec="sd15", state=ModelState.READY)
    studio.model = SimpleNamespace(widths={"clip_l": WIDTH}, text_encoders=[_ENCODER])
    folder = studio.paths.embeddings_dir
    folder.mkdir(parents=True)
    return Path(folder)


@pytest.fixture
def put(folder: Path) -> Callable[..., Path]:
    """Writes an embedding below the folder, or wherever `path` says."""

    def write(path: str | Path, *, width: int = WIDTH, rows: int = 1, **facts: Any) -> Path:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        values = torch.arange(rows * width, dtype=torch.float32).reshape(rows, width) / width
        encoder = "clip_h" if width == 1024 else "clip_l"
        write_embedding(Embedding(name=target.stem, vectors={encoder: values}, **facts), target)
        return target

    return write
