from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from traintab.models.model import Model
from traintab.models.text_encoder import TextEncoder, encoder_names


@pytest.fixture
def text_encoder(tiny_model: Model) -> TextEncoder:
    return tiny_model.text_encoders[0]


def test_sd2_s_encoder_is_clip_h_two_are_sdxl_s_and_the_others_are_clip_l() -> None:
    names = [encoder_names(widths) for widths in ((128,), (768,), (1024,), (768, 1280))]

    assert names == [("clip_l",), ("clip_l",), ("clip_h",), ("clip_l", "clip_g")]


def test_its_numbers_are_those_of_clip(text_encoder: TextEncoder) -> None:
    assert (text_encoder.max_tokens, text_encoder.max_content_tokens) == (77, 75)
    assert text_encoder.width == 32
    assert text_encoder.pad_id == text_encoder.eos_id != text_encoder.bos_id
    assert text_encoder.device.type == "cpu"


def test_tokens_come_without_the_first_and_the_closing_one(text_encoder: TextEncoder) -> None:
    ids = text_encoder.tokenize("a photo of girl")

    assert len(ids) == 4
    assert not {text_encoder.bos_id, text_encoder.eos_id} & set(ids)


def test_long_texts_are_not_cut_off(text_encoder: TextEncoder) -> None:
    assert len(text_encoder.tokenize("cat " * 200)) == 200


def test_upper_and_lower_case_are_the_same(text_encoder: TextEncoder) -> None:
    assert text_encoder.tokenize("A PHOTO") == text_encoder.tokenize("a photo")


def test_many_texts_at_once_give_what_they_give_alone(text_encoder: TextEncoder) -> None:
    texts = ["cat", "", "red hat"]

    assert text_encoder.tokenize_all(texts) == [text_encoder.tokenize(text) for text in texts]
    assert text_encoder.tokenize_all([]) == []


def test_the_last_token_of_a_word_ends_it(text_encoder: TextEncoder) -> None:
    ids = text_encoder.tokenize("xy, cat")

    assert [text_encoder.ends_word(token) for token in ids] == [False, True, True, True]


def test_padding_falls_back_to_the_closing_token(text_encoder: TextEncoder) -> None:
    class Tokenizer:
        pad_token_id = None
        eos_token_id = 7

    assert TextEncoder("clip_l", Tokenizer(), text_encoder.module).pad_id == 7


def test_token_vectors_are_a_copy_of_the_table_s_rows(text_encoder: TextEncoder) -> None:
    table = text_encoder.embedding_layer.weight
    before = table.clone()

    vectors = text_encoder.token_vectors("girl hat")
    first = vectors[0].clone()
    vectors.add_(1)

    assert (vectors.dtype, tuple(vectors.shape)) == (torch.float32, (2, 32))
    assert torch.equal(table, before)
    assert torch.equal(first, table[text_encoder.tokenize("girl")[0]])
    assert not vectors.requires_grad


def test_an_empty_text_has_no_token_vectors(text_encoder: TextEncoder) -> None:
    assert tuple(text_encoder.token_vectors("").shape) == (0, 32)


def without_last_layer(module: nn.Module) -> nn.Module:
    """What clip skip means: the same encoder, with its final norm, without its last layer."""
    shorter = copy.deepcopy(module)
    layers = getattr(shorter, "text_model", shorter).encoder.layers
    del layers[-1]
    shorter.config.num_hidden_layers = len(layers)
    return shorter


def test_clip_skip_2_is_the_encoder_without_its_last_layer(text_encoder: TextEncoder) -> None:
    ids = torch.tensor([[text_encoder.bos_id, *range(40, 115), text_encoder.eos_id]])

    states, _ = text_encoder.forward(ids, clip_skip=2)

    expected = without_last_layer(text_encoder.module)(input_ids=ids).last_hidden_state
    assert torch.allclose(states, expected, atol=1e-6)
    assert not torch.allclose(states, text_encoder.forward(ids).states, atol=1e-3)


def test_sdxl_s_encoders_give_the_layer_before_the_last_without_norm(tiny_families: Any) -> None:
    for encoder in tiny_families.model("sdxl").text_encoders:
        ids = torch.tensor([[encoder.bos_id, *range(40, 115), encoder.eos_id]])

        states = encoder.forward(ids).states

        shorter = without_last_layer(encoder.module)
        shorter = getattr(shorter, "text_model", shorter)
        shorter.final_layer_norm = nn.Identity()
        assert torch.allclose(states, shorter(input_ids=ids).last_hidden_state, atol=1e-6)


def test_the_pooled_output_is_the_first_closing_token_s_in_a_vocabulary_with_more_words(
    tiny_families: Any,
) -> None:
    encoder = tiny_families.model("sdxl").text_encoders[1]
    module = copy.deepcopy(encoder.module)
    module.resize_token_embeddings(module.config.vocab_size + 1)
    larger = TextEncoder("clip_g", encoder.tokenizer, module, encoder.output_layer)
    added = module.config.vocab_size - 1
    ids = torch.full((1, 77), encoder.eos_id)
    ids[0, :3] = torch.tensor([encoder.bos_id, added, 40])

    pooled = larger.forward(ids).pooled

    state = module(input_ids=ids).last_hidden_state[:, 3]
    assert pooled is not None
    assert torch.allclose(pooled, module.text_projection(state), atol=1e-6)


def test_half_of_a_character_is_taken_for_a_question_mark(text_encoder: TextEncoder) -> None:
    assert text_encoder.tokenize("a \ud800 cat") == text_encoder.tokenize("a ? cat")


def test_forward_gives_the_last_hidden_state(text_encoder: TextEncoder) -> None:
    ids = torch.full((2, 77), text_encoder.eos_id)

    states, pooled = text_encoder.forward(ids)

    assert pooled is None
    assert tuple(states.shape) == (2, 77, 32)
    assert torch.equal(states, text_encoder.module(input_ids=ids).last_hidden_state)
