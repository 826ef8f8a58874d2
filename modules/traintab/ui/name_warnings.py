"""What a user should know about a name that was just given."""

from __future__ import annotations

from ..model_slot import ModelState
from ..studio import Studio

__all__ = ["warnings_about"]


def warnings_about(studio: Studio, *names: str) -> str:
    """The warnings about embeddings in the library, to stand behind a sentence; empty for most names.

    Words that the model knows are told once it is loaded.
    """
    from ..conditioning.vocabularies import knows_word
    from ..embeddings.names import name_warnings

    def knows(word: str) -> bool:
        return studio.model_status.state is ModelState.READY and knows_word(studio.model, word)

    others = studio.library.embeddings()
    return "".join(f" {sentence}" for name in names for sentence in name_warnings(name, others, knows))
