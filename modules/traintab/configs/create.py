"""What *Create embedding* asks for."""

from __future__ import annotations

from dataclasses import dataclass

from .option import option

__all__ = ["CreateConfig"]


@dataclass(frozen=True, kw_only=True)
class CreateConfig:
    """A new embedding: `num_vectors` rows that start from the token vectors of `initialization_text`."""

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
