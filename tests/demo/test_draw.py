"""`demo draw`, and the shipped example folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from traintab.demo.artist import draw_large
from traintab.demo.concepts import EXAMPLES
from traintab.demo.draw import SIZES, draw, draw_concept, draw_sized, varying_caption
from traintab.paths import PACKAGE_DIR

SHIPPED = PACKAGE_DIR / "demo" / "examples"


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_drawings_come_with_captions_and_examples(tmp_path: Path) -> None:
    paths = draw(tmp_path / "out", count=2, seed=1)
    assert [path.name for path in paths[:2]] == ["0001.png", "0002.png"]
    assert paths[0].with_suffix(".txt").read_text(encoding="utf-8").strip()
    assert {path.parent.name for path in paths[2:]} == {"character", "style", "object"}
    assert all(path.is_file() for path in paths)


def test_the_same_seed_draws_the_same_files(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        draw(tmp_path / folder, count=1, seed=4)
    first, second = tmp_path / "first", tmp_path / "second"
    assert (first / "0001.png").read_bytes() == (second / "0001.png").read_bytes()
    assert (first / "0001.txt").read_text() == (second / "0001.txt").read_text()


GIRL = EXAMPLES["character"].attributes | {
    "clothes": "shirt",
    "clothes color": "red",
    "background": "plain",
    "background color": "blue",
    "expression": "smile",
    "style": "anime",
}


@pytest.mark.parametrize("size", SIZES)
def test_a_drawing_has_the_size_asked_for(size: tuple[int, int]) -> None:
    assert draw_sized(GIRL, 1, size).size == size


@pytest.mark.parametrize("size", [(256, 320), (320, 256), (256, 256)])
def test_the_middle_of_a_drawing_is_the_subject_as_the_model_knows_it(size: tuple[int, int]) -> None:
    middle = ImageOps.fit(draw_sized(GIRL, 1, size), (256, 256))
    alone = draw_large(GIRL, 1).resize((256, 256), Image.Resampling.LANCZOS)
    assert np.abs(np.asarray(middle, dtype=float) - np.asarray(alone, dtype=float)).mean() < 1


def test_what_lies_beyond_a_drawing_goes_on_from_its_edge() -> None:
    wide = np.asarray(draw_sized(GIRL, 1, (320, 256)))
    assert np.array_equal(wide[40, 0], wide[40, 30])


def test_a_caption_says_what_varies_and_not_what_the_concept_is(tmp_path: Path) -> None:
    draw_concept(EXAMPLES["character"], tmp_path, 4, captions=True)
    captions = [path.read_text(encoding="utf-8") for path in sorted(tmp_path.glob("*.txt"))]
    assert len(captions) == 4
    assert all("background" in caption for caption in captions)
    assert not any(
        "teal hair" in caption or "twintails" in caption or "star" in caption for caption in captions
    )


def test_a_caption_names_clothes_expression_and_background() -> None:
    attributes = {
        "clothes": "hoodie",
        "clothes color": "red",
        "expression": "smile",
        "background": "dotted",
        "background color": "blue",
    }
    assert varying_caption(EXAMPLES["character"], attributes) == "red hoodie, smile, dotted blue background"


def test_a_scene_is_named_as_a_background() -> None:
    attributes = {"background": "forest", "expression": "neutral"}
    assert varying_caption(EXAMPLES["object"], attributes) == "forest background"


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_shipped_example_has_six_to_eight_pictures_of_mixed_size(example: str) -> None:
    sizes = [size_of(path) for path in sorted((SHIPPED / example).glob("*.png"))]
    assert 6 <= len(sizes) <= 8
    assert len(set(sizes)) >= 4
    assert all(min(size) > 128 for size in sizes)


def test_the_shipped_character_has_a_caption_a_picture() -> None:
    folder = SHIPPED / "character"
    assert {p.stem for p in folder.glob("*.png")} == {p.stem for p in folder.glob("*.txt")}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_shipped_example_is_what_the_program_draws(example: str, tmp_path: Path) -> None:
    drawn = draw_concept(EXAMPLES[example], tmp_path, 2, captions=False)
    for path in drawn:
        shipped = Image.open(SHIPPED / example / path.name).convert("RGB")
        assert shipped.tobytes() == Image.open(path).convert("RGB").tobytes()


def test_the_shipped_examples_are_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 600_000
