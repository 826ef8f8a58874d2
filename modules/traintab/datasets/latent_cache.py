"""Latents on disk, by content, size and variant of the picture and by the VAE: encoded once, ever."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from ..files import write_atomically

__all__ = ["LatentCache", "Posterior", "View"]


class View(NamedTuple):
    """A picture, by the sha256 of its file, as it is or mirrored.

    `rendition` is the key of how it is shown (`PictureRules.key`), empty for as it is.
    """

    content_hash: str
    is_mirrored: bool = False
    rendition: str = ""


class Posterior(NamedTuple):
    """What the VAE makes of a picture, times the model's scaling factor: float32 `[c, h, w]` each."""

    mean: torch.Tensor
    std: torch.Tensor


class LatentCache:
    """One safetensors file a view: `mean` and `std`, float32 of `shape` `[c, h, w]`, and their sha256.

    The files aren't flushed to the disk, which would take longer than encoding does on a card: whatever a
    power failure leaves of one doesn't have its sha256, counts as none, and is encoded again.
    """

    def __init__(
        self, cache_dir: Path, *, fingerprint: str, size: tuple[int, int], shape: tuple[int, int, int]
    ) -> None:
        self._folder = cache_dir / "latents" / fingerprint
        self._size = f"{size[0]}x{size[1]}"
        self.shape = shape

    @property
    def folder(self) -> Path:
        """Where the files lie; it needn't exist."""
        return self._folder

    @property
    def bytes_per_view(self) -> int:
        """What a file takes, but for a few hundred bytes."""
        channels, height, width = self.shape
        return 2 * 4 * channels * height * width

    def path_of(self, view: View) -> Path:
        """Where the latents of a view lie, or would."""
        side = "-mirrored" if view.is_mirrored else ""
        rendition = f"-{view.rendition}" if view.rendition else ""
        return self._folder / f"{view.content_hash[:32]}-{self._size}{rendition}{side}.safetensors"

    def read(self, view: View) -> Posterior | None:
        """The latents, or None when they aren't there whole; a broken file counts as none."""
        try:
            tensors = load(self.path_of(view).read_bytes())
            found = Posterior(tensors["mean"], tensors["std"])
            kept_digest = tensors["sha256"]
        except (OSError, SafetensorError, KeyError, ValueError):
            return None
        is_right = all(tensor.shape == self.shape and tensor.dtype == torch.float32 for tensor in found)
        return found if is_right and _is_same(kept_digest, _digest(found)) else None

    def write(self, view: View, posterior: Posterior) -> None:
        """Keep the latents of a view; raises StorageError."""
        whole = Posterior(posterior.mean.contiguous(), posterior.std.contiguous())
        data = save({"mean": whole.mean, "std": whole.std, "sha256": _digest(whole)})
        write_atomically(self.path_of(view), data, durable=False)


def _digest(posterior: Posterior) -> torch.Tensor:
    """The sha256 as uint8 `[32]`."""
    digest = hashlib.sha256()
    for tensor in posterior:
        digest.update(tensor.numpy().data)
    return torch.tensor(list(digest.digest()), dtype=torch.uint8)


def _is_same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.dtype == other.dtype and torch.equal(one, other)
