"""Embeddings in pixels, in every kind of picture that keeps them."""

from __future__ import annotations

import io
import json
import sys
import types
import zlib
from pathlib import Path

import pytest
import torch
from PIL import Image, features
from PIL.PngImagePlugin import PngInfo

from traintab.embeddings.formats import EmbeddingFormat, OrdinaryPictureError, read_embedding_file
from traintab.embeddings.formats.containers import pictures
from traintab.errors import EmbeddingFileError

VECTORS = torch.linspace(-0.5, 0.5, 2 * 768).reshape(2, 768)
TREE = {
    "string_to_token": {"*": 265},
    "string_to_param": {"*": {"TORCHTENSOR": VECTORS.tolist()}},
    "name": "inner",
    "step": 1234,
}


def block(packed: bytes, height: int, shift: int) -> Image.Image:
    """One of A1111's two blocks, from its description: half bytes, filled up, scrambled."""
    length = len(packed)
    for unit in (height, 3 * height):
        length += unit - length % unit
    state, values = 0, bytearray()
    for n in range(length):
        state = (1664525 * state + 1013904223) % 2**32
        values.append((packed[n % len(packed)] >> shift & 15) ^ (state % 255 & 15))
    return Image.frombytes("RGB", (length // height // 3, height), bytes(values))


def card(tree: object, height: int = 128) -> Image.Image:
    """A1111's picture: low halves, a black column, the preview, a black column, high halves."""
    packed = zlib.compress(json.dumps(tree).encode(), 9)
    low, high = block(packed, height, 0), block(packed, height, 4)
    image = Image.new("RGB", (2 * low.width + 66, height), "black")
    image.paste(low, (0, 0))
    image.paste("orange", (low.width + 1, 0, low.width + 65, height))
    image.paste(high, (low.width + 66, 0))
    return image


CARD = card(TREE)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", {}),
        ("a.PNG", {"compress_level": 0}),
        ("a.webp", {"lossless": True}),
        ("a.webp", {"lossless": True, "exif": b"Exif\0\0MM"}),
    ],
    ids=["png", "capitals", "webp", "webp with extras"],
)
def test_a_card_without_any_text_is_read_from_its_pixels(
    tmp_path: Path, name: str, options: dict[str, object]
) -> None:
    CARD.save(tmp_path / name, **options)
    found = read_embedding_file(tmp_path / name)
    assert found.format is EmbeddingFormat.CARD
    assert (found.embedding.name, found.embedding.step) == ("inner", 1234)
    assert torch.equal(found.embedding.vectors["clip_l"], VECTORS)


def test_transparency_is_no_hindrance(tmp_path: Path) -> None:
    CARD.convert("RGBA").save(tmp_path / "a.png")
    assert read_embedding_file(tmp_path / "a.png").embedding.num_vectors == 2


@pytest.mark.parametrize(("left", "above"), [(10, 10), (0, 10), (10, 0), (3, 20)])
def test_a_framed_card_is_read(tmp_path: Path, left: int, above: int) -> None:
    framed = Image.new("RGB", (CARD.width + left + 20, CARD.height + above + 20))
    framed.paste(CARD, (left, above))
    framed.save(tmp_path / "a.png")
    assert read_embedding_file(tmp_path / "a.png").embedding.num_vectors == 2


def test_the_text_comes_before_the_pixels_and_a_broken_one_behind_them(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("sd-ti-embedding", "broken")
    CARD.save(tmp_path / "broken.png", pnginfo=info)
    assert read_embedding_file(tmp_path / "broken.png").embedding.name == "inner"
    other = card(TREE | {"name": "pixels"})
    info = PngInfo()
    info.add_text("sd-ti-embedding", "eyJhIjogeyJUT1JDSFRFTlNPUiI6IFsxLDEsMSwxLDEsMSwxLDFdfX0=")
    other.save(tmp_path / "both.png", pnginfo=info)
    assert read_embedding_file(tmp_path / "both.png").embedding.widths == {"clip_l": 8}


def test_an_ordinary_picture_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((200, 200), 20) for _ in range(3)])
    noise.save(tmp_path / "a.png")
    noise.save(tmp_path / "a.webp", quality=80)
    monkeypatch.setattr(pictures, "decode_card_pixels", lambda image: pytest.fail("was decoded"))
    for name in ("a.png", "a.webp"):
        with pytest.raises(OrdinaryPictureError, match="an ordinary picture"):
            read_embedding_file(tmp_path / name)


@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_a_picture_without_loss_and_without_embedding_is_ordinary(tmp_path: Path, name: str) -> None:
    Image.new("RGB", (64, 64), "black").save(tmp_path / name, lossless=True)
    with pytest.raises(OrdinaryPictureError):
        read_embedding_file(tmp_path / name)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_an_avif_picture_is_read_when_its_colors_are_exact(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "a.avif", quality=100, subsampling="4:4:4")
    with pytest.raises(OrdinaryPictureError):
        read_embedding_file(tmp_path / "a.avif")


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_a_card_in_avif_is_read_from_its_pixels() -> None:
    """`card.avif` was made by another library than Pillow, without loss, of a card like those above."""
    found = read_embedding_file(Path(__file__).parent / "card.avif")
    assert (found.embedding.name, found.embedding.step) == ("inner", 1234)
    assert torch.equal(found.embedding.vectors["clip_l"], torch.full((1, 768), 0.25))


def test_avif_pixels_are_looked_at_where_the_head_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow can't write AVIF in exact colors, so a decoder that gives a card's pixels stands in."""
    exact = b"\0\0\0\x20ftypavif" + bytes(20)
    exact += b"ispe\0\0\0\0" + (100).to_bytes(4, "big") * 2 + b"colrnclx\0\1\0\x0d\0\0\x80"
    (tmp_path / "a.avif").write_bytes(exact)
    monkeypatch.setattr(pictures.Image, "open", lambda stream, formats: CARD)
    assert read_embedding_file(tmp_path / "a.avif").embedding.name == "inner"


def test_jpeg_xl_takes_the_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jxl").write_bytes(b"\xff\x0a" + bytes([0b00011111, 0, 0, 0]))
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    with pytest.raises(EmbeddingFileError, match="pillow-jxl-plugin"):
        read_embedding_file(tmp_path / "a.jxl")
    monkeypatch.setitem(sys.modules, "pillow_jxl", types.ModuleType("pillow_jxl"))
    monkeypatch.setattr(pictures.Image, "open", lambda stream, formats: CARD)
    assert read_embedding_file(tmp_path / "a.jxl").embedding.name == "inner"


def test_a_cut_off_picture_without_text_is_ordinary(tmp_path: Path) -> None:
    stream = io.BytesIO()
    CARD.save(stream, "PNG")
    (tmp_path / "a.png").write_bytes(stream.getvalue()[:-2000])
    with pytest.raises(OrdinaryPictureError):
        read_embedding_file(tmp_path / "a.png")
