"""Pictures to files that remember how they were drawn."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from PIL.PngImagePlugin import PngInfo

from ..errors import ConfigError
from ..files import write_atomically
from .txt2img import GeneratedImage

__all__ = ["save_image", "save_images"]


def save_image(generated: GeneratedImage, path: Path) -> None:
    """Write a PNG whose text chunk `parameters` holds the infotext, where A1111's *PNG Info* reads it.

    Atomic; raises ConfigError for another suffix than .png, StorageError when it can't be written.
    """
    if path.suffix.lower() != ".png":
        raise ConfigError(
            f"The picture can't be written to {path}: only .png keeps its prompt; name it so.", field="out"
        )
    chunks = PngInfo()
    chunks.add_text("parameters", generated.infotext)
    stream = io.BytesIO()
    generated.image.save(stream, format="PNG", pnginfo=chunks)
    write_atomically(path, stream.getvalue())


def save_images(images: Sequence[GeneratedImage], outputs_dir: Path) -> list[Path]:
    """Write pictures below the outputs folder, by day and number, and return their paths.

    Raises StorageError.
    """
    folder = outputs_dir / "txt2img-images" / date.today().isoformat()
    first = 1 + max((int(path.name[:5]) for path in folder.glob("[0-9]" * 5 + "-*.png")), default=0)
    targets = [folder / f"{first + i:05d}-{image.seed}.png" for i, image in enumerate(images)]
    for image, target in zip(images, targets, strict=True):
        save_image(image, target)
    return targets
