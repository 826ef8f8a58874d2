"""What *Create embedding* asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfigError
from .option import option

__all__ = ["INITIALIZATION_METHODS", "CreateConfig"]

INITIALIZATION_METHODS = ("text", "mean", "embedding", "zeros")


@dataclass(frozen=True, kw_only=True)
class CreateConfig:
    """A new embedding: `num_vectors` rows that start from the token vectors of `initialization_text`.

    Or from what `initialization_method` says; `auto_vectors` takes their number from there.
    """

    name: str = option(
        "",
        "Name",
        "The word you will type into a prompt, and the file's name. Choose one that is no ordinary word.",
        elem_id="train_new_embedding_name",
        required=True,
    )
    initialization_text: str = option(
        "*",
        "Initialization text",
        "What the vectors start from: a word close to your subject, such as girl or style. Empty: zeros.",
        elem_id="train_initialization_text",
        flag="--init-text",
    )
    num_vectors: int = option(
        1,
        "Number of vectors per token",
        "How many of a prompt's 75 places it takes. 1 to 4 suit few pictures; more learn more, and overfit.",
        minimum=1,
        maximum=75,
        step=1,
        elem_id="train_nvpt",
        flag="--vectors",
    )
    auto_vectors: bool = option(
        False,
        "As many vectors as the text has tokens",
        "Instead of the number: one for each token of the initialization text, so that all of it is kept; of"
        " another embedding as many as that has.",
        elem_id="train_auto_vectors",
    )
    initialization_method: str = option(
        "text",
        "Initialization method",
        "text: the words in their order, as ever; mean: the middle of several words with commas between;"
        " embedding: another one's vectors; zeros: no word at all.",
        choices=INITIALIZATION_METHODS,
        elem_id="train_initialization_method",
        flag="--init-method",
    )
    initialization_embedding: str = option(
        "",
        "Initialization embedding",
        "The embedding whose vectors are copied, for the method embedding: its name, or a file. Fewer vectors"
        " are means of its own, more repeat them.",
        elem_id="train_initialization_embedding",
        flag="--init-embedding",
    )
    cross_initialization: bool = option(
        False,
        "Cross Initialization",
        "Start from what the text encoder makes of the initialization text instead of its words as they are.",
        elem_id="train_cross_initialization",
    )
    overwrite: bool = option(
        False,
        "Overwrite Old Embedding",
        "Replace an embedding of this name; its training starts again from step 0.",
        elem_id="train_overwrite_old_embedding",
    )

    @property
    def words(self) -> tuple[str, ...]:
        """What stands between the commas of the initialization text."""
        return tuple(word.strip() for word in self.initialization_text.split(",") if word.strip())

    def contradictions(self) -> Iterator[ConfigError]:
        """What doesn't go together in how to start."""
        method, other = self.initialization_method, self.initialization_embedding.strip()
        if method == "embedding" and not other:
            yield ConfigError(
                "Initialization method is embedding, but Initialization embedding is empty; name the one to"
                " start from.",
                field="initialization_embedding",
            )
        if method != "embedding" and other:
            yield ConfigError(
                f"Initialization embedding is {other!r}, but Initialization method is {method}; choose"
                " embedding there, or leave it empty.",
                field="initialization_embedding",
            )
        if method == "mean" and not self.words:
            yield ConfigError(
                "Initialization method is mean, but Initialization text is empty; write words with commas"
                " between, such as girl, woman.",
                field="initialization_text",
            )
        if self.cross_initialization and method in ("zeros", "embedding"):
            yield ConfigError(
                f"Cross Initialization starts from words, but Initialization method is {method}; choose text"
                " or mean there, or switch it off.",
                field="cross_initialization",
            )
