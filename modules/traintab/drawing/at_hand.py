"""Which embeddings a drawing can name, and whose vectors count where several have the same name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..configs import GenerationConfig
from .in_training import InTraining
from .request import DrawingRequest

if TYPE_CHECKING:
    from ..embeddings.borrowed import BorrowedEmbeddings
    from ..embeddings.embedding import Embedding
    from ..embeddings.library import EmbeddingLibrary
    from ..models.model import Model

__all__ = ["EmbeddingsAtHand"]


class EmbeddingsAtHand:
    """In this order: the request's own, those in training, the folder's, those of other programs.

    `library()` is the embeddings folder, `borrowed()` are the folders of other programs.
    """

    def __init__(
        self,
        library: Callable[[], EmbeddingLibrary],
        borrowed: Callable[[], Sequence[Path]],
        in_training: InTraining,
    ) -> None:
        self._library = library
        self._borrowed_folders = borrowed
        self._in_training = in_training

    @cached_property
    def _borrowed(self) -> BorrowedEmbeddings:
        from ..embeddings.borrowed import BorrowedEmbeddings

        return BorrowedEmbeddings(self._borrowed_folders)

    def on_disk(self, widths: Mapping[str, int] | None = None) -> dict[str, Embedding]:
        """Those in files now that fit the `widths` of a model's text encoders, by name; from any thread."""
        library = self._library()
        library.refresh()
        return _by_name(self._borrowed.embeddings(widths), library.embeddings(widths))

    def __call__(self, model: Model, request: DrawingRequest) -> tuple[dict[str, Embedding], list[str]]:
        """Those that fit the model, by name, with the files as they are now, and sentences about them.

        To be asked on the thread that trains; see `InTraining.current`.
        """
        current = self._in_training.current()
        learning = {one.name: one for one in current}
        embeddings = _by_name(self.on_disk(model.widths), learning, request.embeddings)
        return embeddings, [
            f"{one.name} is drawn as it is after step {one.step} of its training."
            for one in current
            if _is_named(one, model, request.config, embeddings)
        ]


def _is_named(
    one: Embedding, model: Model, config: GenerationConfig, embeddings: Mapping[str, Embedding]
) -> bool:
    """Whether `one` is what a name in the prompts means among `embeddings`."""
    from ..conditioning.counting import TokenCounter

    if embeddings.get(one.name) is not one:
        return False
    counter = TokenCounter(model.text_encoders[0], {key: e.num_vectors for key, e in embeddings.items()})
    prompts = (config.prompt, config.negative_prompt)
    return any(one.name in counter.count(prompt).recognised for prompt in prompts)


def _by_name(*layers: Mapping[str, Embedding]) -> dict[str, Embedding]:
    """Later layers count; prompts don't tell names apart by case, so neither does this."""
    found = {name.casefold(): (name, one) for layer in layers for name, one in layer.items()}
    return dict(found.values())
