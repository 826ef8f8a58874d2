"""Image encoders: pictures to vectors that are near to each other where the pictures show the like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from PIL import Image
from torch.nn import functional

from ..errors import MemoryShortageError, WorkError
from .image_to_text import REFUSALS, short_reason
from .memory import free_cached_memory, is_memory_shortage
from .picture_input import PictureInput

__all__ = ["ImageEncoder"]

_BATCH = 16

Tokenize = Callable[[Sequence[str]], dict[str, torch.Tensor]]


class ImageEncoder:
    """A loaded encoder, until it is closed; `name` is its folder's.

    `tokenize` makes the inputs of texts and is there for encoders that read words too (CLIP).
    """

    def __init__(
        self, name: str, model: Any, picture_input: PictureInput, tokenize: Tokenize | None = None
    ) -> None:
        self.name = name
        self._model: Any = model
        self._picture_input = picture_input
        self._tokenize = tokenize
        self._batch = _BATCH

    @property
    def reads_text(self) -> bool:
        """Whether `text_features` can be asked."""
        return self._tokenize is not None

    def features(self, images: Sequence[Image.Image]) -> torch.Tensor:
        """One vector of length 1 for each picture of any size: float32 `[pictures, width]` on the CPU.

        Batches that don't fit the memory are halved, now and from now on. Raises WorkError when the model
        fails, MemoryShortageError when not even one picture fits.
        """
        found: list[torch.Tensor] = []
        done = 0
        while done < len(images):
            batch = self._encoded(images[done : done + self._batch])
            if batch is not None:
                found.append(batch)
                done += len(batch)
        return torch.cat(found) if found else torch.zeros(0, 0)

    def text_features(self, texts: Sequence[str]) -> torch.Tensor:
        """One vector of length 1 for each text, comparable with the pictures': float32 `[texts, width]`.

        Raises WorkError when the model fails, or reads no words.
        """
        if self._tokenize is None:
            raise WorkError(
                f"{self.name} reads no words; choose a CLIP model to compare pictures with texts."
            )
        inputs = {key: value.to(self._model.device) for key, value in self._tokenize(texts).items()}
        try:
            with torch.inference_mode():
                return _unit(_vectors(self._model.get_text_features(**inputs)))
        except REFUSALS as error:
            raise self._failed("texts", error) from error

    def close(self) -> None:
        """Give the memory back; afterwards it encodes no more. Closing twice does no harm."""
        self._model = None
        free_cached_memory()

    def _encoded(self, images: Sequence[Image.Image]) -> torch.Tensor | None:
        """Vectors of one batch, or None when it was too large and the next is to be smaller."""
        try:
            pixels = self._picture_input.tensor(images)
            with torch.inference_mode():
                return _unit(self._seen(pixels.to(self._model.device, self._model.dtype)))
        except REFUSALS as error:
            if not is_memory_shortage(error):
                raise self._failed("pictures", error) from error
            if len(images) == 1:
                raise MemoryShortageError(
                    f"Looking at a picture with {self.name} ran out of memory. Choose a smaller likeness"
                    " model, or close other programs that use the device."
                ) from error
        self._batch = max(1, len(images) // 2)
        free_cached_memory()  # outside the handler, whose traceback holds what takes the room
        return None

    def _seen(self, pixels: torch.Tensor) -> torch.Tensor:
        """What the model makes of pictures: CLIP's projected vector, or the class token of the others."""
        if hasattr(self._model, "get_image_features"):
            return _vectors(self._model.get_image_features(pixel_values=pixels))
        output = self._model(pixel_values=pixels)
        projected: torch.Tensor | None = getattr(output, "image_embeds", None)
        if projected is not None:
            return projected
        states: torch.Tensor = output.last_hidden_state
        return states[:, 0]

    def _failed(self, what: str, error: BaseException) -> WorkError:
        return WorkError(
            f"Comparing {what} with {self.name} failed: {short_reason(error)}. Choose another likeness model,"
            " or none."
        )


def _vectors(output: Any) -> torch.Tensor:
    """transformers 5 wraps what transformers 4 gave as it is."""
    vectors: torch.Tensor = getattr(output, "pooler_output", output)
    return vectors


def _unit(vectors: torch.Tensor) -> torch.Tensor:
    return functional.normalize(vectors.float().cpu(), dim=-1)
