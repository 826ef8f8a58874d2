"""txt2img: samplers, the denoising loop, infotext, saving.

What belongs here: everything between a `GenerationConfig` and pictures. May import conditioning, models,
embeddings and configs; knows nothing of training. Draws randomness from its own generators only, so that
a preview never changes the training that asked for it.
"""

__all__ = ["batches", "denoising", "img2img", "infotext", "samplers", "saving", "txt2img"]
