"""Concepts the model has no word for."""

from __future__ import annotations

import random

import pytest

from traintab.demo.concepts import CONCEPTS, EXAMPLES, DrawnConcept
from traintab.demo.tokenizer import word_counts
from traintab.demo.world import ATTRIBUTES, is_held_out


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.name)
def test_the_generator_never_saw_the_concept(concept: DrawnConcept) -> None:
    assert is_held_out(concept.sample(random.Random(0)))


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.name)
def test_every_picture_shows_the_concept(concept: DrawnConcept) -> None:
    for seed in range(20):
        picture = concept.sample(random.Random(seed))
        assert concept.attributes.items() <= picture.items()
        assert all(value in ATTRIBUTES[key] for key, value in picture.items())


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.name)
def test_pictures_of_a_concept_differ_in_the_rest(concept: DrawnConcept) -> None:
    pictures = {tuple(sorted(concept.sample(random.Random(seed)).items())) for seed in range(10)}
    assert len(pictures) >= 7


def test_the_names_are_words_no_caption_has() -> None:
    words = word_counts()
    assert not any(concept.name in words for concept in CONCEPTS)


def test_there_is_an_example_of_each_kind() -> None:
    assert {key: concept.kind for key, concept in EXAMPLES.items()} == {
        "character": "character",
        "style": "style",
        "object": "object",
    }


def test_at_least_six_concepts_are_evaluated() -> None:
    assert len(CONCEPTS) >= 6
    assert len({concept.name for concept in CONCEPTS}) == len(CONCEPTS)


def test_an_object_stands_out_from_its_background() -> None:
    concept = EXAMPLES["object"]
    colors = {concept.sample(random.Random(seed)).get("background color") for seed in range(60)}
    assert concept.attributes["thing color"] not in colors
