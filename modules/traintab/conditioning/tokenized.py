"""A prompt as token ids in chunks, with the places that embeddings take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import torch

from ..models.text_encoder import TextEncoder
from ..prompts.attention import parse_attention
from .names import NameFinder

__all__ = ["Placement", "TokenizedPrompt", "empty_chunk", "tokenize_prompt"]

_COMMA_BACKTRACK = 20
_INJECTED_ID = 0


class Placement(NamedTuple):
    """Row `row` of the embedding `name` stands in chunk `chunk` at `position`; both count from 0."""

    name: str
    row: int
    chunk: int
    position: int


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
        return tuple(self.rows_and_places)

    @cached_property
    def is_weighted(self) -> bool:
        """Whether any token's weight isn't 1."""
        return bool((self.weights != 1.0).any())

    @cached_property
    def rows_and_places(self) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """For each name its rows and their places, counted over all chunks in a line; int64 `[k]`."""
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


@dataclass
class _Chunk:
    """Tokens between the first and the closing one, while they are gathered."""

    ids: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    vectors: list[tuple[int, str, int]] = field(default_factory=list)  # (place, name, row)
    place_after_comma: int | None = None

    def split_at(self, place: int) -> _Chunk:
        """Take everything from `place` on out of this chunk and give it as a new one."""
        rest = _Chunk(
            self.ids[place:],
            self.weights[place:],
            [(p - place, n, r) for p, n, r in self.vectors if p >= place],
        )
        del self.ids[place:], self.weights[place:]
        self.vectors = [vector for vector in self.vectors if vector[0] < place]
        return rest


class _ChunkBuilder:
    """Puts tokens and vectors into chunks by A1111's rules."""

    def __init__(self, capacity: int, comma_id: int | None) -> None:
        self._capacity = capacity
        self._comma_id = comma_id
        self._chunk = _Chunk()
        self._closed: list[_Chunk] = []

    def add_token(self, token: int, weight: float) -> None:
        """One token; when it opens a new chunk, what follows a comma in the last 20 places goes with it."""
        is_full = len(self._chunk.ids) == self._capacity
        if is_full and token != self._comma_id:
            self._move_after_comma()
        elif is_full:
            self.close()
        self._chunk.ids.append(token)
        self._chunk.weights.append(weight)
        if token == self._comma_id:
            self._chunk.place_after_comma = len(self._chunk.ids)

    def add_vectors(self, name: str, num_vectors: int, weight: float) -> None:
        """All rows of an embedding side by side, in a new chunk when this one lacks the room."""
        if len(self._chunk.ids) == self._capacity:
            self._move_after_comma()
        places = min(num_vectors, self._capacity)
        if len(self._chunk.ids) + places > self._capacity:
            self.close()
        for row in range(places):
            self._chunk.vectors.append((len(self._chunk.ids), name, row))
            self._chunk.ids.append(_INJECTED_ID)
            self._chunk.weights.append(weight)

    def close(self) -> None:
        """End this chunk, even an empty one: that is what BREAK does."""
        self._closed.append(self._chunk)
        self._chunk = _Chunk()

    def finish(self) -> list[_Chunk]:
        """All chunks; one even for an empty prompt."""
        if self._chunk.ids or not self._closed:
            self.close()
        return self._closed

    def _move_after_comma(self) -> None:
        place = self._chunk.place_after_comma
        if place is None or len(self._chunk.ids) - place >= _COMMA_BACKTRACK:
            self.close()
            return
        rest = self._chunk.split_at(place)
        self.close()
        self._chunk = rest


def tokenize_prompt(
    prompt: str, text_encoder: TextEncoder, num_vectors: Mapping[str, int] | NameFinder
) -> TokenizedPrompt:
    """`prompt` by A1111's rules: weights, BREAK, embeddings by name, chunks of 75 tokens.

    `num_vectors` gives the number of rows for every embedding that may be used; for many prompts, make the
    `NameFinder` once and pass that. The rows of one embedding are never split across chunks; rows beyond
    75 are left out.
    """
    finder = num_vectors if isinstance(num_vectors, NameFinder) else NameFinder(text_encoder, num_vectors)
    segments = parse_attention(prompt)
    comma = text_encoder.tokenize(",")
    builder = _ChunkBuilder(text_encoder.max_content_tokens, comma[0] if len(comma) == 1 else None)
    all_ids = text_encoder.tokenize_all([segment.text for segment in segments])
    for segment, ids in zip(segments, all_ids, strict=True):
        if segment.is_break:
            builder.close()
        else:
            _add_segment(builder, ids, segment.weight, finder)
    return _assemble(builder.finish(), text_encoder)


def _add_segment(builder: _ChunkBuilder, ids: list[int], weight: float, finder: NameFinder) -> None:
    position = 0
    while position < len(ids):
        found = finder.at(ids, position)
        if found is None:
            builder.add_token(ids[position], weight)
            position += 1
        else:
            name, num_vectors, length = found
            builder.add_vectors(name, num_vectors, weight)
            position += length


def _assemble(chunks: list[_Chunk], text_encoder: TextEncoder) -> TokenizedPrompt:
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
