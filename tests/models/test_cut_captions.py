"""Captions that the greatest length cut."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from traintab.models.cut_captions import without_cut_sentences

TOKENIZER = SimpleNamespace(all_special_ids=[0, 1])
CUT, ENDED, FORCED = [5, 6, 7, 8], [5, 6, 1, 0], [5, 6, 7, 1]


def kept(caption: str, tokens: list[int], **lengths: int) -> str:
    (found,) = without_cut_sentences([caption], torch.tensor([tokens]), lengths, TOKENIZER)
    return found


@pytest.mark.parametrize("tokens", [CUT, FORCED])
def test_a_cut_caption_ends_with_its_last_whole_sentence(tokens: list[int]) -> None:
    assert kept("A cat. It sits! On a", tokens, max_new_tokens=4) == "A cat. It sits!"


def test_a_caption_that_came_to_its_end_is_left_alone() -> None:
    assert kept("A cat. A hat", ENDED, max_length=4) == "A cat. A hat"
    assert kept("A cat. A hat", CUT, max_length=5) == "A cat. A hat", "there was room left"


def test_without_a_whole_sentence_the_words_are_kept() -> None:
    assert kept("a cat of 3.5 years on a", CUT, max_length=4) == "a cat of 3.5 years on a"
    assert kept("", [1], max_length=1) == ""


def test_each_caption_of_a_batch_is_judged_alone() -> None:
    output = torch.tensor([CUT, ENDED])
    assert without_cut_sentences(["One. Tw", "One. Tw"], output, {"max_length": 4}, TOKENIZER) == [
        "One.",
        "One. Tw",
    ]
