"""Named characters."""

from __future__ import annotations

import random

from traintab.demo.characters import NAMES, characters, sample_person, sample_picture
from traintab.demo.world import is_held_out


def named(count: int) -> list[dict[str, str]]:
    people = [sample_person(random.Random(seed)) for seed in range(count)]
    return [person for person in people if "name" in person]


def test_there_are_about_a_hundred_names_and_none_twice() -> None:
    assert len(NAMES) == len(set(NAMES)) == 100


def test_a_character_looks_the_same_whenever_it_is_asked_for() -> None:
    first = dict(characters()["sakura"])
    characters.cache_clear()
    assert characters()["sakura"] == first


def test_no_character_is_a_held_out_combination() -> None:
    assert not any(is_held_out(head) for head in characters().values())


def test_characters_differ_from_each_other() -> None:
    heads = {tuple(sorted(head.items())) for head in characters().values()}
    assert len(heads) == len(NAMES)


def test_a_quarter_of_the_people_are_named() -> None:
    assert 0.2 < len(named(2000)) / 2000 < 0.3


def test_a_named_person_has_the_characters_head() -> None:
    for person in named(400):
        usual = characters()[person["name"]]
        for key in ("kind", "hair color", "hair style", "eye color", "headwear"):
            assert person[key] == usual[key]


def test_characters_change_their_clothes_now_and_then() -> None:
    people = named(1000)
    changed = [person for person in people if person["clothes"] != characters()[person["name"]]["clothes"]]
    assert 0.2 < len(changed) / len(people) < 0.7


def test_the_same_generator_draws_the_same_picture() -> None:
    assert sample_picture(random.Random(5)) == sample_picture(random.Random(5))
