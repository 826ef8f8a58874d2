"""Image-to-text models of transformers: pictures to captions."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image
from safetensors import SafetensorError

from ..errors import ModelError, WorkError
from .cut_captions import without_cut_sentences
from .image_to_text_kinds import Asking, Kind, answers
from .memory import free_cached_memory, is_memory_shortage

__all__ = ["REFUSALS", "Asking", "ImageToText", "short_reason"]

_LONGEST_REASON = 200
_SMALLEST_SIDE = 16
_LONGEST_SHAPE = 8
_OF_TOKENIZERS = "token_type_ids"  # which some give to every model
# What transformers raises for a folder it can't make a model of, or a picture or text it can't take.
REFUSALS = (
    OSError, ValueError, LookupError, TypeError, AttributeError, ImportError, RuntimeError, SafetensorError,
)  # fmt: skip


class ImageToText:
    """A loaded model, until it is closed."""

    def __init__(self, name: str, model: Any, kind: Kind) -> None:
        self.name = name
        self._model: Any = model
        self._kind = kind

    def check(self, asking: Asking) -> None:
        """Raise ModelError when the model can't be asked so; writes nothing."""
        try:
            inputs = self._kind.inputs([Image.new("RGB", (_SMALLEST_SIDE, _SMALLEST_SIDE))], asking.prompt)
        except REFUSALS as error:
            raise ModelError(
                f"The caption model {self.name} can't take the prompt {asking.prompt!r}:"
                f" {short_reason(error)}. Leave 'Caption prompt' empty, or look on the model's page for"
                " what it takes."
            ) from error
        ids, lengths = inputs.get("input_ids"), self._kind.lengths(asking)
        if ids is not None and ids.shape[1] >= lengths.get("max_length", ids.shape[1] + 1):
            raise ModelError(
                f"The caption prompt {asking.prompt!r} takes {ids.shape[1]} tokens of the"
                f" {asking.max_length} that a caption may have. Shorten it, or raise the max length."
            )

    def captions(self, images: Sequence[Image.Image], asking: Asking) -> list[str]:
        """One caption for each RGB picture, all worked on at once; the same ones every time.

        Raises WorkError when the model fails, and torch's own error when memory runs out.
        """
        try:
            inputs = self._kind.inputs([_seen(image) for image in images], asking.prompt)
            with torch.inference_mode():
                output = self._model.generate(
                    **self._on_device(inputs),
                    num_beams=asking.num_beams,
                    do_sample=False,
                    **self._kind.lengths(asking),
                )
            captions = self._kind.captions(output, inputs, asking.prompt)
            lengths = self._kind.lengths(asking)
            written = answers(output, inputs) if "max_new_tokens" in lengths else output
            captions = without_cut_sentences(captions, written, lengths, self._kind.processor.tokenizer)
            # A caption is one line: chat models like paragraphs and lists.
            return [" ".join(caption.split()) for caption in captions]
        except REFUSALS as error:
            if is_memory_shortage(error):
                raise
            raise WorkError(
                f"Captioning pictures by {self.name} failed: {short_reason(error)}. Choose another caption"
                " model, or none."
            ) from error

    def _on_device(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Pictures in the model's number format, token ids as they are; none that the model doesn't take."""
        unknown = {_OF_TOKENIZERS} - set(inspect.signature(self._model.forward).parameters)
        device, dtype = self._model.device, self._model.dtype
        return {
            key: value.to(device, dtype) if torch.is_floating_point(value) else value.to(device)
            for key, value in inputs.items()
            if isinstance(value, torch.Tensor) and key not in unknown
        }

    def close(self) -> None:
        """Give the memory back."""
        self._model = None
        free_cached_memory()


def short_reason(error: BaseException) -> str:
    """What an error says, on one line that isn't long."""
    return " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__


def _seen(image: Image.Image) -> Image.Image:
    """`image`, stretched where a side is of few pixels or many times the other.

    The libraries take three pixels for three colours, and enlarge a thread of 5000 x 1 to gigabytes.
    """
    shortest = max(_SMALLEST_SIDE, math.ceil(max(image.size) / _LONGEST_SHAPE))
    if min(image.size) >= shortest:
        return image
    return image.resize((max(image.width, shortest), max(image.height, shortest)))
