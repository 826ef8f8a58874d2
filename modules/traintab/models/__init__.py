"""Checkpoints: discovery, loading, text encoders, devices and memory.

What belongs here: everything between files of weights and a loaded, frozen `Model`. May import errors,
files, paths, configs and the libraries; `transformers_adapter` alone imports transformers,
`diffusers_adapter` alone diffusers. Knows nothing of embeddings or training, and of prompts only the tags
of networks (`lora`). This package's own import is light: torch comes with the modules.
"""

__all__ = ["devices", "discovery", "loading", "memory", "model", "text_encoder"]
