"""What looks at pictures: anything that turns them into vectors; and the store that spares looking twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from PIL import Image

__all__ = ["Looking", "SeenPictures", "picture_key"]

_MOST_KEPT = 4096


class Looking(Protocol):
    """Pictures to vectors; holds its model until it is closed.

    `key` tells two that see differently apart.
    """

    @property
    def key(self) -> str:
        """The same for the same model in the same state."""

    def features(self, images: Sequence[Image.Image]) -> torch.Tensor:
        """float32 `[pictures, width]` on the CPU for pictures of any size, in order."""

    def close(self) -> None:
        """Give the model's memory back; closing twice does no harm."""


class SeenPictures:
    """Vectors of the pictures that were looked at, by what the pictures show and who looked.

    A grid that has one more column looks at the new pictures only. The oldest are forgotten after some
    thousand. One thread at a time.
    """

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._kept: dict[tuple[str, str], torch.Tensor] = {}

    def features(
        self, images: Sequence[Image.Image], by: str, look: Callable[[Sequence[Image.Image]], torch.Tensor]
    ) -> torch.Tensor:
        """`look(images)` with those left out that `by` has seen before; the same picture is seen once."""
        keys = [(by, picture_key(image)) for image in images]
        new = {key: image for key, image in zip(keys, images, strict=True) if key not in self._kept}
        found = {key: self._kept[key] for key in keys if key not in new}
        if new:
            found.update(zip(new, look(list(new.values())), strict=True))
        self._kept.update(found)
        for key in list(self._kept)[: max(0, len(self._kept) - self._most)]:
            del self._kept[key]
        return torch.stack([found[key] for key in keys])


def picture_key(image: Image.Image) -> str:
    """The sha256 of a picture's size and pixels."""
    digest = hashlib.sha256(f"{image.mode} {image.size}".encode())
    digest.update(image.tobytes())
    return digest.hexdigest()
