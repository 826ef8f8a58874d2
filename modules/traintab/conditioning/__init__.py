"""Prompts to prompt_embeds: chunks of 75 tokens, vectors injected at the input-embedding layer.

What belongs here: the one way from a prompt's text to what the UNet is told, used by training and by
txt2img alike; and what words a model knows. May import models, embeddings and prompts; knows nothing of
pictures or of training.
"""

__all__ = [
    "chunks",
    "conditioning",
    "counting",
    "encoding",
    "injection",
    "names",
    "scheduled",
    "tokenized",
    "vocabularies",
]
