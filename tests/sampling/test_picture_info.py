from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from traintab.errors import PictureFileError
from traintab.sampling.picture_info import (
    decode_user_comment,
    encode_user_comment,
    exif_with,
    read_infotext,
)

INFOTEXT = "a photo of mycat, 猫 é\nNegative prompt: bad\nSteps: 20, Sampler: Euler a, Seed: 1, Size: 64x64"
PICTURE = Image.new("RGB", (8, 8), "red")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def put_before_end(png: Path, extra: bytes) -> None:
    """Insert a chunk after the pixels."""
    data = png.read_bytes()
    end = data.rindex(b"IEND") - 4
    png.write_bytes(data[:end] + extra + data[end:])


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_exif_of_a_picture_is_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    PICTURE.save(path, exif=exif_with(INFOTEXT))

    assert read_infotext(path) == INFOTEXT


@pytest.mark.parametrize("text", [INFOTEXT, "only ascii\nSteps: 1", "é\nSteps: 1"])
@pytest.mark.parametrize("kind", ["tEXt", "iTXt", "zipped"])
def test_each_kind_of_png_text_is_read(kind: str, text: str, tmp_path: Path) -> None:
    path, chunks = tmp_path / "picture.png", PngInfo()
    if kind == "tEXt":
        chunks.add_text("parameters", text)
    else:
        chunks.add_itxt("parameters", text, zip=kind == "zipped")
    PICTURE.save(path, pnginfo=chunks)

    assert read_infotext(path) == text


def test_a_text_after_the_pixels_is_found(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    PICTURE.save(path)
    put_before_end(path, chunk(b"tEXt", b"parameters\0cat\nSteps: 1"))

    assert read_infotext(path) == "cat\nSteps: 1"


def test_a_png_with_exif_only_is_read(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    PICTURE.save(path, exif=exif_with(INFOTEXT))

    assert read_infotext(path) == INFOTEXT


def test_the_content_tells_the_format_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    PICTURE.save(path, format="JPEG", exif=exif_with(INFOTEXT))

    assert read_infotext(path) == INFOTEXT


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_picture_that_tells_nothing_is_not_an_error(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    PICTURE.save(path)

    assert read_infotext(path) is None


def test_other_texts_and_an_empty_one_tell_nothing(tmp_path: Path) -> None:
    path, chunks = tmp_path / "picture.png", PngInfo()
    chunks.add_text("Title", "holiday")
    chunks.add_text("parameters", "")
    PICTURE.save(path, pnginfo=chunks)

    assert read_infotext(path) is None


def exif_as_piexif_lays_it_out(comment: bytes) -> bytes:
    """High bytes first; a directory leads to the EXIF directory, and that to the text."""
    first = struct.pack(">H HHII I", 1, 0x8769, 4, 1, 26, 0)
    second = struct.pack(">H HHII I", 1, 0x9286, 7, len(comment), 44, 0)
    return b"Exif\0\0MM\0*\0\0\0\x08" + first + second + comment


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_a_picture_with_the_web_ui_s_exif_is_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{suffix}"
    comment = b"UNICODE\0" + INFOTEXT.encode("utf-16-be")
    PICTURE.save(path, exif=exif_as_piexif_lays_it_out(comment))

    assert read_infotext(path) == INFOTEXT


# As piexif, which A1111 uses, writes `UserComment.dump("cat", encoding="unicode")`.
def test_the_exif_field_is_the_one_of_the_web_ui() -> None:
    assert encode_user_comment("cat") == b"UNICODE\0\0c\0a\0t"
    assert decode_user_comment(b"UNICODE\0\0c\0a\0t") == "cat"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"UNICODE\0" + "cat, Steps: 1".encode("utf-16-le"), "cat, Steps: 1"),
        (b"UNICODE\0\xff\xfe" + "猫".encode("utf-16-le"), "猫"),
        (b"UNICODE\0\xfe\xff" + "猫".encode("utf-16-be"), "猫"),
        (b"UNICODE\0" + "猫\nSteps: 1".encode("utf-16-be"), "猫\nSteps: 1"),
        (b"ASCII\0\0\0cat\0\0", "cat"),
        (bytes(8) + b"cat", "cat"),
        ("猫".encode(), "猫"),
        (b"", ""),
        (b"UNICODE\0", ""),
    ],
)
def test_other_programs_ways_of_writing_the_field_are_read(value: bytes, text: str) -> None:
    assert decode_user_comment(value) == text


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    assert decode_user_comment(b"ASCII\0\0\0\xff\xff") == "\ufffd\ufffd"
    assert "\ufffd" in decode_user_comment(b"UNICODE\0\0c\0")


def test_an_emoji_survives() -> None:
    assert decode_user_comment(encode_user_comment("cat 🐈")) == "cat 🐈"


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1\xff\xff", b"GIF89a"]
)
def test_a_file_that_is_no_picture_is_refused_in_a_sentence(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(data)

    with pytest.raises(PictureFileError, match=r"Reading broken\.png failed.*picture as it was saved"):
        read_infotext(path)


def test_a_picture_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    Image.effect_noise((64, 64), 50).save(path)
    path.write_bytes(path.read_bytes()[:300])

    with pytest.raises(PictureFileError):
        read_infotext(path)


@pytest.mark.parametrize("place", ["missing.png", "."])
def test_what_is_not_there_is_said(place: str, tmp_path: Path) -> None:
    with pytest.raises(PictureFileError, match="no such file"):
        read_infotext(tmp_path / place)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.png"
    os.mkfifo(path)

    with pytest.raises(PictureFileError, match="no such file"):
        read_infotext(path)


def test_a_text_that_unpacks_to_a_flood_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    PICTURE.save(path)
    flood = zlib.compress(b"a" * (64 << 20))
    put_before_end(path, chunk(b"zTXt", b"parameters\0\0" + flood))

    with pytest.raises(PictureFileError):
        read_infotext(path)


def test_a_text_without_end_is_refused(tmp_path: Path) -> None:
    path, chunks = tmp_path / "long.png", PngInfo()
    chunks.add_text("parameters", "a" * ((1 << 20) + 1))
    PICTURE.save(path, pnginfo=chunks)

    with pytest.raises(PictureFileError, match="1048577 characters"):
        read_infotext(path)
