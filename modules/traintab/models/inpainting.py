"""What an inpainting UNet wants beside the latents when there is no picture to paint into."""

from __future__ import annotations

from collections.abc import Callable

import torch

__all__ = ["BlankPicture", "inpainting_channels"]

_MASK_CHANNELS = 1
# As many as a training in buckets has; each takes 20 bytes a latent cell.
_SIZES_KEPT = 64

Encode = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


def inpainting_channels(latent_channels: int) -> int:
    """Input channels of an inpainting UNet, 9: noisy latents, a mask, and the latents of a picture."""
    return 2 * latent_channels + _MASK_CHANNELS


class BlankPicture:
    """A mask of ones and the latents of a grey picture: everything is to be painted.

    That is A1111's input for text to picture with an inpainting model, and what diffusers' inpainting
    pipeline makes of a mask over the whole picture. The latents of the newest sizes are kept, because they
    are wanted at every step, and a training in buckets comes back to each of its sizes.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], torch.Tensor] = {}

    def append_to(self, latents: torch.Tensor, encode: Encode, vae_scale: int) -> torch.Tensor:
        """Latents `[b, c, h, w]` to `[b, 2c + 1, h, w]`: latents, mask, grey picture.

        `encode` is `Model.encode_images`; `vae_scale` the pixels a side of a latent cell.
        """
        height, width = latents.shape[-2:]
        known = self._known.pop((height, width), None)
        if known is None:
            mean, _std = encode(torch.zeros(1, 3, height * vae_scale, width * vae_scale))
            known = torch.cat([torch.ones_like(mean[:, :1]), mean], dim=1)
        if len(self._known) == _SIZES_KEPT:
            del self._known[next(iter(self._known))]
        known = self._known[height, width] = known.to(latents.device, latents.dtype)
        return torch.cat([latents, known.expand(latents.shape[0], -1, -1, -1)], dim=1)
