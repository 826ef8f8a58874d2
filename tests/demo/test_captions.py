"""Captions and what their phrases state."""

from __future__ import annotations

import random

import pytest

from traintab.demo.captions import SUBJECT, Phrase, text_of, write_caption
from traintab.demo.characters import characters, sample_person, sample_picture
from traintab.demo.styles import style_of

GIRL = {
    "kind": "girl",
    "hair color": "pink",
    "hair style": "long",
    "hair blend": "plain",
    "eye color": "blue",
    "other eye color": "blue",
    "skin": "fair",
    "headwear": "bow",
    "headwear color": "red",
    "glasses": "glasses",
    "mark": "none",
    "clothes": "hoodie",
    "clothes color": "green",
    "background": "striped",
    "background color": "yellow",
    "expression": "smile",
    "style": "watercolor",
}
MUG = {
    "kind": "thing",
    "shape": "mug",
    "thing color": "red",
    "second thing color": "blue",
    "thing pattern": "dotted",
    "background": "sky",
    "style": "anime",
}


def captions_of(attributes: dict[str, str], count: int = 200) -> list[list[Phrase]]:
    return [write_caption(attributes, random.Random(seed)) for seed in range(count)]


def test_a_caption_is_its_phrases_in_a_row() -> None:
    assert text_of([Phrase("a photo of "), Phrase("a "), Phrase("girl", ("kind",))]) == "a photo of a girl"


def test_the_same_generator_writes_the_same_caption() -> None:
    assert write_caption(GIRL, random.Random(3)) == write_caption(GIRL, random.Random(3))


def test_captions_vary_in_order_and_omit_things() -> None:
    texts = {text_of(caption) for caption in captions_of(GIRL)}
    assert len(texts) > 150
    assert any("green hoodie" in text for text in texts)
    assert any("hoodie" not in text for text in texts)


@pytest.mark.parametrize(
    "words",
    ["pink", "blue eyes", "red bow", "green hoodie", "striped yellow background", "smile", "watercolor"],
)
def test_every_attribute_is_said_sooner_or_later(words: str) -> None:
    assert any(words in text_of(caption) for caption in captions_of(GIRL))


def test_what_is_not_there_is_not_said() -> None:
    texts = [text_of(caption) for caption in captions_of(GIRL)]
    assert not any("scar" in text or "freckles" in text or "none" in text for text in texts)


def test_a_phrase_that_names_a_colour_states_one() -> None:
    for caption in captions_of(GIRL):
        for phrase in caption:
            if "green" in phrase.text:
                assert "clothes color" in phrase.states


def test_an_object_is_named_with_its_colours() -> None:
    texts = [text_of(caption) for caption in captions_of(MUG)]
    assert all("red mug with blue dots" in text or "red cup with blue dots" in text for text in texts)


def test_a_name_states_what_its_character_looks_like() -> None:
    person = next(
        p
        for p in (sample_person(random.Random(s)) for s in range(200))
        if p.get("name") and p["kind"] == "girl"
    )
    person["style"] = "anime"
    usual = characters()[person["name"]]
    for caption in captions_of(person, 50):
        for phrase in caption:
            if phrase.text == person["name"]:
                assert {"hair color", "eye color"} <= set(phrase.states)
                assert all(usual[key] == person[key] for key in phrase.states)


def test_a_name_does_not_state_clothes_that_were_changed() -> None:
    person = {"name": "sakura", **characters()["sakura"], "background": "sky", "expression": "smile"}
    person |= {"style": "anime", "clothes color": "teal" if person["clothes color"] != "teal" else "red"}
    for caption in captions_of(person, 80):
        stated = [phrase.states for phrase in caption if phrase.text == "sakura"]
        assert all("clothes color" not in states for states in stated)


def test_without_colours_nothing_is_said_that_speaks_of_one() -> None:
    for seed in range(100):
        caption = write_caption(GIRL, random.Random(seed), colors=False)
        assert not any("hair color" in phrase.states or "eye color" in phrase.states for phrase in caption)


def test_a_made_up_name_stands_for_the_subject() -> None:
    for seed in range(50):
        caption = write_caption(GIRL, random.Random(seed), made_up=("kind", "hair color"))
        names = [phrase for phrase in caption if phrase.text.startswith(SUBJECT)]
        assert [name.states for name in names] == [("kind", "hair color")]


def test_a_made_up_style_stands_where_a_styles_name_would() -> None:
    for seed in range(50):
        caption = write_caption(GIRL, random.Random(seed), made_up=("style",))
        names = [phrase for phrase in caption if phrase.text.startswith(SUBJECT)]
        assert [name.states for name in names] == [("style",)]
        assert "watercolor" not in text_of(caption)


def test_an_unnamed_style_is_never_mentioned() -> None:
    for caption in captions_of({**GIRL, "style": "other"}, 100):
        assert not any("style" in phrase.states for phrase in caption)


def test_a_bare_caption_has_subject_and_style_alone() -> None:
    head = ("hair color", "eye color")
    for seed in range(50):
        caption = write_caption(GIRL, random.Random(seed), made_up=head, bare=True)
        assert {key for phrase in caption for key in phrase.states} <= {*head, "style"}
        assert any(phrase.text.startswith(SUBJECT) for phrase in caption)


def test_captions_are_never_empty() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        picture = sample_picture(rng)
        colors = style_of(picture["style"], seed).shows_colors()
        assert text_of(write_caption(picture, rng, (), colors)).strip()
