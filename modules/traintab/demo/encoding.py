"""Captions and attributes as tensors: token ids, where each attribute becomes known, class numbers, and the
numbers of style and form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from transformers import CLIPTokenizer

from .captions import SUBJECT, Caption
from .forms import HAIR_WIDTH, TOY_WIDTH, hair_vector, toy_vector
from .styles import ARTISTS, style_of, style_vector
from .tokenizer import LENGTH
from .world import ATTRIBUTES, HELD_OUT, Attributes

CLASSES: dict[str, tuple[str, ...]] = {
    key: tuple(value for value in values if value not in HELD_OUT.get(key, ()))
    + (ARTISTS if key == "style" else ())
    for key, values in ATTRIBUTES.items()
}
"""What the generator's side can tell apart: no held-out values, and the artists among the styles."""

KEYS = tuple(CLASSES)
NUMBERED = ("style",) * 15 + ("shape",) * TOY_WIDTH + ("hair blend",) * HAIR_WIDTH
"""Which attribute each of a picture's numbers belongs to."""
NUMBER_COLUMNS = tuple(KEYS.index(key) for key in NUMBERED)
NUMBER_WEIGHT = 4.0
"""How much the squared error of a number counts beside the cross entropy of an attribute."""


@dataclass(frozen=True)
class CaptionBatch:
    """Captions of one batch.

    `ids`: int64 [batch, 77]. `known_from`: int64 [batch, attributes], the position from which on an
    attribute has been stated, 77 where it never is. `subject`: int64 [batch], the position of a made-up
    name, -1 without one. `made_up`: bool [batch, attributes], what that name stands for.
    """

    ids: Tensor
    known_from: Tensor
    subject: Tensor
    made_up: Tensor

    def to(self, device: torch.device) -> CaptionBatch:
        """The same batch on `device`."""
        parts = (self.ids, self.known_from, self.subject, self.made_up)
        return CaptionBatch(*(part.to(device) for part in parts))


class Known(NamedTuple):
    """What has been told: bool [batch, positions, attributes], and the same of the numbers, [.., 26]."""

    values: Tensor
    numbers: Tensor


class CaptionEncoder:
    """Turns captions into token ids phrase by phrase, remembering positions."""

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        self._tokenizer = tokenizer
        self._phrases: dict[str, tuple[int, ...]] = {}

    def _ids(self, text: str) -> tuple[int, ...]:
        if text not in self._phrases:
            words = text.removeprefix(SUBJECT)
            self._phrases[text] = tuple(self._tokenizer(words, add_special_tokens=False).input_ids)
        return self._phrases[text]

    def encode(self, captions: Sequence[Caption]) -> CaptionBatch:
        """Tensors for `captions`; what exceeds 75 tokens is cut off."""
        end = self._tokenizer.eos_token_id
        ids = torch.full((len(captions), LENGTH), end)
        known_from = torch.full((len(captions), len(KEYS)), LENGTH)
        subject = torch.full((len(captions),), -1)
        made_up = torch.zeros(len(captions), len(KEYS), dtype=torch.bool)
        for row, caption in enumerate(captions):
            tokens = [self._tokenizer.bos_token_id]
            for phrase in caption:
                tokens += self._ids(phrase.text)
                keys = [KEYS.index(key) for key in phrase.states]
                if len(tokens) < LENGTH:
                    for key in keys:
                        known_from[row, key] = min(len(tokens) - 1, int(known_from[row, key]))
                if phrase.text.startswith(SUBJECT) and len(tokens) < LENGTH:
                    subject[row] = len(tokens) - 1
                    made_up[row, keys] = True
            tokens = tokens[: LENGTH - 1]
            ids[row, : len(tokens)] = torch.tensor(tokens)
        return CaptionBatch(ids, known_from, subject, made_up)


def known_at(batch: CaptionBatch, classes: Tensor, positions: Tensor) -> Known:
    """What has been stated at `positions` [batch, n]; a form is told by made-up names only."""
    values = (positions[..., None] >= batch.known_from[:, None]) & (classes[:, None] >= 0)
    columns = list(NUMBER_COLUMNS)
    is_style = torch.tensor(columns, device=values.device) == KEYS.index("style")
    return Known(values, values[..., columns] & (is_style | batch.made_up[:, None, columns]))


def class_numbers(attributes: Attributes) -> list[int]:
    """For each of `KEYS` the number of the value in `CLASSES`, -1 where it does not apply."""
    return [CLASSES[key].index(attributes[key]) if key in attributes else -1 for key in KEYS]


@lru_cache(maxsize=100_000)
def _style_numbers(name: str, seed: int) -> tuple[float, ...]:
    return tuple(style_vector(style_of(name, seed)))


def form_numbers(attributes: Attributes, seed: int) -> tuple[float, ...]:
    """The numbers of picture `seed`, as `NUMBERED` has them: its style, its toy's form, its hair's."""
    style = _style_numbers(attributes["style"], seed)
    return (*style, *toy_vector(attributes, seed), *hair_vector(attributes, seed))
