"""Embeddings: the type, its file formats, names, checksums, picture cards and the library.

Belongs here: everything about embeddings that needs no model. Imports torch, Pillow and safetensors; never
`models`.
"""

__all__ = ["checksum", "embedding", "formats", "initial_vectors", "library", "names", "picture_card", "rows"]
