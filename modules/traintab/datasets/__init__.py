"""A folder of pictures becomes batches of latents: pictures, report, latents and their cache, order.

Belongs here: whatever is known of the training pictures before a step is taken. May import `models`,
`prompts`, `files` and `errors`; knows nothing of embeddings, losses or runs.
"""

from .batches import BatchOrder
from .latent_encoding import encode_latents
from .latents import CachedLatents, Latents, LatentSettings
from .pictures import fit_picture
from .report import DatasetImage, DatasetReport, scan
from .seeds import derived_seed, seeded_generator

__all__ = [
    "BatchOrder",
    "CachedLatents",
    "DatasetImage",
    "DatasetReport",
    "LatentSettings",
    "Latents",
    "derived_seed",
    "encode_latents",
    "fit_picture",
    "scan",
    "seeded_generator",
]
