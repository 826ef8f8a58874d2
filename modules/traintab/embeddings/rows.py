"""What embedding files are, in plain values: the objects that `--json` and the HTTP API answer with.

Each has `path`, `name`, `status`, `reason`, `format`, `encoders` (name to [num_vectors, width]), `step`,
`sd_checkpoint_name`, `norms` (name to the length of each vector) and `negative_sibling` (the path of the file
`<name>-neg` beside it, meant for the negative prompt, or null). The `reason` of a file that is `ok` is empty,
or a warning that its name can't be typed in a prompt.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import EmbeddingFileError
from .embedding import Embedding, SkippedEmbedding
from .formats import EmbeddingFormat, negative_sibling, read_bundled, read_embedding_file
from .library import EmbeddingLibrary
from .names import name_problem
from .vocabulary import Vocabulary

__all__ = ["OK", "OTHER_MODEL", "REFUSED", "embedding_row", "embedding_rows", "row_of_file", "rows_of_lora"]

Row = dict[str, Any]

NEAREST = 3
"""How many tokens are told for each vector."""

OK, OTHER_MODEL, REFUSED = "ok", "other_model", "refused"


def row_of_file(path: Path, vocabularies: Mapping[str, Vocabulary] | None = None) -> Row:
    """A file judged alone: `ok`, or `refused` with the reason.

    With a model's `vocabularies` by text encoder the row also has `vocabulary_norms`, the usual length of a
    word's vector, and `nearest`: for each encoder that fits, for each vector, the tokens most alike.
    """
    try:
        file = read_embedding_file(path)
    except EmbeddingFileError as error:
        return _refused(path, str(error))
    row = embedding_row(file.embedding, file.format, path=path)
    return row if vocabularies is None else row | _beside_words(file.embedding, vocabularies)


def rows_of_lora(path: Path) -> list[Row]:
    """The embeddings that a LoRA brings along, each judged alone; none for any other file."""
    try:
        bundle = read_bundled(path)
    except EmbeddingFileError:
        return []
    rows = [embedding_row(file.embedding, file.format, is_there=lambda _: False) for file in bundle.files]
    rows += [_refused(path, reason) | {"name": name} for name, reason in bundle.refused.items()]
    return sorted(rows, key=lambda row: str(row["name"]))


def embedding_rows(library: EmbeddingLibrary, widths: Mapping[str, int]) -> list[Row]:
    """Every file of the library: those that fit a model's `widths`, by name, then the others by path."""
    formats = {file.embedding.source: file.format for file in library.files().values()}
    usable = [
        embedding_row(file.embedding, file.format, is_there=formats.__contains__)
        for file in library.files(widths).values()
    ]
    return usable + [_skipped_row(skipped, formats, widths) for skipped in library.skipped(widths)]


def embedding_row(
    embedding: Embedding,
    file_format: EmbeddingFormat | None,
    *,
    path: Path | None = None,
    is_there: Callable[[Path], bool] = Path.is_file,
) -> Row:
    """An embedding that can be used, in a file of this format.

    `is_there` tells which paths may be its negative.
    """
    place = path or embedding.source
    negative = negative_sibling(place, is_there) if place else None
    return {
        "path": str(place or ""),
        "name": embedding.name,
        "status": OK,
        "reason": name_problem(embedding.name),
        "format": None if file_format is None else file_format.value,
        "encoders": {name: list(vectors.shape) for name, vectors in embedding.vectors.items()},
        "step": embedding.step,
        "sd_checkpoint_name": embedding.sd_checkpoint_name,
        "norms": {name: vectors.norm(dim=1).tolist() for name, vectors in embedding.vectors.items()},
        "negative_sibling": None if negative is None else str(negative),
    }


def _beside_words(embedding: Embedding, vocabularies: Mapping[str, Vocabulary]) -> Row:
    fitting = {
        name: (vocabularies[name], vectors)
        for name, vectors in embedding.vectors.items()
        if name in vocabularies and vocabularies[name].width == vectors.shape[1]
    }
    return {
        "vocabulary_norms": {name: vocabulary.median_norm for name, (vocabulary, _) in fitting.items()},
        "nearest": {
            name: [
                [dataclasses.asdict(near) for near in tokens]
                for tokens in vocabulary.nearest(vectors, NEAREST)
            ]
            for name, (vocabulary, vectors) in fitting.items()
        },
    }


def _skipped_row(
    skipped: SkippedEmbedding, formats: Mapping[Path | None, EmbeddingFormat], widths: Mapping[str, int]
) -> Row:
    if skipped.embedding is None:
        return _refused(skipped.path, skipped.reason)
    # A sound file that fits the model is only in the list when its name is taken.
    status = REFUSED if skipped.embedding.fits(widths) else OTHER_MODEL
    row = embedding_row(
        skipped.embedding, formats.get(skipped.path), path=skipped.path, is_there=formats.__contains__
    )
    return {**row, "status": status, "reason": skipped.reason}


def _refused(path: Path, reason: str) -> Row:
    return {
        "path": str(path),
        "name": path.stem,
        "status": REFUSED,
        "reason": reason,
        "format": None,
        "encoders": {},
        "step": None,
        "sd_checkpoint_name": None,
        "norms": {},
        "negative_sibling": None,
    }
