from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFont
from PIL.PngImagePlugin import PngInfo

from traintab.embeddings.card_pixels import decode_card_pixels
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import png_text, read_embedding
from traintab.embeddings.picture_card import make_card, plain_picture
from traintab.errors import EmbeddingFileError
from traintab.pictures import lettering

EMBEDDING = Embedding(
    name="mira",
    vectors={"clip_l": torch.linspace(-1, 1, 64).reshape(2, 32)},
    step=500,
    sd_checkpoint="0123456789",
    sd_checkpoint_name="demo",
)


def opened(card: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(card))
    image.load()
    return image


def card_of(image: Image.Image, embedding: Embedding = EMBEDDING) -> Image.Image:
    """The card without the blocks and the black columns at both sides."""
    whole = opened(make_card(image, embedding))
    is_black = [not any(any(whole.getpixel((x, y))) for y in range(whole.height)) for x in range(whole.width)]  # type: ignore[arg-type]
    first, last = is_black.index(True), whole.width - 1 - is_black[::-1].index(True)
    return whole.crop((first + 1, 0, last, whole.height))


def tensors_in(data: bytes | None) -> dict[str, torch.Tensor]:
    """The tensors of a card's JSON by key, read without our reader."""
    assert data is not None
    tree = json.loads(data)
    nested = tree.get("string_to_param", tree)
    assert all(list(each) == ["TORCHTENSOR"] for each in nested.values())
    return {key: torch.tensor(each["TORCHTENSOR"], dtype=torch.float32) for key, each in nested.items()}


def is_drawn(card: Image.Image, box: tuple[float, float, float, float]) -> bool:
    """Whether this part of the picture (in shares of width and height) holds something as light as ink."""
    width, height = card.size
    part = card.crop((int(box[0] * width), int(box[1] * height), int(box[2] * width), int(box[3] * height)))
    return max(high for _, high in part.getextrema()) > 200


def test_a_card_is_read_back_with_all_it_says(tmp_path: Path) -> None:
    path = tmp_path / "anything.png"
    path.write_bytes(make_card(plain_picture(), EMBEDDING))
    found = read_embedding(path)
    assert (found.name, found.step, found.sd_checkpoint, found.sd_checkpoint_name) == (
        "mira",
        500,
        "0123456789",
        "demo",
    )
    assert torch.equal(found.vectors["clip_l"], EMBEDDING.vectors["clip_l"])


def test_the_chunk_is_plain_text_that_other_programs_find() -> None:
    key, value = png_text(EMBEDDING)
    assert opened(make_card(plain_picture(), EMBEDDING)).info[key] == value
    assert key == "sd-ti-embedding"


@pytest.mark.parametrize("rows", [1, 16])
def test_a_card_is_decoded_from_its_text_alone_and_from_its_pixels_alone(rows: int) -> None:
    vectors = torch.randn(rows, 768, generator=torch.Generator().manual_seed(rows))
    embedding = Embedding(name="mira", vectors={"clip_l": vectors}, step=rows, sd_checkpoint_name="demo")
    card = opened(make_card(plain_picture(), embedding))
    text = base64.b64decode(card.info["sd-ti-embedding"])
    stripped = Image.frombytes("RGB", card.size, card.tobytes())
    for data in (text, decode_card_pixels(stripped)):
        assert torch.equal(tensors_in(data)["*"], vectors)
    assert {key: json.loads(text)[key] for key in ("name", "step", "sd_checkpoint", "string_to_token")} == {
        "name": "mira",
        "step": rows,
        "sd_checkpoint": None,
        "string_to_token": {"*": 265},
    }


def test_blocks_are_as_wide_as_a1111_makes_them() -> None:
    vectors = torch.randn(1, 768, generator=torch.Generator().manual_seed(0))
    card = opened(make_card(plain_picture(), Embedding(name="x", vectors={"clip_l": vectors})))
    assert card.size == (526, 512)


@settings(max_examples=10)
@given(
    width=st.integers(64, 600),
    height=st.integers(64, 600),
    rows=st.integers(1, 75),
    numbers=st.sampled_from([0.0, 1e-40, -59999.0]),
    is_webp=st.booleans(),
)
def test_a_preview_of_any_size_carries_any_number_of_vectors(
    width: int, height: int, rows: int, numbers: float, is_webp: bool
) -> None:
    embedding = Embedding(name="x", vectors={"clip_l": torch.full((rows, 32), numbers)})
    card = make_card(Image.new("RGB", (width, height)), embedding, ".webp" if is_webp else ".png")
    assert torch.equal(tensors_in(decode_card_pixels(opened(card)))["*"], embedding.vectors["clip_l"])


@pytest.mark.parametrize("rows", [1, 16])
def test_our_reader_finds_it_in_the_text_of_any_picture_and_in_the_pixels_without_text(
    tmp_path: Path, rows: int
) -> None:
    vectors = torch.randn(rows, 768, generator=torch.Generator().manual_seed(rows))
    card = opened(make_card(plain_picture(), Embedding(name="mira", vectors={"clip_l": vectors}, step=9)))
    text, pixels = tmp_path / "text.png", tmp_path / "pixels.png"
    info = PngInfo()
    info.add_text("sd-ti-embedding", card.info["sd-ti-embedding"])
    Image.new("RGB", (64, 64), "white").save(text, pnginfo=info)
    Image.frombytes("RGB", card.size, card.tobytes()).save(pixels)
    for path in (text, pixels):
        found = read_embedding(path)
        assert (found.name, found.step) == ("mira", 9)
        assert torch.equal(found.vectors["clip_l"], vectors)


def test_the_tensors_of_two_text_encoders_are_all_that_a_card_of_them_carries() -> None:
    vectors = {"clip_l": torch.randn(2, 768), "clip_g": torch.randn(2, 1280)}
    card = opened(make_card(plain_picture(), Embedding(name="x", vectors=vectors, step=3)))
    for data in (base64.b64decode(card.info["sd-ti-embedding"]), decode_card_pixels(card)):
        found = tensors_in(data)
        assert found.keys() == vectors.keys()
        assert all(torch.equal(found[key], vectors[key]) for key in vectors)


def test_a_webp_card_is_lossless_and_has_pixels_only() -> None:
    data = make_card(plain_picture(), EMBEDDING, ".webp")
    card = opened(data)
    assert card.format == "WEBP"
    assert data[12:16] == b"VP8L"
    assert "sd-ti-embedding" not in card.info
    assert card.tobytes() == opened(make_card(plain_picture(), EMBEDDING)).tobytes()


def test_a_webp_card_beyond_what_webp_holds_is_refused() -> None:
    wide = Image.new("RGB", (16380, 64))
    with pytest.raises(EmbeddingFileError, match=r"too large for \.webp"):
        make_card(wide, EMBEDDING, ".webp")


def test_other_kinds_of_cards_are_refused() -> None:
    with pytest.raises(EmbeddingFileError, match=r"can't be a '\.jpg'"):
        make_card(plain_picture(), EMBEDDING, ".jpg")


def test_without_a_caption_the_preview_stays_as_it_is() -> None:
    card = opened(make_card(Image.new("RGB", (400, 400), "white"), EMBEDDING, caption=False))
    middle = card.crop((card.width // 2 - 190, 0, card.width // 2 + 190, 400))
    assert middle.getextrema() == ((255, 255),) * 3


def test_title_and_the_three_parts_of_the_footer_are_drawn() -> None:
    card = card_of(Image.new("RGB", (512, 512)))
    assert is_drawn(card, (0, 0, 0.5, 0.2))
    for left in (0.0, 0.34, 0.67):
        assert is_drawn(card, (left, 0.9, left + 0.33, 1))
    assert not is_drawn(card, (0, 0.25, 1, 0.85))


def test_unknown_facts_are_left_out() -> None:
    bare = Embedding(name="x", vectors=EMBEDDING.vectors)
    card = card_of(Image.new("RGB", (512, 512)), bare)
    assert not is_drawn(card, (0, 0.9, 0.6, 1))
    assert is_drawn(card, (0.67, 0.9, 1, 1))


def test_the_picture_is_darker_at_both_ends_and_untouched_in_the_middle() -> None:
    card = card_of(Image.new("RGB", (512, 512), "white"), Embedding(name="x", vectors=EMBEDDING.vectors))
    column = [card.getpixel((300, y)) for y in (1, 256, 510)]
    assert column[1] == (255, 255, 255)
    assert max(column[0]) < 100  # type: ignore[arg-type]
    assert max(column[2]) < 100  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "expected"), [((128, 96), (384, 288)), ((512, 768), (512, 768)), ((3, 5), (24, 40))]
)
def test_small_pictures_are_enlarged_by_a_whole_factor(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert card_of(Image.new("RGB", size)).size == expected


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "CMYK"])
def test_pictures_of_any_mode_become_cards(mode: str) -> None:
    assert card_of(Image.new(mode, (400, 400))).mode == "RGB"


@pytest.mark.parametrize("name", ["x" * 100, "夏の少女", "émile"])
def test_long_and_foreign_names_stay_inside_the_picture(name: str) -> None:
    embedding = Embedding(
        name=name, vectors=EMBEDDING.vectors, step=10**9, sd_checkpoint="0" * 64, sd_checkpoint_name="m" * 200
    )
    card = card_of(Image.new("RGB", (400, 400)), embedding)
    assert is_drawn(card, (0, 0, 0.5, 0.2))
    assert not is_drawn(card, (0.99, 0, 1, 1))


def test_an_old_pillow_without_a_font_of_any_size_draws_words_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_default() -> object:
        return bitmap

    bitmap = ImageFont.load_default_imagefont()
    monkeypatch.setattr(ImageFont, "load_default", load_default)
    assert is_drawn(card_of(Image.new("RGB", (512, 512))), (0, 0, 0.5, 0.2))
    monkeypatch.setattr(lettering, "_OTHER_FONTS", ())
    assert is_drawn(card_of(Image.new("RGB", (512, 512))), (0, 0, 0.5, 0.2))


def test_the_preview_itself_isnt_changed() -> None:
    preview = Image.new("RGB", (400, 400), "white")
    make_card(preview, EMBEDDING)
    assert ImageChops.difference(preview, Image.new("RGB", (400, 400), "white")).getbbox() is None
