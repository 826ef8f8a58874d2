from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import torch

from traintab.embeddings.card_text import FACTS_KEY, card_json, facts_text, png_text, read_facts
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.embeddings.picture_card import make_card, plain_picture

VECTORS = torch.tensor([[0.1, -1e-40, 59999.0, 0.0] * 8])
ONE = Embedding(name="夏", vectors={"clip_l": VECTORS}, step=3, sd_checkpoint="0123456789")
TWO = Embedding(
    name="mira",
    vectors={"clip_l": torch.ones(1, 768), "clip_g": torch.ones(1, 1280)},
    step=9,
    sd_checkpoint="0123456789",
    sd_checkpoint_name="xl",
)


def test_the_text_is_the_json_in_base64() -> None:
    key, value = png_text(ONE)
    assert key == "sd-ti-embedding"
    assert base64.b64decode(value) == card_json(ONE)


def test_the_json_is_a1111s_dictionary_with_every_bit_of_the_numbers() -> None:
    tree = json.loads(card_json(ONE))
    numbers = torch.tensor(tree["string_to_param"].pop("*").pop("TORCHTENSOR"), dtype=torch.float32)
    assert torch.equal(numbers, VECTORS)
    assert tree == {
        "string_to_token": {"*": 265},
        "string_to_param": {},
        "name": "夏",
        "step": 3,
        "sd_checkpoint": "0123456789",
        "sd_checkpoint_name": None,
    }


def test_a_card_of_two_text_encoders_tells_its_facts_in_a_chunk_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "anything.png"
    path.write_bytes(make_card(plain_picture(), TWO))
    found = read_embedding(path)
    assert (found.name, found.step, found.sd_checkpoint, found.sd_checkpoint_name) == (
        "mira",
        9,
        "0123456789",
        "xl",
    )


def test_facts_are_read_back() -> None:
    key, value = facts_text(TWO)
    assert key == FACTS_KEY
    assert read_facts(value.encode()) == {
        "modelspec.trigger_phrase": "mira",
        "modelspec.steps": "9",
        "sd_checkpoint": "0123456789",
        "sd_checkpoint_name": "xl",
    }


@pytest.mark.parametrize(
    "value",
    [b"", b"%", b"AAAA", base64.b64encode(b"[1]"), base64.b64encode(b"[" * 9000), base64.b64encode(b"\xff")],
    ids=["empty", "no base64", "no json", "a list", "deep", "no text"],
)
def test_facts_that_cant_be_read_are_none(value: bytes) -> None:
    assert read_facts(value) == {}


def test_only_texts_are_facts() -> None:
    assert read_facts(base64.b64encode(b'{"a": 1, "b": "x", "c": ["y"]}')) == {"b": "x"}
