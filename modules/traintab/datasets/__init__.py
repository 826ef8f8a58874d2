"""A folder of pictures becomes batches of latents: pictures, report, latents and their cache, order.

Belongs here: whatever is known of the training pictures before a step is taken. May import `models`,
`prompts`, `files` and `errors`; knows nothing of embeddings, losses or runs. The public names load on first
use, so that what needs no torch, such as which files are masks, doesn't wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "BatchOrder": "batches",
    "CachedLatents": "latents",
    "DatasetImage": "report",
    "DatasetReport": "report",
    "LatentSettings": "latents",
    "Latents": "latents",
    "derived_seed": "seeds",
    "encode_latents": "latent_encoding",
    "fit_picture": "pictures",
    "scan": "report",
    "seeded_generator": "seeds",
}


def __getattr__(name: str) -> Any:
    """Import a public name's module when the name is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
