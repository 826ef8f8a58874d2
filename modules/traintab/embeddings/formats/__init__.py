"""Embedding files: containers (bytes to tensors) times schemas (tensors to an embedding).

Belongs here: reading and writing embedding files of all programs. Imports neither models nor the page.
"""

from ..card_text import png_text
from .bundled import Bundle, read_bundled
from .containers import PICTURE_SUFFIXES
from .reading import SUFFIXES, EmbeddingFile, read_embedding, read_embedding_file
from .refusal import OrdinaryPictureError
from .schemas import EmbeddingFormat
from .siblings import negative_sibling, second_file
from .writing import write_embedding

__all__ = [
    "PICTURE_SUFFIXES",
    "SUFFIXES",
    "Bundle",
    "EmbeddingFile",
    "EmbeddingFormat",
    "OrdinaryPictureError",
    "negative_sibling",
    "png_text",
    "read_bundled",
    "read_embedding",
    "read_embedding_file",
    "second_file",
    "write_embedding",
]
