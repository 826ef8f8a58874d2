"""How much room a prompt takes, and which embeddings it names: what a page shows while one types."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..models.text_encoder import TextEncoder
from ..prompts.composition import split_and
from ..prompts.extra_networks import ExtraNetwork, take_extra_networks
from ..prompts.schedule import parse_schedule
from .chunks import chunk_prompt
from .names import NameFinder

__all__ = ["TokenCount", "TokenCounter"]

_MOST_REMEMBERED = 2000


@dataclass(frozen=True)
class TokenCount:
    """The longest text of a prompt: `tokens` of `capacity`, in `chunks` of 75.

    `recognised` are the embeddings that any of its texts names, and `unknown_networks` the tags
    (`lora:name`) that nothing can be applied for.
    """

    tokens: int
    capacity: int
    chunks: int
    recognised: tuple[str, ...] = ()
    unknown_networks: tuple[str, ...] = ()


class TokenCounter:
    """Counts prompts with the same embeddings and networks: made once, it answers within a keystroke.

    `num_vectors` gives the number of rows of every embedding that fits the model, `loras` the names of the
    LoRA files there are. Of a model with two text encoders either will do, because both divide alike.
    """

    def __init__(
        self, text_encoder: TextEncoder, num_vectors: Mapping[str, int], loras: Collection[str] = ()
    ) -> None:
        self._text_encoder = _RemembersTokens(text_encoder)
        self._finder = NameFinder(text_encoder, num_vectors)
        self._loras = {name.casefold() for name in loras}

    def count(self, prompt: str, *, steps: int = 20, is_negative: bool = False) -> TokenCount:
        """The count over all texts that `prompt` has in `steps` steps.

        In a negative prompt `AND` is a word, and no network is applied.
        """
        text, networks = take_extra_networks(prompt)
        tokens, recognised = 0, dict[str, None]()
        for part in dict.fromkeys(_texts(text, steps, is_negative)):
            chunked = chunk_prompt(part, self._text_encoder, self._finder)
            tokens = max(tokens, chunked.num_tokens)
            recognised |= {vector.name: None for chunk in chunked.chunks for vector in chunk.vectors}
        chunk_size = self._text_encoder.max_content_tokens
        chunks = max(1, -(-tokens // chunk_size))
        unknown = dict.fromkeys(
            f"{network.kind}:{network.name}"
            for network in networks
            if is_negative or not self._is_known(network)
        )
        return TokenCount(tokens, chunks * chunk_size, chunks, tuple(recognised), tuple(unknown))

    def _is_known(self, network: ExtraNetwork) -> bool:
        return network.is_lora and network.name.casefold() in self._loras


class _RemembersTokens(TextEncoder):
    """Tokenizes each stretch of text once: a keystroke changes one of many."""

    def __init__(self, text_encoder: TextEncoder) -> None:
        super().__init__(text_encoder.name, text_encoder.tokenizer, text_encoder.module)
        self._known: dict[str, list[int]] = {}

    def tokenize_all(self, texts: Sequence[str]) -> list[list[int]]:
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, super().tokenize_all(new), strict=True))
        return [self._known[text] for text in texts]


def _texts(prompt: str, steps: int, is_negative: bool) -> Iterator[str]:
    parts = [prompt] if is_negative else [part.text for part in split_and(prompt)]
    for part in parts:
        yield from (entry.text for entry in parse_schedule(part, steps))
