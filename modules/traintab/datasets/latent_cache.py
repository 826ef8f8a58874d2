"""Latents on disk, by the content of the picture, the size and the VAE: encoded once, ever."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from ..files import write_atomically
from ..models.model import Model

__all__ = ["LatentCache", "vae_fingerprint"]


class LatentCache:
    """One safetensors file a picture, with `mean` and `std`, float32 `[channels, height, width]` each."""

    def __init__(self, cache_dir: Path, *, fingerprint: str, width: int, height: int) -> None:
        self._folder = cache_dir / "latents" / fingerprint
        self._size = f"{width}x{height}"

    def path_of(self, content_hash: str) -> Path:
        """Where the latents of a picture with this content lie, or would."""
        return self._folder / f"{content_hash[:32]}-{self._size}.safetensors"

    def read(self, content_hash: str) -> tuple[torch.Tensor, torch.Tensor] | None:
        """Mean and std, or None when they aren't there whole; a broken file counts as none."""
        try:
            tensors = load(self.path_of(content_hash).read_bytes())
            return tensors["mean"], tensors["std"]
        except (OSError, SafetensorError, KeyError, ValueError):
            return None

    def write(self, content_hash: str, mean: torch.Tensor, std: torch.Tensor) -> None:
        """Keep the latents of a picture; raises StorageError."""
        data = save({"mean": mean.contiguous(), "std": std.contiguous()})
        write_atomically(self.path_of(content_hash), data)


def vae_fingerprint(model: Model) -> str:
    """16 hex digits that change with any weight of the VAE, its precision and its scaling factor."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.vae.state_dict().items()):
        digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    digest.update(repr(model.scaling_factor).encode())
    return digest.hexdigest()[:16]
