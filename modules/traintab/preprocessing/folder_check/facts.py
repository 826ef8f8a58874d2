"""What is kept of one picture: a few numbers, never the picture."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ...errors import DatasetError, InputError
from ...files import kind_of
from ..captioning import read_existing_caption
from ..opening import open_picture
from .drawn import looks_drawn
from .fingerprint import Fingerprint, fingerprint
from .sharpness import sharpness

__all__ = ["PictureFacts", "UnreadablePicture", "least_tokens", "look_at"]

# As CLIP's tokenizer divides a text before it looks words up: each of these is one token or more.
_WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|[^\s\w]+|_+")


@dataclass(frozen=True, kw_only=True)
class UnreadablePicture:
    """A file that no picture can be read from; `reason` is a sentence."""

    path: Path
    reason: str


@dataclass(frozen=True, kw_only=True)
class PictureFacts:
    """A readable picture of `width` x `height` pixels, upright.

    `pixels` is a hash of its colours, `alike` its fingerprint (None for a picture of one tone), `sharpness`
    is measured at the training size (None where there is too little contrast). `caption` is None when there
    is no caption file; `caption_problem` is a sentence when it can't be read.
    """

    path: Path
    width: int
    height: int
    pixels: str
    alike: Fingerprint | None = None
    sharpness: float | None = None
    is_drawn: bool = False
    caption: str | None = None
    caption_problem: str = ""


def look_at(path: Path, size: tuple[int, int]) -> PictureFacts | UnreadablePicture:
    """Decode a picture to its last pixel and measure it; `size` is the target (width, height) in pixels."""
    try:
        image = open_picture(path)
        caption, problem = _caption(path)
        return PictureFacts(
            path=path,
            width=image.width,
            height=image.height,
            pixels=hashlib.blake2b(
                image.tobytes(), digest_size=16, key=repr(image.size).encode()
            ).hexdigest(),
            alike=fingerprint(image),
            sharpness=sharpness(_as_trained(image, size).convert("L")),
            is_drawn=looks_drawn(image),
            caption=caption,
            caption_problem=problem,
        )
    except DatasetError as error:
        return UnreadablePicture(path=path, reason=str(error))
    except MemoryError:
        return UnreadablePicture(path=path, reason=f"{path.name} needs more memory than there is.")


def _as_trained(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scaled down until it just covers `size`; what is smaller stays, a banner would become huge."""
    factor = max(size[0] / image.width, size[1] / image.height)
    if factor >= 1:
        return image
    return image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)


def _caption(path: Path) -> tuple[str | None, str]:
    if not kind_of(path.with_suffix(".txt")):
        return None, ""
    try:
        return read_existing_caption(path), ""
    except InputError as error:
        return None, str(error)


def least_tokens(caption: str) -> int:
    """How many tokens a caption has at least, whatever the tokenizer's vocabulary."""
    return len(_WORDS.findall(caption.lower()))
