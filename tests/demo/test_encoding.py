"""Captions as tensors."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.demo.captions import SUBJECT, Phrase
from traintab.demo.encoding import CLASSES, KEYS, NUMBERED, CaptionEncoder, class_numbers, form_numbers
from traintab.demo.tokenizer import load_tokenizer
from traintab.demo.world import HELD_OUT

HAIR = KEYS.index("hair color")
KIND = KEYS.index("kind")


@pytest.fixture(scope="module")
def encoder(tokenizer_dir: Path) -> CaptionEncoder:
    return CaptionEncoder(load_tokenizer(tokenizer_dir))


def test_a_caption_encodes_as_its_text_would(encoder: CaptionEncoder, tokenizer_dir: Path) -> None:
    caption = [Phrase("a photo of "), Phrase("girl", ("kind",)), Phrase(", "), Phrase("pink hair")]
    expected = load_tokenizer(tokenizer_dir)("a photo of girl, pink hair", padding="max_length").input_ids
    assert encoder.encode([caption]).ids[0].tolist() == expected


def test_an_attribute_is_known_from_the_last_token_that_states_it(encoder: CaptionEncoder) -> None:
    batch = encoder.encode([[Phrase("girl", ("kind",)), Phrase(", "), Phrase("pink hair", ("hair color",))]])
    assert batch.known_from[0, KIND] == 1
    assert batch.known_from[0, HAIR] == 4


def test_what_is_said_twice_is_known_from_the_first_time(encoder: CaptionEncoder) -> None:
    batch = encoder.encode([[Phrase("girl", ("kind",)), Phrase(" "), Phrase("lady", ("kind",))]])
    assert batch.known_from[0, KIND] == 1


def test_what_is_never_said_is_never_known(encoder: CaptionEncoder) -> None:
    assert (encoder.encode([[]]).known_from == 77).all()


def test_a_made_up_name_is_found_at_its_place(encoder: CaptionEncoder) -> None:
    caption = [Phrase("a photo of "), Phrase(SUBJECT + "girl", ("kind", "hair color"))]
    batch = encoder.encode([caption, [Phrase("girl")]])
    assert batch.subject.tolist() == [4, -1]
    assert batch.made_up[0].nonzero()[:, 0].tolist() == sorted([KIND, HAIR])
    assert not batch.made_up[1].any()


def test_too_long_captions_are_cut_and_end_properly(encoder: CaptionEncoder, tokenizer_dir: Path) -> None:
    caption = [Phrase("pink hair, ") for _ in range(60)] + [Phrase("girl", ("kind",))]
    batch = encoder.encode([caption])
    assert batch.ids.shape == (1, 77)
    assert batch.ids[0, -1] == load_tokenizer(tokenizer_dir).eos_token_id
    assert batch.known_from[0, KIND] == 77


def test_the_generators_classes_hold_nothing_held_out() -> None:
    for key, values in HELD_OUT.items():
        assert not set(values) & set(CLASSES[key])


def test_class_numbers_tell_values_and_absence() -> None:
    numbers = class_numbers({"kind": "boy", "hair color": "gray"})
    assert numbers[KIND] == 1
    assert numbers[HAIR] == 1
    assert numbers[KEYS.index("shape")] == -1


def test_numbers_follow_style_and_form() -> None:
    girl = {"style": "anime", "hair blend": "plain", "hair style": "long"}
    assert form_numbers(girl, 1) == form_numbers(girl, 2)
    for change in ({"style": "other"}, {"shape": "toy"}, {"hair blend": "tips"}):
        changed = {**girl, **change}
        assert form_numbers(changed, 1) != form_numbers(changed, 2)
        assert len(form_numbers(changed, 1)) == len(NUMBERED)


def test_a_number_belongs_to_the_attribute_it_tells_of() -> None:
    girl = {"style": "anime", "hair blend": "plain", "hair style": "long"}
    for key, value in (("style", "sepia"), ("shape", "toy"), ("hair blend", "tips")):
        pairs = zip(form_numbers(girl, 1), form_numbers({**girl, key: value}, 1), strict=True)
        changed = {NUMBERED[column] for column, (old, new) in enumerate(pairs) if old != new}
        assert changed == {key}
