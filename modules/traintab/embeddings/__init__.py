"""Embeddings: the type, its file formats, names, checksums and the library. Never imports models."""
