"""Checkpoints: discovery, loading, text encoders, devices and memory.

What belongs here: everything between files of weights and a loaded, frozen `Model`. May import errors,
files, paths, configs and the libraries; `transformers_adapter` imports transformers, `diffusers_adapter`
diffusers, `single_file_adapter` both, and nothing else either. Knows nothing of embeddings or training,
and of prompts only the tags of networks (`lora`). This package's own import is light: torch comes with
the modules.
"""

__all__ = ["devices", "discovery", "loading", "memory", "model", "text_encoder"]
