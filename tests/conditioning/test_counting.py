from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.conditioning.counting import TokenCount, TokenCounter
from traintab.models.model import Model
from traintab.models.text_encoder import TextEncoder


@pytest.fixture(scope="module")
def text_encoder(tiny_model: Model) -> TextEncoder:
    return tiny_model.text_encoders[0]


@pytest.fixture(scope="module")
def counter(text_encoder: TextEncoder) -> TokenCounter:
    return TokenCounter(text_encoder, {"mycat": 4, "my hat": 2}, loras=["Ink"])


def test_words_and_commas_are_counted(counter: TokenCounter) -> None:
    assert counter.count("a red cat, a hat") == TokenCount(tokens=6, capacity=75, chunks=1)


def test_nothing_is_none_of_seventy_five(counter: TokenCounter) -> None:
    assert counter.count("") == TokenCount(tokens=0, capacity=75, chunks=1)


def test_the_capacity_grows_by_whole_chunks(counter: TokenCounter) -> None:
    assert counter.count("cat " * 75) == TokenCount(tokens=75, capacity=75, chunks=1)
    assert counter.count("cat " * 76) == TokenCount(tokens=76, capacity=150, chunks=2)
    assert counter.count("red BREAK cat") == TokenCount(tokens=76, capacity=150, chunks=2)


def test_brackets_and_weights_take_no_room(counter: TokenCounter) -> None:
    assert counter.count("a ((red)) [cat], (a hat:1.3)").tokens == counter.count("a red cat, a hat").tokens


def test_an_embedding_is_recognised_and_counts_with_all_its_vectors(counter: TokenCounter) -> None:
    count = counter.count("a MyCat, my hat, mycats, (mycat:1.2)")

    assert count.recognised == ("mycat", "my hat")
    assert count.tokens == counter.count("a, , mycats,").tokens + 4 + 2 + 4


def test_the_longest_of_a_prompts_texts_counts(counter: TokenCounter) -> None:
    assert counter.count("a [cat:red red red:0.5]").tokens == 4
    assert counter.count("[cat|red hat] a").tokens == 3
    assert counter.count("cat AND a red hat :1.5 AND hat").tokens == 3


def test_embeddings_of_all_texts_are_recognised(counter: TokenCounter) -> None:
    assert counter.count("[mycat:my hat:5]").recognised == ("mycat", "my hat")
    assert counter.count("cat AND mycat").recognised == ("mycat",)


def test_in_a_negative_prompt_and_is_a_word(counter: TokenCounter, text_encoder: TextEncoder) -> None:
    words = len(text_encoder.tokenize("cat AND hat"))

    assert counter.count("cat AND hat", is_negative=True).tokens == words
    assert counter.count("cat AND hat").tokens == 1


def test_tags_of_networks_take_no_room_and_those_without_a_file_are_told(counter: TokenCounter) -> None:
    count = counter.count("cat <lora:ink:0.8> <lora:nik> <lyco:Ink> <hypernet:ink> <lora:nik:1>")

    assert count.tokens == 1
    assert count.unknown_networks == ("lora:nik", "hypernet:ink")


def test_in_a_negative_prompt_no_network_is_applied(counter: TokenCounter) -> None:
    assert counter.count("<lora:ink>", is_negative=True).unknown_networks == ("lora:ink",)


def test_a_schedule_counts_for_the_steps_it_is_drawn_in(counter: TokenCounter) -> None:
    assert counter.count("[cat:red red:30]", steps=20).tokens == 1
    assert counter.count("[cat:red red:30]", steps=40).tokens == 2


def test_the_weights_of_the_text_encoder_are_not_needed(text_encoder: TextEncoder) -> None:
    class Unmoved(torch.nn.Module):
        """Knows how many places it has and can do nothing else."""

        config = text_encoder.module.config

    encoder = TextEncoder("clip_l", text_encoder.tokenizer, Unmoved())

    assert TokenCounter(encoder, {"mycat": 2}).count("a mycat").tokens == 3


def test_a_keystroke_asks_the_tokenizer_for_what_has_changed_alone(text_encoder: TextEncoder) -> None:
    asked: list[str] = []

    def tokenizer(texts: list[str], **options: object) -> object:
        asked.extend(texts)
        return text_encoder.tokenizer(texts, **options)

    counter = TokenCounter(TextEncoder("clip_l", tokenizer, text_encoder.module), {})
    counter.count("(red:1.2) hat, [blue]")
    asked.clear()

    counter.count("(red:1.2) hats, [blue]")

    assert asked == [" hats, "]


def test_many_texts_are_counted_as_well_as_few(text_encoder: TextEncoder) -> None:
    counter = TokenCounter(text_encoder, {})

    assert {counter.count(f"cat ({number}) hat").tokens for number in range(1000, 3200)} == {6}


@given(st.text(max_size=80))
def test_any_text_is_counted(counter: TokenCounter, prompt: str) -> None:
    count = counter.count(prompt)

    assert 0 <= count.tokens <= count.capacity == 75 * count.chunks
    assert count.capacity - count.tokens < 75 or count.tokens == 0
