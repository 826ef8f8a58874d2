"""What words a model knows, for comparing embeddings with them."""

from __future__ import annotations

from ..embeddings.vocabulary import Vocabulary
from ..models.model import Model
from ..models.text_encoder import TextEncoder

__all__ = ["knows_word", "vocabularies_of"]

_GOES_ON = "…"


def vocabularies_of(model: Model) -> dict[str, Vocabulary]:
    """The vocabulary of each text encoder by its name, over the model's own tables."""
    return {encoder.name: _vocabulary(encoder) for encoder in model.text_encoders}


def knows_word(model: Model, text: str) -> bool:
    """Whether the model has a token of its own for the whole of `text`."""
    encoder = model.text_encoders[0]
    ids = encoder.tokenize(text)
    return len(ids) == 1 and encoder.ends_word(ids[0]) and ids[0] != encoder.eos_id


def _vocabulary(encoder: TextEncoder) -> Vocabulary:
    def spell(token: int) -> str:
        """The token's text, with dots behind one that is the beginning of words."""
        text = str(encoder.tokenizer.decode([token])).strip()
        if not text or not text.isprintable():  # a part of a letter, say: by its own name then
            return str(encoder.tokenizer.convert_ids_to_tokens(token))
        return text if encoder.ends_word(token) else text + _GOES_ON

    return Vocabulary(encoder.embedding_layer.weight, spell)
