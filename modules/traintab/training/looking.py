"""What is known of the folders already, for who checks the same settings again and again."""

from __future__ import annotations

from dataclasses import dataclass

from ..datasets.report import Look
from ..embeddings.library import EmbeddingLibrary

__all__ = ["Looking"]


@dataclass(frozen=True, kw_only=True)
class Looking:
    """`library` is the embeddings folder and `look` tells of a picture file; None: look afresh, at all."""

    library: EmbeddingLibrary | None = None
    look: Look | None = None
