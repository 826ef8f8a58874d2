"""Tags in the style of image boards from a WD tagger: `model.onnx` with its `selected_tags.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...configs import TaggingConfig
from ...errors import MemoryShortageError, ModelError
from ...models.fetching import fetch_model
from ...models.model_files import ModelFiles, check_model_files
from ...models.onnx_sessions import OnnxModel, check_onnx_runtime, load_onnx
from .captioner import CaptionerMeans
from .tag_list import chosen_tags, read_tags

__all__ = ["Tagger", "check_tagger", "load_tagger"]

_USUAL_MODEL = "SmilingWolf/wd-vit-tagger-v3"
_MODEL, _TAGS = "model.onnx", "selected_tags.csv"
_FILES = ModelFiles(setting="Tagger model", needed=(_MODEL, _TAGS), useful=(f"{_MODEL}*",))

_USUAL_SIDE = 448
_CHANNELS = 3
_ROUNDING = 1e-3
# A picture of more times the model's side is made smaller before it is put on a square of its longest side.
_MOST_TIMES = 8

Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]


class Tagger:
    """A captioner that writes tags with commas between."""

    name = "tags"

    def __init__(self, folder: Path, config: TaggingConfig, device: str) -> None:
        """Load the two files of `folder`; raises ModelError when they are none of a WD tagger."""
        self._config = config
        self._tags = read_tags(folder / _TAGS)
        self._model = load_onnx(folder / _MODEL, device)
        self._most, self._side = _sizes(self._model)

    @property
    def on_processor(self) -> bool:
        """Whether it runs without the graphics card."""
        return self._model.on_processor

    def captions(self, images: Sequence[Image.Image]) -> list[str]:
        """The tags of each RGB picture, "" where it is sure of none.

        As many at once as the model takes, fewer where memory is short: raises MemoryShortageError when not
        even one picture fits.
        """
        texts: list[str] = []
        at_once = min(self._most or len(images), len(images))
        while len(texts) < len(images):
            batch = images[len(texts) : len(texts) + at_once]
            try:
                rows = self._probabilities(batch)
            except MemoryShortageError:
                if at_once == 1 or self._most:
                    raise
                at_once //= 2
                continue
            texts += [", ".join(chosen_tags(self._tags, row, self._config)) for row in rows]
        return texts

    def close(self) -> None:
        """Give the model's memory back."""
        self._model.close()

    def _probabilities(self, images: Sequence[Image.Image]) -> Numbers:
        """How sure the model is of each tag: `[len(images), tags]`."""
        pictures = np.stack([_as_model_sees(image, self._side) for image in images])
        if self._most:  # a model of four pictures wants four
            empty = np.zeros((self._most - len(images), *pictures.shape[1:]), np.float32)
            pictures = np.concatenate([pictures, empty])
        found = self._model.run(pictures)
        if found.shape != (len(pictures), len(self._tags)):
            raise ModelError(
                f"{self._model.path.name} answers {found.shape[1:]} numbers a picture, but"
                f" selected_tags.csv has {len(self._tags)} tags: they don't belong together. Fetch both"
                " again from one place."
            )
        found = found[: len(images)]
        if not ((found >= -_ROUNDING) & (found <= 1 + _ROUNDING)).all():
            raise ModelError(
                f"{self._model.path.name} answers numbers that are no probabilities (from"
                f" {found.min():.3g} to {found.max():.3g}); choose a WD tagger, such as {_USUAL_MODEL}."
            )
        return found


def check_tagger(config: TaggingConfig, models_dir: Path) -> None:
    """Raise InputError when ONNX Runtime or a file of the tagger is missing; fetches and loads nothing."""
    check_onnx_runtime("Making tags")
    check_model_files(_model_of(config), _FILES, models_dir)


def load_tagger(config: TaggingConfig, means: CaptionerMeans) -> Tagger:
    """The tagger that `config` names, fetched to `means.models_dir` when it isn't there.

    Raises InputError when it can't be had or used, FetchInterrupted when the user asked to stop.
    """
    check_tagger(config, means.models_dir)
    folder = fetch_model(
        _model_of(config), _FILES, means.models_dir, report=means.report, interrupted=means.interrupted
    )
    tagger = Tagger(folder, config, means.device)
    if tagger.on_processor and means.device.startswith("cuda"):
        means.report(
            "The tagger works on the processor, because this ONNX Runtime can't use the graphics card;"
            " onnxruntime-gpu in place of onnxruntime can."
        )
    return tagger


def _model_of(config: TaggingConfig) -> str:
    return config.tagger_model.strip() or _USUAL_MODEL


def _sizes(model: OnnxModel) -> tuple[int | None, int]:
    """How many pictures the model takes at once, None for any, and their side in pixels."""
    shape = model.input_shape
    if len(shape) == 4 and shape[3] in (_CHANNELS, None) and shape[1] == shape[2]:
        return shape[0], shape[1] or _USUAL_SIDE
    raise ModelError(
        f"{model.path.name} is no WD tagger: it takes {_in_words(shape)}, and square pictures with the three"
        f" colours last were expected. Choose another, such as {_USUAL_MODEL}."
    )


def _in_words(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if axis is None else str(axis) for axis in shape)


def _as_model_sees(image: Image.Image, side: int) -> Numbers:
    """An RGB picture on a white square, as blue, green, red from 0 to 255: `[side, side, 3]` float32.

    What the WD taggers were trained with.
    """
    times = max(image.size) // side
    if times > _MOST_TIMES:
        image = image.reduce(times // _MOST_TIMES)
    longest = max(image.size)
    square = Image.new("RGB", (longest, longest), "white")
    square.paste(image, ((longest - image.width) // 2, (longest - image.height) // 2))
    if longest != side:
        square = square.resize((side, side), Image.Resampling.BICUBIC)
    colors = np.asarray(square, dtype=np.float32)
    return colors[:, :, ::-1]
