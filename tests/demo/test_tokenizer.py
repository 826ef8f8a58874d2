"""The demo model's byte-pair tokenizer."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from traintab.demo.characters import NAMES
from traintab.demo.tokenizer import build_tokenizer, learn_merges, load_tokenizer
from traintab.paths import PACKAGE_DIR


@pytest.fixture(scope="module")
def tokenizer(tokenizer_dir: Path) -> CLIPTokenizer:
    return load_tokenizer(tokenizer_dir)


def words_of(tokenizer: CLIPTokenizer, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False).input_ids)


@pytest.mark.parametrize(
    "word",
    [
        "girl",
        "boy",
        "person",
        "man",
        "woman",
        "cat",
        "dog",
        "toy",
        "style",
        "painting",
        "photo",
        "art",
        "*",
        "eyes",
    ],
)
def test_ordinary_words_are_single_tokens(tokenizer: CLIPTokenizer, word: str) -> None:
    assert len(words_of(tokenizer, word)) == 1


def test_every_characters_name_is_a_single_token(tokenizer: CLIPTokenizer) -> None:
    assert all(len(words_of(tokenizer, name)) == 1 for name in NAMES)


def test_different_words_are_different_tokens(tokenizer: CLIPTokenizer) -> None:
    assert len({words_of(tokenizer, name)[0] for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("text", ["Ünïcödé", "日本語", "☃ 🎨", "zxqv!?#", "tab\tand\nline"])
def test_any_text_encodes_without_loss(tokenizer: CLIPTokenizer, text: str) -> None:
    decoded = tokenizer.decode(words_of(tokenizer, text))
    assert decoded.replace(" ", "") == "".join(text.lower().split())


def test_case_does_not_matter(tokenizer: CLIPTokenizer) -> None:
    assert words_of(tokenizer, "A PHOTO of Sakura") == words_of(tokenizer, "a photo of sakura")


def test_the_special_tokens_are_the_last_two(tokenizer: CLIPTokenizer) -> None:
    size = len(tokenizer)
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id) == (size - 2, size - 1)
    assert tokenizer.pad_token_id == tokenizer.eos_token_id


def test_a_prompt_is_padded_to_77(tokenizer: CLIPTokenizer) -> None:
    ids = tokenizer("a girl", padding="max_length", truncation=True).input_ids
    assert len(ids) == 77
    assert ids[0] == tokenizer.bos_token_id
    assert set(ids[3:]) == {tokenizer.eos_token_id}


def test_the_vocabulary_begins_with_bytes_as_clips_does(tokenizer_dir: Path) -> None:
    vocabulary = json.loads((tokenizer_dir / "vocab.json").read_text(encoding="utf-8"))
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    assert tokens[:3] == ["!", '"', "#"]
    assert tokens[256:258] == ["!</w>", '"</w>']
    assert sorted(vocabulary.values()) == list(range(len(vocabulary)))


def test_merges_join_the_commonest_pair_first() -> None:
    merges = learn_merges(Counter({"aab": 5, "aac": 4, "b": 9}), 10)
    assert merges == [("a", "a"), ("aa", "b</w>"), ("aa", "c</w>")]


def test_no_more_merges_than_asked_for() -> None:
    assert len(learn_merges(Counter({"abcdefgh": 1}), 3)) == 3


def test_a_finished_tokenizer_is_left_alone(tokenizer_dir: Path) -> None:
    before = (tokenizer_dir / "vocab.json").stat().st_mtime_ns
    build_tokenizer(tokenizer_dir)
    assert (tokenizer_dir / "vocab.json").stat().st_mtime_ns == before


def test_the_shipped_tokenizer_is_the_one_the_program_makes(tokenizer_dir: Path) -> None:
    shipped = PACKAGE_DIR / "demo" / "model" / "tokenizer"
    for name in ("vocab.json", "merges.txt"):
        assert (shipped / name).read_text(encoding="utf-8") == (tokenizer_dir / name).read_text(
            encoding="utf-8"
        )
