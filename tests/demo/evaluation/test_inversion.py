"""Training a concept and asking for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from traintab.demo.concepts import EXAMPLES
from traintab.demo.evaluation import inversion
from traintab.demo.evaluation.outside import TrainedConcept, drawn
from traintab.models.loading import load_model
from traintab.paths import PACKAGE_DIR, Paths


def concept(kind: str, folder: Path) -> TrainedConcept:
    return drawn(EXAMPLES[kind], folder, seed=1)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_prompt_has_the_word_in_it(kind: str, tmp_path: Path) -> None:
    trained = concept(kind, tmp_path)
    asked = [*inversion._prompts(trained, "zonk"), *inversion._changed_prompts(trained, "zonk")]
    assert all("zonk" in prompt for prompt in asked)
    assert len(asked) == inversion.PICTURES + len(inversion.CHANGES)


class Seeing:
    """A judge that sees the same in every picture."""

    def __init__(self, **seen: str) -> None:
        self.seen = {key.replace("_", " "): value for key, value in seen.items()}

    def values(self, pictures: list[Image.Image]) -> list[dict[str, str]]:
        blank = {"clothes": "", "clothes color": "", "background color": ""}
        return [{**blank, **self.seen} for _ in pictures]


def test_a_characters_changes_are_clothes_their_colour_and_background(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 8))] * len(inversion.CHANGES)
    judge = Seeing(clothes="hoodie", clothes_color="red", background_color="yellow")
    share = inversion._obeyed(judge, concept("character", tmp_path), pictures)  # type: ignore[arg-type]
    assert share == pytest.approx((2 + 1 + 1) / 18)


def test_an_objects_only_change_is_the_background(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 8))] * len(inversion.CHANGES)
    judge = Seeing(background_color="yellow")
    share = inversion._obeyed(judge, concept("object", tmp_path), pictures)  # type: ignore[arg-type]
    assert share == pytest.approx(1 / 6)


def test_a_styles_only_change_is_the_kind_of_clothes(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 8))] * len(inversion.CHANGES)
    judge = Seeing(clothes="kimono", background_color="yellow")
    share = inversion._obeyed(judge, concept("style", tmp_path), pictures)  # type: ignore[arg-type]
    assert share == pytest.approx(1 / 6)


def test_training_moves_the_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inversion, "STEPS", 2)
    model = load_model(str(PACKAGE_DIR / "demo" / "model"), Paths.under(tmp_path), device="cpu")
    trained = concept("object", tmp_path)
    embedding, seconds = inversion.train_concept(model, trained, tmp_path / "run")
    start = model.text_encoders[0].token_vectors("toy")
    assert embedding.step == 2
    assert seconds > 0
    (vectors,) = embedding.vectors.values()
    assert vectors.shape == (inversion.VECTORS, 128)
    assert 0 < (vectors - start).abs().max() < 0.05
