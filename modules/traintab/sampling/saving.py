"""Pictures to files that remember how they were drawn."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL.PngImagePlugin import PngInfo

from ..configs.saving import SavingConfig
from ..errors import ConfigError
from ..files import write_atomically
from .picture_info import exif_with

if TYPE_CHECKING:
    from .txt2img import GeneratedImage

__all__ = ["PICTURE_SUFFIXES", "check_keeps", "save_image", "save_images"]

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")

_LONGEST_JPEG_EXIF = 65_533
_NUMBER = re.compile(r"(\d+)-")


def save_image(generated: GeneratedImage, path: Path, saving: SavingConfig | None = None) -> None:
    """Write a picture with its infotext where A1111's *PNG Info* reads it.

    That is a PNG's text chunk `parameters`, or the EXIF data of JPEG and WebP. Atomic; `saving` gives the
    quality, the suffix the format. Raises ConfigError for another suffix and for a prompt that is too long
    for JPEG, StorageError when it can't be written.
    """
    suffix = path.suffix.lower()
    if suffix not in PICTURE_SUFFIXES:
        raise ConfigError(
            f"The picture can't be written to {path}: only {', '.join(PICTURE_SUFFIXES)} keep its prompt;"
            " name it so.",
            field="out",
        )
    check_keeps(path, generated.infotext)
    stream = io.BytesIO()
    generated.image.save(stream, **_options(generated, suffix, saving or SavingConfig()))
    write_atomically(path, stream.getvalue())


def check_keeps(path: Path, infotext: str) -> None:
    """Refuse a JPEG for a text that is longer than it can keep; raises ConfigError.

    Asked with the prompts alone, it tells before drawing what can be known by then.
    """
    if path.suffix.lower() in (".jpg", ".jpeg") and not _fits_jpeg(infotext):
        raise ConfigError(
            f"The picture can't be written to {path}: its prompt is longer than a JPEG can keep; name it .png"
            " or .webp.",
            field="out",
        )


def save_images(
    images: Sequence[GeneratedImage],
    outputs_dir: Path,
    *,
    kind: str = "txt2img",
    saving: SavingConfig | None = None,
) -> list[Path]:
    """Write pictures below the outputs folder, by `kind`, day and number, and return their paths.

    Where a prompt is too long for JPEG the picture becomes a PNG. Raises StorageError.
    """
    saving = saving or SavingConfig()
    folder = outputs_dir / f"{kind}-images" / date.today().isoformat()
    first = 1 + max((_number(path) for path in folder.glob("[0-9]*-*.*")), default=0)
    targets = []
    for number, image in enumerate(images, first):
        suffix = (
            saving.picture_format if saving.picture_format != "jpg" or _fits_jpeg(image.infotext) else "png"
        )
        targets.append(folder / f"{number:05d}-{image.seed}.{suffix}")
        save_image(image, targets[-1], saving)
    return targets


def _number(path: Path) -> int:
    """What a file's name begins with, 0 for names that aren't ours."""
    found = _NUMBER.match(path.name)
    return int(found[1]) if found else 0


def _fits_jpeg(infotext: str) -> bool:
    return len(exif_with(infotext)) <= _LONGEST_JPEG_EXIF


def _options(generated: GeneratedImage, suffix: str, saving: SavingConfig) -> dict[str, Any]:
    """Pillow's keywords for the format."""
    if suffix == ".png":
        chunks = PngInfo()
        chunks.add_text("parameters", generated.infotext)
        return {"format": "PNG", "pnginfo": chunks}
    options: dict[str, Any] = {"quality": saving.picture_quality, "exif": exif_with(generated.infotext)}
    if suffix == ".webp":
        return {"format": "WEBP", "lossless": saving.lossless_webp, **options}
    # The usual halved colours blur thin lines and text.
    return {"format": "JPEG", "subsampling": 0 if saving.picture_quality >= 90 else 2, **options}
