"""What counts how much in the loss: pictures against each other, and a picture's places."""

from __future__ import annotations

from dataclasses import dataclass

import torch

__all__ = ["LossWeights"]


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """Factors on the errors of a pass over `b` pictures; None is 1 everywhere, at no cost.

    `pictures` float32 `[b]` multiply a picture's loss: 2 counts twice. `pixels` float32 `[b, 1, h, w]`, one
    for each latent cell and none below 0, say which places of a picture count: they are taken in proportion
    to their mean, so that a picture counts no less because its subject is small, and a mask that is the same
    everywhere changes nothing.
    """

    pictures: torch.Tensor | None = None
    pixels: torch.Tensor | None = None

    def times(self, factors: torch.Tensor | None) -> LossWeights:
        """These, with each picture's weight multiplied by its factor, float32 `[b]`; None changes nothing."""
        if factors is None:
            return self
        own = factors if self.pictures is None else self.pictures * factors
        return LossWeights(pictures=own, pixels=self.pixels)

    def mean(self, errors: torch.Tensor) -> torch.Tensor:
        """The weighted mean `[]` of errors `[b, c, h, w]` on the weights' device.

        A picture whose pixels all weigh nothing counts as a whole: never NaN.
        """
        each = errors.mean(dim=(1, 2, 3)) if self.pixels is None else _masked_means(errors, self.pixels)
        return each.mean() if self.pictures is None else (each * self.pictures).mean()


def _masked_means(errors: torch.Tensor, pixels: torch.Tensor) -> torch.Tensor:
    """The mean `[b]` of each picture's errors, by the weights of its pixels."""
    sums = pixels.mean(dim=(1, 2, 3), keepdim=True)
    in_proportion = pixels / torch.where(sums > 0, sums, 1.0)
    return (errors * torch.where(sums > 0, in_proportion, 1.0)).mean(dim=(1, 2, 3))
