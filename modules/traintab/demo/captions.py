"""Captions drawn anew at every pass: tags in random order with omissions, sentences, names, and nothing at
all.

A caption is made of phrases, and each phrase knows which attributes it states. So the text encoder can be
asked, at any later position, what it has been told.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .characters import characters
from .wording import (
    ADJECTIVES,
    KIND_WORDS,
    OPENINGS,
    SCENE_WORDS,
    STARTING_WORDS,
    STYLE_ENDINGS,
    THING_WORDS,
)
from .world import Attributes

SUBJECT = "<subject>"
"""Begins a phrase that is a made-up name (see `made_up_names`); the word it starts from follows."""


@dataclass(frozen=True)
class Phrase:
    """A piece of a caption and the attributes it states."""

    text: str
    states: tuple[str, ...] = ()


Caption = Sequence[Phrase]


def text_of(caption: Caption) -> str:
    """The caption as a prompt."""
    return "".join(phrase.text for phrase in caption)


def _hair(a: Attributes, rng: random.Random) -> list[Phrase]:
    color, style = a["hair color"], a["hair style"]
    if a["hair blend"] != "plain":
        second = a["second hair color"]
        states = ("hair color", "hair blend", "second hair color")
        tips = (f"{color} hair with {second} tips", f"{color} and {second} tips hair")
        split = (f"half {color} half {second} hair", f"split {color} and {second} hair")
        text = rng.choice(tips if a["hair blend"] == "tips" else split)
        return [Phrase(text, states), Phrase(_style_word(style), ("hair style",))]
    if rng.random() < 0.5:
        return [
            Phrase(f"{color} hair", ("hair color", "hair blend")),
            Phrase(_style_word(style), ("hair style",)),
        ]
    both = {
        "bob": f"{color} bob cut",
        "twintails": f"{color} twintails",
        "ponytail": f"{color} ponytail",
        "buns": f"{color} hair buns",
    }.get(style, rng.choice((f"{style} {color} hair", f"{color} {style} hair")))
    return [Phrase(both, ("hair color", "hair style", "hair blend"))]


def _style_word(style: str) -> str:
    words = {"bob": "bob cut", "twintails": "twintails", "ponytail": "ponytail", "buns": "hair buns"}
    return words.get(style, f"{style} hair")


def _eyes(a: Attributes, rng: random.Random) -> Phrase:
    first, second = a["eye color"], a["other eye color"]
    states = ("eye color", "other eye color")
    if first == second:
        return Phrase(f"{first} eyes", states)
    return Phrase(
        rng.choice((f"one {first} eye and one {second} eye", f"odd {first} and {second} eyes")), states
    )


def _accessories(a: Attributes, rng: random.Random) -> list[Phrase]:
    phrases = []
    if a["headwear"] != "none":
        color = a.get("headwear color")
        keys = ("headwear", "headwear color") if color else ("headwear",)
        phrases.append(Phrase(f"{color} {a['headwear']}" if color else a["headwear"], keys))
    for key in ("glasses", "mark"):
        if a[key] != "none":
            phrases.append(Phrase(a[key], (key,)))
    if a["skin"] != "fair" or rng.random() < 0.3:
        phrases.append(Phrase(f"{a['skin']} skin", ("skin",)))
    if a["expression"] != "neutral":
        phrases.append(Phrase(a["expression"], ("expression",)))
    return phrases


def _clothes(a: Attributes, rng: random.Random) -> Phrase:
    both = f"{a['clothes color']} {a['clothes']}"
    draw = rng.random()
    if draw < 0.1:
        return Phrase(f"{a['clothes color']} clothes", ("clothes color",))
    if draw < 0.2:
        return Phrase(a["clothes"], ("clothes",))
    text = f"wearing a {both}" if draw < 0.4 else both
    return Phrase(text, ("clothes", "clothes color"))


def _background(a: Attributes, rng: random.Random) -> Phrase:
    kind = a["background"]
    if "background color" not in a:
        return Phrase(rng.choice(SCENE_WORDS[kind]), ("background",))
    color = f"{a['background color']} background"
    if kind == "plain":
        return Phrase(f"plain {color}" if rng.random() < 0.2 else color, ("background", "background color"))
    return Phrase(f"{kind} {color}", ("background", "background color"))


def _thing(a: Attributes, rng: random.Random) -> Phrase:
    word = rng.choice(THING_WORDS.get(a["shape"], (a["shape"],)))
    color, second = a["thing color"], a["second thing color"]
    states = ("kind", "shape", "thing color", "thing pattern")
    if a["thing pattern"] == "plain":
        if rng.random() < 0.4:
            return Phrase(f"{color} and {second} {word}", (*states, "second thing color"))
        return Phrase(f"{color} {word}", states)
    marks = {"striped": "stripes", "dotted": "dots"}[a["thing pattern"]]
    return Phrase(f"{color} {word} with {second} {marks}", (*states, "second thing color"))


def _subject(a: Attributes, made_up: tuple[str, ...], rng: random.Random) -> Phrase:
    """The noun: a made-up name, a character's name, an object, or a word for a person."""
    if made_up and made_up != ("style",):
        return Phrase(SUBJECT + rng.choice(STARTING_WORDS), made_up)
    if "name" in a and rng.random() < 0.9:
        usual = characters()[a["name"]]
        return Phrase(a["name"], tuple(key for key, value in usual.items() if a.get(key) == value))
    if a["kind"] == "thing":
        return _thing(a, rng)
    if rng.random() < 0.1:
        return Phrase(rng.choice(("person", "character", "*", "portrait")))
    return Phrase(rng.choice(KIND_WORDS[a["kind"]]), ("kind",))


def _tags(a: Attributes, known: Sequence[str], rng: random.Random) -> list[Phrase]:
    """The details, in random order; what the subject's name already says is mostly left out."""
    tags = [_background(a, rng)]
    if a["kind"] != "thing":
        tags += [*_hair(a, rng), _eyes(a, rng), *_accessories(a, rng), _clothes(a, rng)]
    kept = []
    keep = rng.uniform(0.45, 1.0)
    for tag in tags:
        is_known = bool(tag.states) and all(key in known for key in tag.states)
        if rng.random() < (0.12 if is_known else keep):
            kept.append(tag)
    rng.shuffle(kept)
    return kept


def _style(a: Attributes, made_up: tuple[str, ...], rng: random.Random) -> list[Phrase]:
    """The words for the style, which end a caption: none, a name, or a made-up name."""
    if made_up == ("style",):
        before, after = rng.choice(STYLE_ENDINGS).split("{}")
        name = Phrase(SUBJECT + rng.choice(STARTING_WORDS), made_up)
        return [Phrase(before), name, Phrase(after)]
    if (
        "style" in made_up
        or a["style"] in ("other", "blueprint")
        or (a["style"] == "anime" and rng.random() < 0.8)
    ):
        return []
    return [Phrase(rng.choice(STYLE_ENDINGS).format(a["style"]), ("style",))]


def _stated(tags: list[Phrase]) -> list[Phrase]:
    return [part for tag in tags for part in (Phrase(", "), tag)]


def _with_article(subject: Phrase, a: Attributes, rng: random.Random) -> list[Phrase]:
    is_name = subject.text in (a.get("name"), "*") or subject.text.startswith(SUBJECT)
    if is_name and rng.random() < 0.75:
        return [subject]
    return [Phrase(rng.choice(("a ", "the ", "a ", "my ", "one "))), subject]


def write_caption(
    attributes: Attributes,
    rng: random.Random,
    made_up: tuple[str, ...] = (),
    colors: bool = True,
    bare: bool = False,
) -> list[Phrase]:
    """A random caption of `attributes`, never empty.

    `made_up` are the attributes that a made-up name stands for (none: no such name); without `colors` (a
    picture in a style that doesn't show them) nothing is said that speaks of one; a `bare` caption has
    subject and style alone, as in `a photo of mirabel`.
    """
    subject = _subject(attributes, made_up, rng)
    style = _style(attributes, made_up, rng)
    tags = [] if bare else _tags(attributes, subject.states, rng)
    if not colors:
        tags = [tag for tag in tags if not any("color" in key for key in tag.states)]
    if rng.random() < 0.45:
        caption = [subject, *_stated(tags)]
        if rng.random() < 0.25 and tags:
            caption = [*_stated(tags)[1:], Phrase(", "), subject]
    else:
        opening = rng.choice(OPENINGS)
        adjective = [Phrase(rng.choice(ADJECTIVES) + " ")] if rng.random() < 0.2 else []
        middle = _with_article(subject, attributes, rng)
        if adjective and len(middle) == 2:
            middle = [middle[0], *adjective, middle[1]]
        caption = [Phrase(opening + " "), *middle]
        if tags and rng.random() < 0.5:
            caption += [Phrase(" with "), tags[0]]
            tags = tags[1:]
        caption += _stated(tags)
    if len(style) == 3 and rng.random() < 0.25:
        return [Phrase(rng.choice(OPENINGS).rsplit(" ", 1)[0]), *style]
    if len(style) == 1 and rng.random() < 0.3:
        return [Phrase(f"{attributes['style']}, ", ("style",)), *caption]
    return [*caption, *style]
