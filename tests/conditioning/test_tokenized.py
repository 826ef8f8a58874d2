from __future__ import annotations

import pytest
import torch

from traintab.conditioning.names import NameFinder
from traintab.conditioning.tokenized import Placement, TokenizedPrompt, empty_chunk, tokenize_prompt
from traintab.models.model import Model
from traintab.models.text_encoder import TextEncoder


@pytest.fixture
def text_encoder(tiny_model: Model) -> TextEncoder:
    return tiny_model.text_encoders[0]


def content(prompt: TokenizedPrompt, chunk: int, text_encoder: TextEncoder) -> list[int]:
    """Tokens of a chunk between the first and the closing one."""
    ids = prompt.input_ids[chunk].tolist()
    return ids[1 : ids.index(text_encoder.eos_id)]


def test_a_short_prompt_is_one_chunk_padded_with_the_closing_token(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("a red hat", text_encoder, {})

    ids = prompt.input_ids[0].tolist()
    assert prompt.input_ids.shape == (1, 77)
    assert ids[0] == text_encoder.bos_id
    assert ids[1:4] == text_encoder.tokenize("a red hat")
    assert set(ids[4:]) == {text_encoder.eos_id}
    assert torch.equal(prompt.weights, torch.ones(1, 77))
    assert prompt.placements == ()


def test_the_ids_are_those_of_the_tokenizer_itself(text_encoder: TextEncoder) -> None:
    text = "a photo of girl, red hat; <unknown>!"
    expected = text_encoder.tokenizer(text, padding="max_length", max_length=77).input_ids

    assert tokenize_prompt(text, text_encoder, {}).input_ids[0].tolist() == expected


def test_padding_of_another_kind_follows_one_closing_token(text_encoder: TextEncoder) -> None:
    class PadsWithZero(TextEncoder):
        pad_id = 0  # type: ignore[assignment]

    encoder = PadsWithZero("clip_h", text_encoder.tokenizer, text_encoder.module)

    assert tokenize_prompt("hat", encoder, {}).input_ids[0, 2:5].tolist() == [encoder.eos_id, 0, 0]


def test_an_empty_prompt_is_one_empty_chunk(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("", text_encoder, {})

    assert torch.equal(prompt.input_ids, empty_chunk(text_encoder))


def test_seventy_five_tokens_fill_a_chunk_and_one_more_opens_the_next(text_encoder: TextEncoder) -> None:
    assert tokenize_prompt("cat " * 75, text_encoder, {}).num_chunks == 1

    longer = tokenize_prompt("cat " * 76, text_encoder, {})

    assert longer.num_chunks == 2
    assert longer.input_ids[0, 76] == text_encoder.eos_id
    assert len(content(longer, 1, text_encoder)) == 1


def test_words_after_a_late_comma_move_on_together(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("cat " * 70 + ", " + "hat " * 6, text_encoder, {})

    assert len(content(prompt, 0, text_encoder)) == 71
    assert content(prompt, 1, text_encoder) == text_encoder.tokenize("hat " * 6)


def test_words_after_an_early_comma_stay(text_encoder: TextEncoder) -> None:
    exactly_twenty_back = tokenize_prompt("cat " * 55 + ", " + "hat " * 20, text_encoder, {})
    further_back = tokenize_prompt("cat " * 54 + ", " + "hat " * 21, text_encoder, {})

    assert len(content(exactly_twenty_back, 0, text_encoder)) == 56
    assert len(content(further_back, 0, text_encoder)) == 75


def test_a_comma_that_does_not_fit_opens_the_next_chunk(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("cat " * 70 + ", " + "hat " * 4 + ",", text_encoder, {})

    assert len(content(prompt, 0, text_encoder)) == 75
    assert content(prompt, 1, text_encoder) == text_encoder.tokenize(",")


def test_weights_stand_at_their_tokens(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("a (red hat:1.5) [cat]", text_encoder, {})

    assert prompt.weights[0, :6].tolist() == pytest.approx([1, 1, 1.5, 1.5, 1 / 1.1, 1])
    assert prompt.is_weighted
    assert not tokenize_prompt("a red hat", text_encoder, {}).is_weighted


def test_break_closes_a_chunk(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("red hat BREAK cat", text_encoder, {})

    assert prompt.num_chunks == 2
    assert content(prompt, 0, text_encoder) == text_encoder.tokenize("red hat")
    assert content(prompt, 1, text_encoder) == text_encoder.tokenize("cat")


def test_an_embedding_takes_a_place_for_each_vector(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("a mycat hat", text_encoder, {"mycat": 3})

    assert prompt.placements == tuple(Placement("mycat", row, 0, 2 + row) for row in range(3))
    assert prompt.input_ids[0, 5].item() == text_encoder.tokenize("hat")[0]
    assert prompt.names == ("mycat",)


def test_the_weight_of_an_embedding_is_at_all_its_places(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("(mycat:1.2) hat", text_encoder, {"mycat": 2})

    assert prompt.weights[0, :4].tolist() == pytest.approx([1, 1.2, 1.2, 1])


def test_an_embedding_is_never_split_across_chunks(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("cat " * 73 + "mycat", text_encoder, {"mycat": 3})

    assert {placement.chunk for placement in prompt.placements} == {1}
    assert [placement.position for placement in prompt.placements] == [1, 2, 3]


def test_an_embedding_that_just_fits_stays(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("cat " * 72 + "mycat", text_encoder, {"mycat": 3})

    assert prompt.num_chunks == 1
    assert prompt.placements[-1].position == 75


def test_an_embedding_after_a_late_comma_moves_with_its_words(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("cat " * 70 + ", mycat hat hat", text_encoder, {"mycat": 3})

    assert len(content(prompt, 0, text_encoder)) == 71
    assert [(p.row, p.chunk, p.position) for p in prompt.placements] == [(0, 1, 1), (1, 1, 2), (2, 1, 3)]


def test_an_embedding_that_opens_the_next_chunk_takes_the_words_after_a_comma_along(
    text_encoder: TextEncoder,
) -> None:
    prompt = tokenize_prompt("cat " * 70 + ", " + "hat " * 4 + "mycat", text_encoder, {"mycat": 2})

    assert content(prompt, 1, text_encoder)[:4] == text_encoder.tokenize("hat " * 4)
    assert [(p.chunk, p.position) for p in prompt.placements] == [(1, 5), (1, 6)]


def test_seventy_five_vectors_fill_a_chunk_and_more_are_left_out(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("mycat", text_encoder, {"mycat": 80})

    assert prompt.num_chunks == 1
    assert len(prompt.placements) == 75


def test_rows_and_places_count_over_all_chunks(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("mycat BREAK hat mycat", text_encoder, {"mycat": 2})

    rows, places = prompt.on(torch.device("cpu")).rows_and_places["mycat"]

    assert rows.tolist() == [0, 1, 0, 1]
    assert places.tolist() == [1, 2, 77 + 2, 77 + 3]


def test_equal_prompts_are_equal_and_different_ones_are_not(text_encoder: TextEncoder) -> None:
    first, second = (tokenize_prompt("a mycat", text_encoder, {"mycat": 1}) for _ in range(2))
    weighted = tokenize_prompt("a (mycat:1.1)", text_encoder, {"mycat": 1})
    other = tokenize_prompt("a mygirl", text_encoder, {"mygirl": 1})

    assert first == second
    assert hash(first) == hash(second)
    assert len({first, second, weighted, other}) == 3
    assert first != "a mycat"


def test_a_finder_made_once_serves_many_prompts(text_encoder: TextEncoder) -> None:
    finder = NameFinder(text_encoder, {"mycat": 1})

    assert tokenize_prompt("mycat", text_encoder, finder) == tokenize_prompt(
        "mycat", text_encoder, {"mycat": 1}
    )


def test_a_prompt_is_brought_to_a_device_once(text_encoder: TextEncoder) -> None:
    prompt = tokenize_prompt("a photo of mycat", text_encoder, {"mycat": 2})
    cpu = torch.device("cpu")
    assert prompt.on(cpu) is prompt.on(cpu)
    assert prompt.on(cpu).input_ids is prompt.input_ids
