"""The shipped judge, put before drawings it never saw."""

from __future__ import annotations

import random

import pytest
import torch
from PIL import Image

from traintab.demo.artist import draw_small
from traintab.demo.concepts import EXAMPLES
from traintab.demo.judge import FEATURES, WEIGHTS, Concept, Judge, JudgeNetwork, example_score, to_tensor
from traintab.demo.train_judge import sample_anything
from traintab.demo.world import ATTRIBUTES

SEED = 70_000_000


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge.load()


def drawings(example: str, count: int = 6) -> list[Image.Image]:
    concept = EXAMPLES[example]
    return [draw_small(concept.sample(random.Random(f"test {n}")), SEED + n) for n in range(count)]


@pytest.fixture(scope="module")
def read() -> list[tuple[dict[str, str], dict[str, str]]]:
    attributes = [{**sample_anything(random.Random(SEED + n)), "style": "anime"} for n in range(160)]
    values = Judge.load().values([draw_small(each, SEED + n) for n, each in enumerate(attributes)])
    return list(zip(attributes, values, strict=True))


# Patterns of a light colour are faint.
@pytest.mark.parametrize(
    ("key", "share"),
    [
        ("hair color", 0.95),
        ("hair style", 0.95),
        ("eye color", 0.95),
        ("clothes color", 0.95),
        ("background color", 0.95),
        ("background", 0.85),
        ("shape", 0.95),
        ("kind", 0.95),
    ],
)
def test_the_judge_reads_drawings(
    key: str, share: float, read: list[tuple[dict[str, str], dict[str, str]]]
) -> None:
    right = [seen[key] == wanted[key] for wanted, seen in read if key in wanted]
    assert sum(right) / len(right) >= share


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_judge_knows_the_examples(example: str) -> None:
    assert example_score(drawings(example), example) >= 0.9


def test_the_judge_tells_the_examples_apart() -> None:
    assert example_score(drawings("object"), "character") < 0.5
    assert example_score(drawings("character"), "object") < 0.5
    assert example_score(drawings("character"), "style") < 0.5


def test_probabilities_of_an_attribute_add_up_to_one(judge: Judge) -> None:
    told = judge.attributes(drawings("character", 1)[0])
    assert set(told) == set(ATTRIBUTES)
    for key, values in told.items():
        assert set(values) == set(ATTRIBUTES[key])
        assert sum(values.values()) == pytest.approx(1.0, abs=1e-4)


def test_the_size_of_a_picture_does_not_matter(judge: Judge) -> None:
    picture = drawings("character", 1)[0]
    assert (
        judge.values([picture.resize((256, 256))])[0]["hair color"]
        == judge.values([picture])[0]["hair color"]
    )


def test_a_concept_of_pictures_is_what_they_share(judge: Judge) -> None:
    concept = judge.concept_of(drawings("character"))
    assert concept.attributes["hair color"] == "teal"
    assert concept.attributes["hair style"] == "twintails"
    assert "shape" not in concept.attributes
    assert "clothes color" not in concept.attributes
    assert concept.features is not None and concept.features.norm() == pytest.approx(1.0, abs=1e-4)


def test_a_concept_of_pictures_scores_them_higher_than_others(judge: Judge) -> None:
    concept = judge.concept_of(drawings("character"))
    assert judge.score(drawings("character"), concept) > judge.score(drawings("object"), concept) + 0.2


def test_a_score_is_the_share_of_attributes_that_are_right(judge: Judge) -> None:
    picture = drawings("object", 1)
    shape = judge.values(picture)[0]["shape"]
    other = next(value for value in ATTRIBUTES["shape"] if value != shape)
    assert judge.score(picture, Concept(attributes={"shape": shape})) == 1.0
    assert judge.score(picture, Concept(attributes={"shape": other, "kind": "thing"})) == 0.5


def test_pictures_become_numbers_between_minus_one_and_one() -> None:
    tensor = to_tensor(Image.new("L", (40, 60), 255))
    assert tensor.shape == (3, 128, 128)
    assert torch.equal(tensor, torch.ones(3, 128, 128))


def test_the_network_has_a_head_an_attribute() -> None:
    features, heads = JudgeNetwork()(torch.zeros(2, 3, 128, 128))
    assert features.shape == (2, FEATURES)
    assert [head.shape[1] for head in heads] == [len(values) for values in ATTRIBUTES.values()]


def test_the_judge_is_at_most_two_megabytes() -> None:
    assert WEIGHTS.stat().st_size <= 2_000_000
