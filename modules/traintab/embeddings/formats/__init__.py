"""Embedding files: containers (bytes to tensors) times schemas (tensors to an embedding).

Belongs here: reading and writing embedding files of all programs. Imports neither models nor the page.
"""

from ..card_text import png_text
from .reading import (
    PICTURE_SUFFIXES,
    SUFFIXES,
    EmbeddingFile,
    OrdinaryPictureError,
    read_embedding,
    read_embedding_file,
)
from .schemas import EmbeddingFormat
from .writing import write_embedding

__all__ = [
    "PICTURE_SUFFIXES",
    "SUFFIXES",
    "EmbeddingFile",
    "EmbeddingFormat",
    "OrdinaryPictureError",
    "png_text",
    "read_embedding",
    "read_embedding_file",
    "write_embedding",
]
