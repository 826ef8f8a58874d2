from __future__ import annotations

import pytest

from traintab.conditioning.names import NameFinder
from traintab.models.model import Model
from traintab.models.text_encoder import TextEncoder


@pytest.fixture
def text_encoder(tiny_model: Model) -> TextEncoder:
    return tiny_model.text_encoders[0]


def found_in(text: str, names: dict[str, int], text_encoder: TextEncoder) -> list[str]:
    """The names found in `text`, going on after each."""
    finder, ids = NameFinder(text_encoder, names), text_encoder.tokenize(text)
    found, position = [], 0
    while position < len(ids):
        match = finder.at(ids, position)
        if match is not None:
            found.append(match[0])
        position += match[2] if match is not None else 1
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a photo of mycat", ["mycat"]),
        ("A PHOTO OF MYCAT", ["mycat"]),
        ("mycats", []),
        ("wildmycat", []),
        ("mycat, mycat", ["mycat", "mycat"]),
        ("<mycat>", ["mycat"]),
        ("my-mycat-x", ["mycat"]),
        ("my cat", []),
    ],
)
def test_a_name_is_found_as_a_whole_word(text: str, expected: list[str], text_encoder: TextEncoder) -> None:
    assert found_in(text, {"mycat": 1}, text_encoder) == expected


def test_the_longest_name_wins(text_encoder: TextEncoder) -> None:
    names = {"red": 1, "red hat": 2, "hat": 1}

    assert found_in("red hat, red girl, hat", names, text_encoder) == ["red hat", "red", "hat"]


def test_digits_are_tokens_of_their_own_so_a_shorter_number_matches_a_longer_one(
    text_encoder: TextEncoder,
) -> None:
    assert found_in("cat-5 0", {"cat-5": 1}, text_encoder) == ["cat-5"]


def test_of_two_spellings_of_one_name_the_first_given_wins(text_encoder: TextEncoder) -> None:
    assert found_in("cat", {"Cat": 1, "cat": 2}, text_encoder) == ["Cat"]


def test_the_number_of_vectors_and_tokens_are_told(text_encoder: TextEncoder) -> None:
    finder = NameFinder(text_encoder, {"red hat": 5})

    assert finder.at(text_encoder.tokenize("red hat"), 0) == ("red hat", 5, 2)


def test_a_name_without_tokens_is_never_found(text_encoder: TextEncoder) -> None:
    assert found_in("a cat", {" ": 1}, text_encoder) == []


def test_a_name_is_not_found_at_the_end_of_a_longer_word_however_that_is_divided(
    text_encoder: TextEncoder,
) -> None:
    name, word = text_encoder.tokenize("mycat"), text_encoder.tokenize("wildmycat")

    assert word[-len(name) :] == name
    assert found_in("wildmycat", {"mycat": 1}, text_encoder) == []


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("embedding:mycat", ""),
        ("Embedding:MyCat, hat", ", hat"),
        ("embedding: mycat hat", "hat"),
        ("embedding:mycat.safetensors hat", "hat"),
        ("embedding:mycat.pt, hat", ", hat"),
        ("embedding:mycat.bin", ""),
        ("embedding:mycat. hat", ". hat"),
        ("embedding:red hat.pt", ""),
        ("embedding:<x>", ""),
    ],
)
def test_comfyuis_way_to_call_an_embedding_is_the_name_alone(
    text: str, others: str, text_encoder: TextEncoder
) -> None:
    ids = text_encoder.tokenize(text)

    found = NameFinder(text_encoder, {"mycat": 2, "red": 1, "red hat": 3, "<x>": 4}).at(ids, 0)

    assert found is not None
    assert ids[found.length :] == text_encoder.tokenize(others)


@pytest.mark.parametrize(
    "text", ["embedding:unknown", "embedding mycat", "myembedding:mycat", "embedding:mycats"]
)
def test_the_word_embedding_alone_is_a_word(text: str, text_encoder: TextEncoder) -> None:
    assert NameFinder(text_encoder, {"mycat": 2}).at(text_encoder.tokenize(text), 0) is None


def test_a_suffix_belongs_to_the_name_only_where_comfyui_writes_it(text_encoder: TextEncoder) -> None:
    found = NameFinder(text_encoder, {"mycat": 2}).at(text_encoder.tokenize("mycat.pt"), 0)

    assert found is not None
    assert found.length == len(text_encoder.tokenize("mycat"))
