"""The benchmark of likeness: what is compared is what is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from PIL import Image

from traintab.configs import CreateConfig, TrainingConfig, replace_fields
from traintab.paths import Paths

BENCHMARKS = Path(__file__).resolve().parent.parent.parent / "benchmarks"


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.fixture
def likeness() -> ModuleType:
    import time_to_likeness

    return time_to_likeness


@pytest.fixture
def plain() -> ModuleType:
    import plain_inversion

    return plain_inversion


def test_a_score_is_reached_by_the_first_of_two_in_a_row(likeness: ModuleType) -> None:
    scores = [0.2, 0.7, 0.4, 0.6, 0.8, 0.9]
    asked: list[int] = []

    def told() -> Iterator[object]:
        for step, score in enumerate(scores, start=1):
            asked.append(step)
            yield likeness.Reached(step, 10.0 * step, score)

    assert likeness.first_lasting(told(), 0.6) == likeness.Reached(4, 40.0, 0.6)
    assert asked == [1, 2, 3, 4, 5]
    assert likeness.first_lasting(told(), 0.9) is None


def test_ours_has_the_defaults_but_for_the_concept(likeness: ModuleType) -> None:
    import our_inversion

    paths = Paths.under(BENCHMARKS.parent)
    create, train = our_inversion.configs("style", "demo", [], paths)
    assert create == CreateConfig(name=our_inversion.NAME, initialization_text="style")
    folder = paths.demo_examples_dir / "style"
    concept = {"data_dir": str(folder), "template": "style.txt"}
    assert train == replace_fields(TrainingConfig(embedding_name=our_inversion.NAME), concept)


def test_other_settings_are_tried_where_they_belong(likeness: ModuleType) -> None:
    import our_inversion

    changes = ["num_vectors=4", "learning_rate=0.5", "batch_size=3"]
    create, train = our_inversion.configs("style", "demo", changes, Paths.under(BENCHMARKS.parent))
    assert create.num_vectors == 4
    assert (train.optimization.learning_rate, train.optimization.batch_size) == ("0.5", 3)


def test_the_plain_way_moves_one_row_of_the_table(plain: ModuleType, tiny_model_dir: Path) -> None:
    torch.manual_seed(0)
    inversion = plain.Inversion(tiny_model_dir, "girl")
    before = inversion.table.detach().clone()
    prompt = inversion.tokenizer(f"a {plain.PLACEHOLDER}", padding="max_length", max_length=77)
    inversion.step(torch.zeros(1, 3, 64, 64), torch.tensor([prompt.input_ids]))
    moved = (inversion.table.detach() - before).abs().amax(dim=1)
    assert moved.nonzero().flatten().tolist() == [inversion.token]
    # AdamW's first update is the learning rate itself, whatever the gradient.
    assert moved.max() == pytest.approx(plain.LEARNING_RATE, rel=0.05)


def test_the_plain_way_starts_from_the_word(plain: ModuleType, tiny_model_dir: Path) -> None:
    inversion = plain.Inversion(tiny_model_dir, "girl")
    (girl,) = inversion.tokenizer.encode("girl", add_special_tokens=False)
    assert torch.equal(inversion.table[inversion.token], inversion.table[girl])


def test_the_plain_way_shows_each_picture_again_and_again(
    plain: ModuleType, tiny_model_dir: Path, tmp_path: Path
) -> None:
    for color in ("red", "blue"):
        Image.new("RGB", (20, 30), color).save(tmp_path / f"{color}.png")
    tokenizer = plain.Inversion(tiny_model_dir, "girl").tokenizer
    pictures = plain.Pictures(tmp_path, 64, tokenizer, "style")
    assert len(pictures) == 2 * plain.REPEATS
    blue, red = (pictures[index] for index in (2, 3))
    assert blue["pixels"][:, 5, 5].tolist() == [-1, -1, 1]
    assert red["pixels"].shape == (3, 64, 64)
    assert tokenizer.convert_tokens_to_ids(plain.PLACEHOLDER) in blue["input_ids"].tolist()


def test_the_plain_way_knows_nothing_of_ours(plain: ModuleType) -> None:
    assert "traintab" not in Path(str(plain.__file__)).read_text(encoding="utf-8")
