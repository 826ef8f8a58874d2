"""Pictures to latents, in batches, once: training itself never runs the VAE."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from ..errors import DatasetError, NonFiniteError
from ..models.model import Model
from ..pictures import UNREADABLE, open_picture
from .latent_cache import LatentCache, vae_fingerprint
from .pictures import fit_picture, pixels
from .report import DatasetImage
from .seeds import seeded_generator

__all__ = ["CachedLatents", "encode_latents"]

_PIXELS_A_BATCH = 4 * 512 * 512


@dataclass(frozen=True, kw_only=True)
class CachedLatents:
    """The VAE's posterior of each picture, times the model's scaling factor: float32 `[n, c, h, w]` each."""

    mean: torch.Tensor
    std: torch.Tensor

    def to(self, device: torch.device | str) -> CachedLatents:
        """The same on another device."""
        return CachedLatents(mean=self.mean.to(device), std=self.std.to(device))

    def sampled_once(self, seeds: Sequence[str]) -> CachedLatents:
        """One sample of each picture for the whole run, as a posterior without spread.

        `seeds`, one a picture, decide the sample: the same text gives the same sample, whatever other
        pictures there are.
        """
        noise = [
            torch.randn(self.mean.shape[1:], generator=seeded_generator("latent", seed)) for seed in seeds
        ]
        sample = self.mean + self.std * torch.stack(noise).to(self.mean.device)
        return CachedLatents(mean=sample, std=torch.zeros_like(self.std))


def encode_latents(
    images: Sequence[DatasetImage], model: Model, *, width: int, height: int, cache_dir: Path
) -> Generator[int, None, CachedLatents]:
    """Encode pictures at `width` × `height` pixels: yields how many are done, returns CPU latents.

    What the cache below `cache_dir` holds already isn't encoded again. Raises StorageError when the
    cache can't be written, NonFiniteError when the VAE overflows, DatasetError when a picture has gone.
    """
    cache = LatentCache(cache_dir, fingerprint=vae_fingerprint(model), width=width, height=height)
    found = {image.content_hash: cache.read(image.content_hash) for image in images}
    missing = [image for image in _distinct(images) if found[image.content_hash] is None]
    done = sum(found[image.content_hash] is not None for image in images)
    yield done
    batch_size = max(1, _PIXELS_A_BATCH // (width * height))
    for first in range(0, len(missing), batch_size):
        batch = missing[first : first + batch_size]
        mean, std = _encode(batch, model, width, height)
        for index, image in enumerate(batch):
            cache.write(image.content_hash, mean[index], std[index])
            found[image.content_hash] = (mean[index], std[index])
        done += len(batch)
        yield done
    pairs = [pair for image in images if (pair := found[image.content_hash]) is not None]
    return CachedLatents(
        mean=torch.stack([mean for mean, _ in pairs]), std=torch.stack([std for _, std in pairs])
    )


def _distinct(images: Sequence[DatasetImage]) -> list[DatasetImage]:
    """Each content once."""
    return list({image.content_hash: image for image in images}.values())


def _encode(
    images: Sequence[DatasetImage], model: Model, width: int, height: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Scaled mean and std of some pictures, float32 `[n, c, h, w]` on the CPU."""
    batch = torch.stack([pixels(fit_picture(_opened(image.path), width, height)) for image in images])
    mean, std = (tensor.cpu() for tensor in model.encode_images(batch))
    if not bool(torch.isfinite(mean).all() and torch.isfinite(std).all()):
        names = ", ".join(image.path.name for image in images)
        raise NonFiniteError(
            f"Encoding {names} gave values that are no numbers: the VAE of {model.name} overflows."
            " Choose another model or VAE."
        )
    return mean, std


def _opened(path: Path) -> Image.Image:
    """The picture, which could be read when the folder was scanned."""
    try:
        return open_picture(path)
    except UNREADABLE as error:
        raise DatasetError(
            f"The picture {path} was there a moment ago and can't be read any more ({error}); bring it back,"
            " or start again without it."
        ) from error
