from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.conditioning.chunks import ChunkedPrompt, chunk_prompt
from traintab.conditioning.names import NameFinder
from traintab.models.model import Model
from traintab.models.text_encoder import TextEncoder

VECTORS = {"three": 3, "full": 75}

# Recorded from A1111: the tokens in each chunk, and what its counter shows before the slash. Every word
# and every comma is one token; `three` and `full` are embeddings with as many vectors.
A1111 = [
    ("", [0], 0),
    ("cat " * 75, [75], 75),
    ("cat " * 76, [75, 1], 76),
    ("cat " * 150, [75, 75], 150),
    ("cat " * 151, [75, 75, 1], 151),
    ("cat " * 70 + ", " + "hat " * 6, [71, 6], 81),
    ("cat " * 55 + ", " + "hat " * 20, [56, 20], 95),
    ("cat " * 54 + ", " + "hat " * 21, [75, 1], 76),
    ("cat " * 70 + ", " + "hat " * 4 + ",", [75, 1], 76),
    ("cat, " * 60, [75, 45], 120),
    ("red cat, " * 80, [75, 75, 75, 15], 240),
    ("a red cat, " * 80, [75, 73, 75, 73, 24], 324),
    ("red hat BREAK cat", [2, 1], 76),
    ("BREAK", [0], 75),
    ("a BREAK", [1], 75),
    ("BREAK BREAK", [0, 0], 150),
    ("cat " * 75 + "BREAK", [75], 75),
    ("cat " * 75 + "BREAK cat", [75, 1], 76),
    ("cat " * 73 + "three", [73, 3], 78),
    ("cat " * 72 + "three", [75], 75),
    ("cat " * 70 + ", three hat hat", [71, 5], 80),
    ("cat " * 73 + "three " + "cat " * 70 + "three", [73, 73, 3], 153),
    ("full full", [75, 75], 150),
    ("full cat", [75, 1], 76),
]


@pytest.fixture(scope="module")
def text_encoder(tiny_model: Model) -> TextEncoder:
    return tiny_model.text_encoders[0]


def chunked(prompt: str, text_encoder: TextEncoder) -> ChunkedPrompt:
    return chunk_prompt(prompt, text_encoder, NameFinder(text_encoder, VECTORS))


@pytest.mark.parametrize(("prompt", "lengths", "num_tokens"), A1111)
def test_chunks_are_divided_and_counted_as_in_a1111(
    prompt: str, lengths: list[int], num_tokens: int, text_encoder: TextEncoder
) -> None:
    found = chunked(prompt, text_encoder)

    assert [len(chunk.ids) for chunk in found.chunks] == lengths
    assert found.num_tokens == num_tokens


def test_every_token_has_its_weight_in_whatever_chunk_it_comes(text_encoder: TextEncoder) -> None:
    found = chunked("cat " * 70 + ", (hat hat:1.5) " + "cat " * 4, text_encoder)

    assert found.chunks[1].weights == [1.5, 1.5, 1.0, 1.0, 1.0, 1.0]


@given(
    st.lists(
        st.sampled_from(["cat", "hat,", "(red:1.2)", "three", "full", "BREAK", "[a]", "<x>"]), max_size=120
    )
)
def test_no_chunk_is_too_long_and_no_embedding_is_split(text_encoder: TextEncoder, words: list[str]) -> None:
    found = chunked(" ".join(words), text_encoder)

    for chunk in found.chunks:
        assert len(chunk.ids) == len(chunk.weights) <= 75
        rows = [vector.row for vector in chunk.vectors]
        places = [vector.place for vector in chunk.vectors]
        assert places == sorted(set(places))
        assert rows.count(0) == rows.count(2)
    vectors = [vector for chunk in found.chunks for vector in chunk.vectors]
    assert len(vectors) == sum(VECTORS.get(word, 0) for word in words)
