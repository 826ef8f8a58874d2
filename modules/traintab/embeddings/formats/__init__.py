"""Embedding files: containers (bytes to tensors) times schemas (tensors to Embedding)."""
