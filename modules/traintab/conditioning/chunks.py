"""A1111's rules for dividing a prompt into chunks of 75 tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ..models.text_encoder import TextEncoder
from ..prompts.attention import parse_attention
from .names import NameFinder

__all__ = ["Chunk", "ChunkedPrompt", "PlacedVector", "chunk_prompt"]

_COMMA_BACKTRACK = 20
_INJECTED_ID = 0


class PlacedVector(NamedTuple):
    """Row `row` of the embedding `name` stands at `place` of a chunk's content."""

    place: int
    name: str
    row: int


@dataclass
class Chunk:
    """The content of a chunk, without its first and its closing token.

    `ids` and `weights` are as long as the content; ids where `vectors` stand mean nothing.
    """

    ids: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    vectors: list[PlacedVector] = field(default_factory=list)
    place_after_comma: int | None = None

    def split_at(self, place: int) -> Chunk:
        """Take everything from `place` on out of this chunk and give it as a new one."""
        rest = Chunk(
            self.ids[place:],
            self.weights[place:],
            [PlacedVector(p - place, name, row) for p, name, row in self.vectors if p >= place],
        )
        del self.ids[place:], self.weights[place:]
        self.vectors = [vector for vector in self.vectors if vector.place < place]
        return rest


class ChunkedPrompt(NamedTuple):
    """At least one chunk, and the tokens as A1111 counts them: 75 for every chunk that isn't the last."""

    chunks: list[Chunk]
    num_tokens: int


class _ChunkBuilder:
    """Puts tokens and vectors into chunks by A1111's rules."""

    def __init__(self, capacity: int, comma_id: int | None) -> None:
        self._capacity = capacity
        self._comma_id = comma_id
        self._chunk = Chunk()
        self._closed: list[Chunk] = []

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
            self._chunk.vectors.append(PlacedVector(len(self._chunk.ids), name, row))
            self._chunk.ids.append(_INJECTED_ID)
            self._chunk.weights.append(weight)

    def close(self) -> None:
        """End this chunk, even an empty one: that is what BREAK does."""
        self._closed.append(self._chunk)
        self._chunk = Chunk()

    def finish(self) -> ChunkedPrompt:
        """All chunks; one even for an empty prompt."""
        num_tokens = len(self._closed) * self._capacity + len(self._chunk.ids)
        if self._chunk.ids or not self._closed:
            self.close()
        return ChunkedPrompt(self._closed, num_tokens)

    def _move_after_comma(self) -> None:
        place = self._chunk.place_after_comma
        if place is None or len(self._chunk.ids) - place >= _COMMA_BACKTRACK:
            self.close()
            return
        rest = self._chunk.split_at(place)
        self.close()
        self._chunk = rest


def chunk_prompt(prompt: str, text_encoder: TextEncoder, finder: NameFinder) -> ChunkedPrompt:
    """`prompt` by A1111's rules: weights, BREAK, embeddings by name, chunks of 75 tokens.

    What follows a comma in the last 20 places goes into the next chunk with the token that opens it. The
    rows of one embedding are never split across chunks; rows beyond 75 are left out.
    """
    segments = parse_attention(prompt)
    *all_ids, comma = text_encoder.tokenize_all([*(segment.text for segment in segments), ","])
    builder = _ChunkBuilder(text_encoder.max_content_tokens, comma[0] if len(comma) == 1 else None)
    for segment, ids in zip(segments, all_ids, strict=True):
        if segment.is_break:
            builder.close()
        else:
            _add_segment(builder, ids, segment.weight, finder)
    return builder.finish()


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
