"""A folder as people's folders are: every kind of picture, captions of every editor, and what is broken."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageCms

Color = tuple[int, int, int]

RED: Color = (200, 40, 30)
WHITE: Color = (255, 255, 255)
SIZE = (120, 90)


@dataclass(frozen=True)
class Sound:
    """A file that becomes a picture: what is seen in its middle, its caption, a word of its notes."""

    name: str
    color: Color = RED
    caption: str = ""
    note: str = ""


@dataclass(frozen=True)
class Broken:
    """A file that doesn't, and a word of the reason."""

    name: str
    reason: str


def plain(mode: str = "RGB") -> Image.Image:
    """A red picture in some mode; where it has an alpha channel, its middle is fully transparent."""
    image = Image.new("RGB", SIZE, RED)
    if mode in ("RGBA", "LA"):
        image = image.convert("RGBA")
        image.paste((200, 40, 30, 0), (30, 20, 90, 70))
    return image.convert(mode)


def noise(size: tuple[int, int] = SIZE) -> Image.Image:
    """What compresses badly, so that a torn file lacks pixels."""
    values = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(values)


def in_pngs(folder: Path) -> list[Sound]:
    """PNG in every mode."""
    plain().save(folder / "rgb.png")
    Image.new("1", SIZE, 1).save(folder / "one bit.png")
    Image.new("L", SIZE, 90).save(folder / "grey.png")
    Image.fromarray(np.full(SIZE[::-1], 0x8000, dtype=np.uint16)).save(folder / "grey 16.png")
    plain("LA").save(folder / "grey alpha.png")
    plain().quantize(8).save(folder / "palette.png")
    plain("RGBA").quantize(8).save(folder / "palette alpha.png")
    plain("RGBA").save(folder / "alpha.png")
    plain().save(folder / "one transparent colour.png", transparency=RED)
    cv2.imwrite(str(folder / "colour 16.png"), np.full((*SIZE[::-1], 3), 0x8000, dtype=np.uint16))
    plain().save(folder / "animated.png", save_all=True, append_images=[Image.new("RGB", SIZE, "blue")])
    return [
        Sound("rgb.png"),
        Sound("one bit.png", WHITE),
        Sound("grey.png", (90, 90, 90)),
        Sound("grey 16.png", (128, 128, 128)),
        *(Sound(name, WHITE) for name in ("grey alpha.png", "palette alpha.png", "alpha.png")),
        Sound("palette.png"),
        Sound("one transparent colour.png", WHITE),
        Sound("colour 16.png", (128, 128, 128)),
        Sound("animated.png", note="animated"),
    ]


def in_jpegs(folder: Path) -> list[Sound]:
    """JPEG as cameras, phones and printers write it."""
    turned, mirrored = Image.Exif(), Image.Exif()
    turned[0x0112], mirrored[0x0112] = 6, 2
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain().save(folder / "camera.JPG", quality=95)
    plain().save(folder / "progressive.jpeg", quality=95, progressive=True, icc_profile=srgb)
    plain().save(folder / "old.jfif", "JPEG", quality=95)
    plain().save(folder / "sideways.jpg", quality=95, exif=turned)
    plain().save(folder / "mirrored.jpg", quality=95, exif=mirrored)
    Image.new("L", SIZE, 90).save(folder / "grey.jpg", quality=95)
    plain("CMYK").save(folder / "print.jpg", quality=95)
    phone = folder / "phone.jpg"
    plain().save(phone, "MPO", quality=95, save_all=True, append_images=[Image.new("RGB", (16, 12))])
    names = ("camera.JPG", "progressive.jpeg", "old.jfif", "sideways.jpg", "mirrored.jpg", "print.jpg")
    return [*map(Sound, names), Sound("phone.jpg"), Sound("grey.jpg", (90, 90, 90))]


def in_other_containers(folder: Path) -> list[Sound]:
    """TIFF, WebP, GIF, BMP and AVIF."""
    frames = {"save_all": True, "append_images": [Image.new("RGB", SIZE, "blue")]}
    plain("CMYK").save(folder / "print.tif")
    plain("RGBA").save(folder / "alpha.tiff")
    plain().save(folder / "packed.tif", compression="tiff_lzw")
    plain().save(folder / "pages.tif", **frames)
    Image.new("LAB", SIZE, (136, 208, 195)).save(folder / "lab.tif")
    Image.new("F", SIZE, 0.5).save(folder / "grey real.tif")
    cv2.imwrite(str(folder / "colour real.tif"), np.full((*SIZE[::-1], 3), 0.5, dtype=np.float32))
    plain().save(folder / "lossy.webp", quality=95)
    plain("RGBA").save(folder / "alpha.webp", lossless=True)
    plain().save(folder / "animated.webp", quality=95, **frames)
    plain().save(folder / "animated.gif", **frames)
    plain("RGBA").save(folder / "still.gif")
    plain().save(folder / "bitmap.bmp")
    plain().quantize(8).save(folder / "indexed.bmp")
    plain().save(folder / "new.avif", quality=95)
    plain().save(folder / "animated.avif", quality=95, **frames)
    return [
        *(Sound(name) for name in ("print.tif", "packed.tif", "lossy.webp", "bitmap.bmp", "indexed.bmp")),
        *(Sound(name, WHITE) for name in ("alpha.tiff", "alpha.webp", "still.gif")),
        Sound("pages.tif", note="several pages"),
        Sound("lab.tif", (252, 7, 2)),
        *(Sound(name, (127, 127, 127)) for name in ("grey real.tif", "colour real.tif")),
        *(Sound(f"animated.{kind}", note="animated") for kind in ("webp", "gif", "avif")),
        Sound("new.avif"),
    ]


def from_phones(folder: Path) -> list[Sound]:
    """HEIC, which takes a package."""
    pillow_heif.from_pillow(plain()).save(folder / "phone.heic", quality=95)
    pillow_heif.from_pillow(plain("RGBA")).save(folder / "cut out.heif", quality=95)
    return [Sound("phone.heic"), Sound("cut out.heif", WHITE)]


def with_odd_names(folder: Path) -> list[Sound]:
    """Suffixes that lie, and names of every alphabet and length."""
    plain().save(folder / "really a jpeg.png", "JPEG", quality=95)
    plain().save(folder / "really a webp.jpg", "WEBP", quality=95)
    plain().save(folder / "no suffix", "PNG")
    names = (
        "猫の絵 ②.png",
        "e\u0301te\u0301.png",
        "two  words (1).png",
        "-dash.png",
        "a.b.c.png",
        "x" * 240 + ".png",
    )
    for name in names:
        plain().save(folder / name)
    Image.new("RGB", (1, 1), RED).save(folder / "dot.png")
    Image.new("RGB", (500, 2), RED).save(folder / "line.png")
    return [
        Sound("really a jpeg.png", note="holds a JPEG"),
        Sound("really a webp.jpg", note="holds a WEBP"),
        Sound("no suffix", note="has no suffix"),
        *map(Sound, names),
        Sound("dot.png", note="enlarged 64 times"),
        Sound("line.png", note="enlarged 32 times"),
    ]


def with_captions(folder: Path) -> list[Sound]:
    """Captions of every editor, and some that can't be read."""
    written = {
        "utf 8": ("una niña, 猫".encode(), "una niña, 猫"),
        "marked": (b"\xef\xbb\xbfa girl, hat\r\n", "a girl, hat"),
        "utf 16": ("une fillette, été".encode("utf-16"), "une fillette, été"),
        "latin": ("café \u2013 à côté".encode("cp1252"), "café \u2013 à côté"),
        "blank": (b" \n", ""),
        "shift jis": ("少女".encode("shift_jis"), ""),
        "zeros": (b"a\0b", ""),
    }
    for stem, (data, _) in written.items():
        plain().save(folder / f"{stem}.png")
        (folder / f"{stem}.txt").write_bytes(data)
    plain().save(folder / "a folder instead.png")
    (folder / "a folder instead.txt").mkdir()
    unread = {"shift jis": "can't be read", "zeros": "can't be read"}
    return [
        *(Sound(f"{stem}.png", RED, text, unread.get(stem, "")) for stem, (_, text) in written.items()),
        Sound("a folder instead.png", note="is no file"),
    ]


def broken(folder: Path) -> list[Broken]:
    """What only looks like a picture."""
    for name, kind in (
        ("torn.png", "PNG"),
        ("torn.jpg", "JPEG"),
        ("torn.webp", "WEBP"),
        ("torn.avif", "AVIF"),
    ):
        noise().save(folder / name, kind)
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
    contents = {
        "empty.png": b"",
        "text.png": b"not a picture",
        "page.jpg": b"<!DOCTYPE html><html>404</html>",
        "script.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "film.mp4": b"\0\0\0\x18ftypisom" + bytes(500),
        "header.gif": b"GIF89a\x10\0\x10\0\0\0\0",
        "header.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
        "header.tif": b"II*\0\x08\0\0\0",
        "archive.zip": b"PK\x03\x04" + bytes(60),
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    (folder / "gigantic.png").write_bytes(_png_header(20_000, 20_000))
    (folder / "nowhere.png").symlink_to("gone.png")
    (folder / "circle.png").symlink_to("circle.png")
    os.mkfifo(folder / "pipe.png")
    no_picture = ("empty.png", "text.png", "page.jpg", "script.png", "drawing.svg", "film.mp4", "archive.zip")
    torn = ("torn.png", "torn.jpg", "torn.webp", "torn.avif", "header.gif", "header.heic", "header.tif")
    return [
        *(Broken(name, "not a picture") for name in no_picture),
        *(Broken(name, "broken|not a picture") for name in torn),
        Broken("gigantic.png", "larger than pictures should be"),
        Broken("nowhere.png", "link to gone.png"),
        Broken("circle.png", "link to circle.png"),
        Broken("pipe.png", "not a file"),
    ]


def _png_header(width: int, height: int) -> bytes:
    """A PNG that says it is so large and has next to nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    header = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9)))


SOUND: tuple[Callable[[Path], list[Sound]], ...] = (
    in_pngs,
    in_jpegs,
    in_other_containers,
    from_phones,
    with_odd_names,
    with_captions,
)
