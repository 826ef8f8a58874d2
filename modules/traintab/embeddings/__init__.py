"""Embeddings: the type, its file formats, names, checksums, picture cards and the library.

Belongs here: everything about embeddings that needs no model. Imports torch, numpy, Pillow and safetensors;
never `models`.
"""

__all__ = [
    "card_pixels",
    "card_text",
    "checksum",
    "companions",
    "embedding",
    "families",
    "folder_scan",
    "formats",
    "initial_vectors",
    "library",
    "manage",
    "mixing",
    "names",
    "optimizer_companion",
    "picture_card",
    "previews",
    "rows",
    "vocabulary",
]
