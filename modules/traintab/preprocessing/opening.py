"""Open a picture file as what the eye sees: upright, in RGB, transparency on white."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ..errors import DatasetError

__all__ = ["list_candidates", "open_picture"]

# A closed list: Pillow would hand an .eps file to an installed PostScript interpreter.
_FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "BMP", "GIF", "TIFF", "AVIF", "JPEG2000")
_SIXTEEN_BIT_MODES = ("I", "I;16", "I;16B", "I;16L")


def list_candidates(folder: Path) -> list[Path]:
    """The files of `folder` that may be pictures, by name: all but captions (`.txt`) and hidden files.

    Subfolders are left alone. Raises DatasetError when there is no such folder or nothing in it.
    """
    if not folder.is_dir():
        raise DatasetError(
            f"The source directory {folder} is not a folder. Choose the one with your pictures."
        )
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    candidates = [path for path in files if path.suffix.lower() != ".txt"]
    if not candidates:
        raise DatasetError(
            f"The source directory {folder} holds no pictures. Put 5 to 50 .png, .jpg or .webp files into it;"
            " subfolders are not searched."
        )
    return candidates


def open_picture(path: Path) -> Image.Image:
    """The picture of `path` in mode RGB: EXIF orientation applied, transparent parts white.

    16-bit greys are scaled to 8 bits, of an animation the first frame counts. Raises DatasetError with the
    reason when the file can't be read as a picture.
    """
    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]
    try:
        with Image.open(path, formats=formats) as file:
            file.load()
            upright = ImageOps.exif_transpose(file)
            return _on_white(upright)
    except UnidentifiedImageError as error:
        raise DatasetError(f"{path.name} is not a picture this program can read.") from error
    except Image.DecompressionBombError as error:
        raise DatasetError(f"{path.name} is larger than pictures should be: {error}") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise DatasetError(f"{path.name} is broken: {error}") from error


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT_MODES:
        levels = np.asarray(image, dtype=np.float32) / 257
        return Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")
