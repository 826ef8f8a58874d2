"""A folder of pictures becomes batches of latents: pictures, report, latents and their cache, order.

Belongs here: whatever is known of the training pictures before a step is taken. May import `models`,
`prompts`, `files` and `errors`; knows nothing of embeddings, losses or runs.
"""

from .batches import BatchOrder
from .latents import CachedLatents, encode_latents
from .pictures import fit_picture
from .report import DatasetImage, DatasetReport, scan
from .seeds import derived_seed, seeded_generator

__all__ = [
    "BatchOrder",
    "CachedLatents",
    "DatasetImage",
    "DatasetReport",
    "derived_seed",
    "encode_latents",
    "fit_picture",
    "scan",
    "seeded_generator",
]
