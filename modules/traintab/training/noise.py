"""The noise that pictures are shown with."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

__all__ = ["NoiseSampling"]


@dataclass(frozen=True, kw_only=True)
class NoiseSampling:
    """How noise is drawn; by default each value by itself from a normal distribution.

    With `offset` every channel of a picture is shifted as a whole, by a normal number times `offset`
    (N. Guttenberg 2023, "Diffusion with offset noise"). With `pyramid_iterations` noise of coarser sizes is
    added, each weaker by the factor `pyramid_discount` (J. Whitaker 2023, "Multi-resolution noise for
    diffusion model training"). `perturbation` is the share of noise beyond what the model shall find
    (Ning et al. 2023, arXiv 2301.11706, algorithm 1). With `random_strength` each picture's offset and
    perturbation are drawn evenly from 0 up to these. What is off draws no random numbers.
    """

    offset: float = 0.0
    pyramid_iterations: int = 0
    pyramid_discount: float = 0.3
    perturbation: float = 0.0
    random_strength: bool = False

    def draw(self, size: torch.Size, generator: torch.Generator) -> torch.Tensor:
        """What the model shall find: float32 of `size` `[b, c, h, w]`, on the CPU."""
        noise = torch.randn(size, generator=generator)
        if self.offset:
            strength = self._strength(self.offset, size[0], generator)
            noise += strength * torch.randn(*size[:2], 1, 1, generator=generator)
        if self.pyramid_iterations:
            noise = self._with_coarser(noise, generator)
        return noise

    def shown(self, noise: torch.Tensor, generator: torch.Generator) -> torch.Tensor | None:
        """What is shown instead of `noise`, both on the CPU; None for `noise` itself."""
        if not self.perturbation:
            return None
        strength = self._strength(self.perturbation, len(noise), generator)
        return noise + strength * torch.randn(noise.shape, generator=generator)

    def _strength(self, most: float, count: int, generator: torch.Generator) -> torch.Tensor | float:
        """One for all pictures, or `[count, 1, 1, 1]`."""
        return most * torch.rand(count, 1, 1, 1, generator=generator) if self.random_strength else most

    def _with_coarser(self, noise: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """`noise` and coarser noise of ever smaller sizes, each picture scaled back to deviation 1.

        The first size is the picture's own, the n-th after it smaller by the n-th power of a factor between 2
        and 4, drawn for each, down to one value.
        """
        height, width = noise.shape[-2:]
        for level in range(self.pyramid_iterations):
            factor = float(2 + 2 * torch.rand((), generator=generator)) ** level
            size = max(1, int(height / factor)), max(1, int(width / factor))
            coarse = torch.randn(*noise.shape[:2], *size, generator=generator)
            finer = functional.interpolate(coarse, size=(height, width), mode="bilinear")
            noise = noise + finer * self.pyramid_discount**level
            if 1 in size:
                break
        # By picture, so that it doesn't depend on which others share its batch.
        return noise / noise.std(dim=(1, 2, 3), keepdim=True)
