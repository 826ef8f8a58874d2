"""A prompt as token ids in chunks, with the places that embeddings take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch

from ..models.text_encoder import TextEncoder
from .chunks import Chunk, chunk_prompt
from .names import NameFinder

__all__ = ["Placement", "PromptTensors", "TokenizedPrompt", "empty_chunk", "tokenize_prompt"]


class Placement(NamedTuple):
    """Row `row` of the embedding `name` stands in chunk `chunk` at `position`; both count from 0."""

    name: str
    row: int
    chunk: int
    position: int


class PromptTensors(NamedTuple):
    """A prompt's tensors on a device: `input_ids` int64 and `weights` float32 `[chunks, 77]`, and for each
    name its rows and their places, counted over all chunks in a line; int64 `[k]`.
    """

    input_ids: torch.Tensor
    weights: torch.Tensor
    rows_and_places: dict[str, tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True, eq=False)
class TokenizedPrompt:
    """A prompt for one text encoder; equal prompts compare equal, so that they are encoded once.

    `input_ids` int64 `[chunks, 77]` and `weights` float32 `[chunks, 77]` lie on the CPU; ids at
    `placements` mean nothing, because the embedding's rows take their places.
    """

    input_ids: torch.Tensor
    weights: torch.Tensor
    placements: tuple[Placement, ...]

    @property
    def num_chunks(self) -> int:
        """Pieces of 77 tokens."""
        return int(self.input_ids.shape[0])

    @property
    def names(self) -> tuple[str, ...]:
        """The embeddings in it, in the order of their first appearance."""
        return tuple(dict.fromkeys(placement.name for placement in self.placements))

    @cached_property
    def is_weighted(self) -> bool:
        """Whether any token's weight isn't 1."""
        return bool((self.weights != 1.0).any())

    def on(self, device: torch.device) -> PromptTensors:
        """Its tensors on `device`, brought there once: training shows the same prompts again and again."""
        copies = self._copies
        if device not in copies:
            copies[device] = PromptTensors(
                self.input_ids.to(device),
                self.weights.to(device),
                {
                    name: (rows.to(device), places.to(device))
                    for name, (rows, places) in self._rows_and_places().items()
                },
            )
        return copies[device]

    @cached_property
    def _copies(self) -> dict[torch.device, PromptTensors]:
        return {}

    def _rows_and_places(self) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        found: dict[str, tuple[list[int], list[int]]] = {}
        chunk_length = int(self.input_ids.shape[1])
        for name, row, chunk, position in self.placements:
            rows, places = found.setdefault(name, ([], []))
            rows.append(row)
            places.append(chunk * chunk_length + position)
        return {name: (torch.tensor(rows), torch.tensor(places)) for name, (rows, places) in found.items()}

    @cached_property
    def _key(self) -> tuple[bytes, bytes, tuple[Placement, ...]]:
        return self.input_ids.numpy().tobytes(), self.weights.numpy().tobytes(), self.placements

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TokenizedPrompt):
            return NotImplemented
        return self is other or self._key == other._key

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self._key)


def tokenize_prompt(
    prompt: str, text_encoder: TextEncoder, num_vectors: Mapping[str, int] | NameFinder
) -> TokenizedPrompt:
    """`prompt` for one text encoder, divided as in `chunks`.

    `num_vectors` gives the number of rows for every embedding that may be used; for many prompts, make the
    `NameFinder` once and pass that.
    """
    finder = num_vectors if isinstance(num_vectors, NameFinder) else NameFinder(text_encoder, num_vectors)
    return _assemble(chunk_prompt(prompt, text_encoder, finder).chunks, text_encoder)


def _assemble(chunks: list[Chunk], text_encoder: TextEncoder) -> TokenizedPrompt:
    ids = empty_chunk(text_encoder).repeat(len(chunks), 1)
    weights = torch.ones(ids.shape)
    placements = []
    for number, chunk in enumerate(chunks):
        length = len(chunk.ids)
        ids[number, 1 : length + 1] = torch.tensor(chunk.ids, dtype=torch.long)
        ids[number, length + 1] = text_encoder.eos_id
        weights[number, 1 : length + 1] = torch.tensor(chunk.weights)
        placements += [Placement(name, row, number, place + 1) for place, name, row in chunk.vectors]
    return TokenizedPrompt(ids, weights, tuple(placements))


def empty_chunk(text_encoder: TextEncoder) -> torch.Tensor:
    """The first token, the closing one and padding: int64 `[1, 77]`."""
    ids = torch.full((1, text_encoder.max_tokens), text_encoder.pad_id, dtype=torch.long)
    ids[0, 0] = text_encoder.bos_id
    ids[0, 1] = text_encoder.eos_id
    return ids
