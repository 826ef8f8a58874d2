"""Captions that the greatest length cut off in the middle of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import torch

__all__ = ["without_cut_sentences"]

_END = re.compile(r"[.!?](?=\s|$)")


def without_cut_sentences(
    captions: Sequence[str], output: torch.Tensor, lengths: dict[str, int], tokenizer: Any
) -> list[str]:
    """`captions` of `output` (`[batch, tokens]`), those that were cut up to the last end of a sentence.

    `lengths` is what `generate` was given. A caption without any whole sentence stays as it is. A caption
    counts as cut when the output is of the greatest length and nothing closes or fills it before its last
    token; that one is a closing token in some models, whether the sentence is at its end or not.
    """
    greatest = lengths.get("max_length", lengths.get("max_new_tokens", 0))
    if output.shape[1] < max(greatest, 2):
        return list(captions)
    special = set(tokenizer.all_special_ids)
    before_last = output[:, -2].tolist()
    return [
        caption if token in special else _whole(caption)
        for caption, token in zip(captions, before_last, strict=True)
    ]


def _whole(caption: str) -> str:
    ends = [match.end() for match in _END.finditer(caption)]
    return caption[: ends[-1]] if ends else caption
