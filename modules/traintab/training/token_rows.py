"""What an initialization text becomes, before anything is created: its tokens, and where each row starts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from ..configs import CreateConfig
from ..models.text_encoder import TextEncoder

__all__ = ["TokenRows", "token_rows"]

_GOES_ON = "…"
_MOST_VECTORS = 75


@dataclass(frozen=True, kw_only=True)
class TokenRows:
    """The rows of a new embedding by the tokens that they start from.

    `tokens` are the text's, spelled as the model divides it, `…` behind those that are the beginning of a
    word; of several words to take the mean of, those of the longest. `rows` has an entry for each row: the
    number of its token, or None for zeros and means. `places` is how many a chunk of the prompt has, and
    `words` are the words whose mean is taken.
    """

    tokens: tuple[str, ...]
    rows: tuple[int | None, ...]
    places: int
    words: tuple[str, ...] = ()

    @property
    def places_left(self) -> int:
        """What a prompt has for other words, before another chunk begins."""
        return max(self.places - len(self.rows), 0)

    @property
    def unused(self) -> tuple[str, ...]:
        """The tokens that no row starts from, of a text with more tokens than rows."""
        taken = set(self.rows)
        return () if self.words else tuple(t for i, t in enumerate(self.tokens) if i not in taken)

    @property
    def repeats(self) -> bool:
        """Whether several rows start from one token: they begin alike and become different in training."""
        known = [row for row in self.rows if row is not None]
        return len(set(known)) < len(known)


def token_rows(config: CreateConfig, encoder: TextEncoder) -> TokenRows | None:
    """The rows that `starting_vectors` would make of words; None for another embedding's vectors.

    Only the encoder's tokenizer is used. `config` may be unchecked: a number of vectors outside of 1 to 75 is
    taken as the nearest of these.
    """
    if config.initialization_method == "embedding":
        return None
    texts = config.words if config.initialization_method == "mean" else (config.initialization_text,)
    found = encoder.tokenize_all(texts)
    ids = max(found, key=len, default=[])
    count = len(ids) if config.auto_vectors else config.num_vectors
    count = min(max(count, 1), _MOST_VECTORS)
    is_zeros = config.initialization_method == "zeros" or not ids
    is_mean = config.initialization_method == "mean"
    rows: Sequence[int | None] = [i * len(ids) // count for i in range(count)]
    return TokenRows(
        tokens=() if config.initialization_method == "zeros" else tuple(_spelled(encoder, ids)),
        rows=tuple(itertools.repeat(None, count)) if is_zeros or is_mean else tuple(rows),
        places=encoder.max_content_tokens,
        words=tuple(texts) if is_mean else (),
    )


def _spelled(encoder: TextEncoder, ids: Sequence[int]) -> list[str]:
    """Each token's text; a part of a letter, which has none, by its own name."""
    spelled = []
    for token in ids:
        text = str(encoder.tokenizer.decode([token])).strip()
        if not text or not text.isprintable() or "\ufffd" in text:
            text = str(encoder.tokenizer.convert_ids_to_tokens(token)).removesuffix("</w>")
        spelled.append(text if encoder.ends_word(token) else text + _GOES_ON)
    return spelled
