"""The infotext in a picture's file: a PNG's text chunk `parameters`, else the EXIF field UserComment."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from ..errors import PictureFileError
from ..pictures import UNREADABLE

__all__ = ["decode_user_comment", "encode_user_comment", "exif_with", "read_infotext"]

_FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "AVIF")
_CHUNK = "parameters"
_EXIF_IFD = 0x8769
_USER_COMMENT = 0x9286
_UNICODE, _ASCII = b"UNICODE\0", b"ASCII\0\0\0"
_LONGEST = 1 << 20
# Texts may come after a PNG's pixels, which then have to be read first.
_MOST_PIXELS = 100_000_000


def read_infotext(path: Path) -> str | None:
    """How the picture in the file was drawn, as A1111 and we write it; None when it doesn't tell.

    Nothing is run and, unless its text comes last, no pixel read. Raises PictureFileError for what is no PNG,
    JPEG, WebP or AVIF picture, a broken one, and a text longer than a million characters.
    """
    try:
        if not path.is_file():
            raise PictureFileError(f"Reading {path} failed: there is no such file. Choose a picture.")
        Image.init()
        with Image.open(path, formats=[name for name in _FORMATS if name in Image.OPEN]) as image:
            text = _text(image)
    except UNREADABLE as error:
        raise PictureFileError(
            f"Reading {path.name} failed: it is no PNG, JPEG, WebP or AVIF picture, or it is broken"
            f" ({type(error).__name__}). Choose the picture as it was saved."
        ) from error
    if text is not None and len(text) > _LONGEST:
        raise PictureFileError(
            f"The text in {path.name} has {len(text)} characters; how a picture was drawn takes at most"
            f" {_LONGEST}. Choose another picture."
        )
    return text or None


def _text(image: Image.Image) -> str | None:
    if _CHUNK not in image.info and image.format == "PNG" and image.width * image.height <= _MOST_PIXELS:
        image.load()
    text = image.info.get(_CHUNK)
    if isinstance(text, str):
        return text
    comment = image.getexif().get_ifd(_EXIF_IFD).get(_USER_COMMENT)
    return decode_user_comment(comment) if isinstance(comment, bytes) else None


def exif_with(infotext: str) -> bytes:
    """EXIF data whose UserComment is the text, as JPEG and WebP files carry it."""
    exif = Image.Exif()
    exif[_EXIF_IFD] = {_USER_COMMENT: encode_user_comment(infotext)}
    return exif.tobytes()


def encode_user_comment(text: str) -> bytes:
    """The field's bytes: a code for the encoding and, as A1111 has it, UTF-16 with the high byte first."""
    return _UNICODE + text.encode("utf-16-be", "replace")


def decode_user_comment(value: bytes) -> str:
    """The text of the field's bytes; what can't be decoded becomes a replacement character."""
    body = value[len(_UNICODE) :]
    if value.startswith(_UNICODE):
        text = body.decode(_byte_order(body), "replace")
    else:
        known = value.startswith((_ASCII, bytes(len(_ASCII))))
        text = (body if known else value).decode("utf-8", "replace")
    return text.lstrip("\ufeff").rstrip("\0")


def _byte_order(body: bytes) -> str:
    """Nothing in the field tells it and programs differ; of plain letters every other byte is zero."""
    if body[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return "utf-16-be" if body[0] == 0xFE else "utf-16-le"
    return "utf-16-be" if body[::2].count(0) >= body[1::2].count(0) else "utf-16-le"
