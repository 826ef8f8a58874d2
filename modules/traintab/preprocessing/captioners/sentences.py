"""Sentences from BLIP or another image-to-text model."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from ...configs import CaptioningConfig, PreprocessConfig
from ...errors import ConfigError, InputError, MemoryShortageError
from ...models.fetching import fetch_model
from ...models.model_files import IMAGE_TO_TEXT_FILES, check_model_files
from .captioner import CaptionerMeans

if TYPE_CHECKING:
    from ...models.image_to_text import Asking, ImageToText

__all__ = ["DEFAULT_MODEL", "SentenceCaptioner", "check_sentences", "load_sentences"]

DEFAULT_MODEL = "Salesforce/blip-image-captioning-large"
_PACKAGES = ("torch", "transformers")


class SentenceCaptioner:
    """A model, and what it is asked of each picture."""

    def __init__(self, model: ImageToText, asking: Asking, batch_size: int) -> None:
        self.name = model.name
        self._model = model
        self._asking = asking
        self._batch_size = batch_size

    def captions(self, images: Sequence[Image.Image]) -> list[str]:
        """One caption for each picture; batches that don't fit the memory are halved, now and from now on."""
        found: list[str] = []
        while len(found) < len(images):
            batch = images[len(found) : len(found) + self._batch_size]
            answers = self._answers(batch)
            if answers is None:
                self._batch_size = max(1, len(batch) // 2)
            else:
                found += answers
        return found

    def _answers(self, images: Sequence[Image.Image]) -> list[str] | None:
        """Captions of one batch, or None when it was too large; an error when it was one picture."""
        from ...models.memory import free_cached_memory, is_memory_shortage

        try:
            return self._model.captions(images, self._asking)
        except (RuntimeError, MemoryError) as error:
            if not is_memory_shortage(error):
                raise
            if len(images) == 1:
                raise MemoryShortageError(
                    f"Captioning a picture by {self.name} ran out of memory. Lower 'BLIP: num_beams' from"
                    f" {self._asking.num_beams} or the max length, choose a smaller model, or close other"
                    " programs that use the device."
                ) from error
        free_cached_memory()  # outside the handler, whose traceback holds what takes the room
        return None

    def close(self) -> None:
        """Give the model's memory back."""
        self._model.close()


def check_sentences(config: PreprocessConfig, models_dir: Path) -> None:
    """Raise InputError when no sentences can be made: settings, packages or files are wrong."""
    captioning = config.captioning
    if config.caption == "model" and not captioning.caption_model.strip():
        raise ConfigError(
            "Captions by a model were asked for and 'Caption model' is empty: give a Hugging Face id such as"
            " florence-community/Florence-2-base or a folder of model files, or choose blip.",
            field="caption_model",
        )
    # Other models than BLIP know no least length, so that it may stay as it is.
    if config.caption != "model" and captioning.caption_min_length > captioning.caption_max_length:
        raise ConfigError(
            f"'BLIP: caption min length' is {captioning.caption_min_length} and 'BLIP: caption max length'"
            f" {captioning.caption_max_length}: the first must not be above the second.",
            field="caption_min_length",
        )
    absent = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if absent:
        raise InputError(
            f"Captions by {config.caption} need {' and '.join(absent)}: run `pip install {' '.join(absent)}`."
        )
    check_model_files(_model_of(captioning), IMAGE_TO_TEXT_FILES, models_dir)


def load_sentences(config: PreprocessConfig, means: CaptionerMeans) -> SentenceCaptioner:
    """The model that `config` names, fetched where needed and loaded; errors as in `load_captioner`."""
    check_sentences(config, means.models_dir)
    captioning = config.captioning
    model = _model_of(captioning)
    # Torch and transformers take seconds to import, and only captions need them here.
    from ...models.devices import choose_device
    from ...models.image_to_text import Asking
    from ...models.image_to_text_loading import check_kind, load_image_to_text

    folder = fetch_model(
        model,
        IMAGE_TO_TEXT_FILES,
        means.models_dir,
        report=means.report,
        interrupted=means.interrupted,
        check=check_kind,
    )
    choice = choose_device(means.device)
    means.report(f"Loading the caption model {model} to {choice.device}.")
    asking = Asking(
        prompt=captioning.caption_prompt.strip(),
        num_beams=captioning.caption_beams,
        min_length=captioning.caption_min_length,
        max_length=captioning.caption_max_length,
    )
    loaded = load_image_to_text(folder, choice)
    loaded.check(asking)
    return SentenceCaptioner(loaded, asking, captioning.caption_batch_size)


def _model_of(captioning: CaptioningConfig) -> str:
    return captioning.caption_model.strip() or DEFAULT_MODEL
