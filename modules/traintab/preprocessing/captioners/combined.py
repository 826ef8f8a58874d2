"""Several captioners on the same pictures."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from .captioner import Captioner

__all__ = ["CombinedCaptioner"]


class CombinedCaptioner:
    """The captions of all `parts`, in their order, with a comma between, as the old panel joins them."""

    def __init__(self, parts: Sequence[Captioner]) -> None:
        self._parts = tuple(parts)
        self.name = " and ".join(part.name for part in parts)

    def captions(self, images: Sequence[Image.Image]) -> list[str]:
        """One text for each picture; a part that says nothing of a picture leaves no comma.

        A sentence that goes on with a comma has no full stop: `A cat, hat` and not `A cat., hat`.
        """
        answers = [part.captions(images) for part in self._parts]
        return [_joined([text for text in texts if text]) for texts in zip(*answers, strict=True)]

    def close(self) -> None:
        """Close all parts."""
        for part in self._parts:
            part.close()


def _joined(texts: Sequence[str]) -> str:
    return ", ".join([*(text.removesuffix(".") for text in texts[:-1]), *texts[-1:]])
