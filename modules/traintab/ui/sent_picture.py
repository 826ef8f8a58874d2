"""A picture in a request: the path of a file, or the file's bytes as base64."""

from __future__ import annotations

import base64
import binascii
import io
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, PictureFileError
from ..files import user_path
from ..pictures import UNREADABLE, open_picture

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["sent_picture"]

_DATA_URL = "data:"
_MARK = ";base64,"


def sent_picture(value: Any) -> Image.Image:
    """The picture in RGB, upright, that `value` names or holds as a `data:image/png;base64,…` URL.

    Raises ConfigError when there is none, PictureFileError when it can't be read.
    """
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(
            "image is missing; give the path of a picture, or its bytes as data:image/png;base64,…",
            field="image",
        )
    is_sent = value.startswith(_DATA_URL)
    name = "the picture in the request" if is_sent else value
    try:
        return open_picture(io.BytesIO(_decoded(value)) if is_sent else user_path(value))
    except UNREADABLE as error:
        raise PictureFileError(
            f"Reading {name} failed ({type(error).__name__}); give a whole PNG, JPEG or WebP picture."
        ) from error


def _decoded(url: str) -> bytes:
    _, mark, text = url.partition(_MARK)
    try:
        return base64.b64decode(text, validate=True) if mark else b""
    except binascii.Error as error:
        raise PictureFileError(
            "The picture in the request is no base64; send data:image/png;base64, and the file's bytes."
        ) from error
