"""The image encoder of the user's choice: checked, fetched, loaded, and given back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from PIL import Image

from ..models.fetching import fetch_model
from ..models.model_files import IMAGE_ENCODER_FILES, check_model_files

if TYPE_CHECKING:
    from ..models.image_encoder import ImageEncoder

__all__ = ["EncoderMeans", "LoadedEncoder", "check_encoder", "load_encoder"]

_FOLDER = "image_encoders"


@dataclass(frozen=True, kw_only=True)
class EncoderMeans:
    """What loading takes: the folder of all models, and whom to tell and to ask.

    Fetched encoders are kept in `models_dir/image_encoders`.
    """

    models_dir: Path
    report: Callable[[str], None]
    interrupted: Callable[[], bool]


class LoadedEncoder:
    """An encoder that is told apart by its folder and the state of its weights."""

    def __init__(self, encoder: ImageEncoder, folder: Path) -> None:
        self._encoder = encoder
        weights = IMAGE_ENCODER_FILES.chosen_weights(path.name for path in folder.iterdir())
        changed = [(folder / name).stat().st_mtime_ns for name in weights]
        self.key = f"{folder.resolve()} {weights} {changed}"
        self.name = encoder.name
        self.reads_text = encoder.reads_text

    def features(self, images: Sequence[Image.Image]) -> torch.Tensor:
        """As `ImageEncoder.features`."""
        return self._encoder.features(images)

    def text_features(self, texts: Sequence[str]) -> torch.Tensor:
        """As `ImageEncoder.text_features`."""
        return self._encoder.text_features(texts)

    def close(self) -> None:
        """Give the memory back."""
        self._encoder.close()


def check_encoder(model: str, models_dir: Path) -> None:
    """Raise ModelError when `model`, a folder or a hub id, can't be used; loads and fetches nothing."""
    check_model_files(model, IMAGE_ENCODER_FILES, models_dir / _FOLDER)


def load_encoder(model: str, means: EncoderMeans) -> LoadedEncoder:
    """The encoder on the best device here, in float32, its files fetched where they are missing.

    Raises ModelError, StorageError, MemoryShortageError, and FetchInterrupted when the user stopped it.
    """
    from dataclasses import replace

    from ..models.devices import choose_device
    from ..models.image_encoder_loading import check_encoder_kind, load_image_encoder

    folder = fetch_model(
        model,
        IMAGE_ENCODER_FILES,
        means.models_dir / _FOLDER,
        report=means.report,
        interrupted=means.interrupted,
        check=check_encoder_kind,
    )
    means.report(f"Loading the likeness model {folder.name}.")
    choice = replace(choose_device(), dtype=torch.float32)  # small models, and differences that are smaller
    return LoadedEncoder(load_image_encoder(folder, choice), folder)
