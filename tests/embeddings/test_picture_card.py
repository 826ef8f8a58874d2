from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageChops

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import png_text, read_embedding
from traintab.embeddings.picture_card import make_card, plain_picture

EMBEDDING = Embedding(
    name="mira",
    vectors={"clip_l": torch.linspace(-1, 1, 64).reshape(2, 32)},
    step=500,
    sd_checkpoint="0123456789",
    sd_checkpoint_name="demo",
)


def card_of(image: Image.Image, embedding: Embedding = EMBEDDING) -> Image.Image:
    card = Image.open(io.BytesIO(make_card(image, embedding)))
    card.load()
    return card


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
    assert card_of(plain_picture()).info[key] == value
    assert key == "sd-ti-embedding"


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


def test_the_preview_itself_isnt_changed() -> None:
    preview = Image.new("RGB", (400, 400), "white")
    make_card(preview, EMBEDDING)
    assert ImageChops.difference(preview, Image.new("RGB", (400, 400), "white")).getbbox() is None
