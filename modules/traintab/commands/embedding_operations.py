"""`embeddings mix` and `embeddings edit`: new embeddings out of old ones."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EmbeddingFileError, InputError
from ..files import kind_of, user_path, write_atomically
from .command import Command
from .context import Context

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from ..embeddings.library import EmbeddingLibrary

__all__ = ["COMMANDS", "vector_numbers"]

_RANGE = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")
_SOURCE_HELP = "the name of an embedding in the embeddings folder, or a file"


def _configure_mix(parser: ArgumentParser) -> None:
    parser.add_argument(
        "parts", nargs="+", metavar="NAME:WEIGHT", help=f"{_SOURCE_HELP}, and its share (default 1)"
    )
    _add_output(parser)
    parser.add_argument(
        "--strict", action="store_true", help="refuse shorter ones rather than fill them up with zeros"
    )
    parser.epilog = "Rows are averaged: cat:0.6 dog:0.4 and cat:3 dog:2 give the same."


def _mix(arguments: Namespace, context: Context) -> int:
    from ..embeddings.mixing import mix_embeddings

    library = _library(context)
    parts = [_part(text, library) for text in arguments.parts]
    mixed = mix_embeddings(parts, name=arguments.output.stem, strict=arguments.strict)
    return _write(mixed, arguments, context)


def _configure_edit(parser: ArgumentParser) -> None:
    parser.add_argument("source", metavar="NAME", help=_SOURCE_HELP)
    _add_output(parser)
    vectors = parser.add_mutually_exclusive_group()
    vectors.add_argument("--keep", metavar="N,N-N", help="keep only these vectors, counted from 1")
    vectors.add_argument("--drop", metavar="N,N-N", help="leave these vectors out")
    parser.add_argument(
        "--rescale", action="store_true", help="give every vector the usual length of the model's own words"
    )
    parser.add_argument("--model", metavar="M", default="demo", help="whose words (default demo)")


def _edit(arguments: Namespace, context: Context) -> int:
    from ..embeddings.mixing import drop_vectors, keep_vectors, rescale_vectors

    if not (arguments.keep or arguments.drop or arguments.rescale):
        raise InputError(f"Editing {arguments.source}: say what to do: --keep, --drop or --rescale.")
    embedding = _embedding(arguments.source, _library(context))
    if arguments.keep:
        embedding = keep_vectors(embedding, vector_numbers(arguments.keep))
    if arguments.drop:
        embedding = drop_vectors(embedding, vector_numbers(arguments.drop))
    if arguments.rescale:
        from ..conditioning.vocabularies import vocabularies_of

        vocabularies = vocabularies_of(context.load_model(arguments.model))
        norms = {name: vocabulary.median_norm for name, vocabulary in vocabularies.items()}
        embedding = rescale_vectors(embedding, norms)
    return _write(dataclasses.replace(embedding, name=arguments.output.stem), arguments, context)


def vector_numbers(text: str) -> list[int]:
    """`1-3,7` as [1, 2, 3, 7]; raises InputError for anything else."""
    numbers: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise InputError(f"The vectors {text!r}: expected numbers and ranges such as 1-3,7.")
        first = int(match[1])
        numbers += range(first, int(match[2] or first) + 1)
    return numbers


def _add_output(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        type=user_path,
        required=True,
        metavar="OUT",
        help="a name, for a new file in the embeddings folder, or a file to write",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")


def _library(context: Context) -> EmbeddingLibrary:
    from ..embeddings.library import EmbeddingLibrary

    library = EmbeddingLibrary(context.paths.embeddings_dir)
    library.refresh()
    return library


def _part(text: str, library: EmbeddingLibrary) -> tuple[Embedding, float]:
    """`NAME:WEIGHT`, or `NAME` with the weight 1."""
    name, colon, weight = text.rpartition(":")
    try:
        share = float(weight) if colon else math.nan
    except ValueError:
        share = math.nan
    if colon and name and math.isfinite(share):
        return _embedding(name, library), share
    if colon and kind_of(user_path(text)) != "file":  # a path may hold a colon, of a drive for one
        raise InputError(f"Mixing {text!r}: {weight!r} is no weight; write NAME:WEIGHT, such as cat:0.6.")
    return _embedding(text, library), 1.0


def _embedding(name: str, library: EmbeddingLibrary) -> Embedding:
    """By its name in the library, or from a file; raises EmbeddingFileError."""
    from ..embeddings.formats import SUFFIXES, read_embedding

    found = library.find(name)
    if found is not None:
        return found
    path = user_path(name)
    if path.suffix.lower() in SUFFIXES or kind_of(path) == "file":
        return read_embedding(path)
    near = difflib.get_close_matches(name, library.embeddings(), n=1)
    hint = f"did you mean {near[0]}?" if near else f"look at what lies in {library.folder}, or name a file."
    raise EmbeddingFileError(f"There is no embedding called {name!r}; {hint}")


def _write(embedding: Embedding, arguments: Namespace, context: Context) -> int:
    from ..embeddings.rows import row_of_file

    with context.stop.deferred():
        path = _written(embedding, arguments, context)
    context.output.record(row_of_file(path))
    context.output.line(f"Wrote {path}")
    return 0


def _written(embedding: Embedding, arguments: Namespace, context: Context) -> Path:
    """A name goes into the embeddings folder, what has a suffix or a folder is a file of its own."""
    from ..embeddings.formats import SUFFIXES
    from ..embeddings.formats.writing import EmbeddingWriter
    from ..embeddings.manage import save_as_new

    output: Path = arguments.output
    if output.suffix.lower() not in SUFFIXES and output.parent == Path():
        named = dataclasses.replace(embedding, name=output.name)
        return save_as_new(
            _library(context), named, trash_dir=context.paths.trash_dir, replace=arguments.overwrite
        )
    files = EmbeddingWriter(embedding).encoded(output)
    for path in files:
        if kind_of(path) and not arguments.overwrite:
            raise EmbeddingFileError(
                f"Writing {path}: there is a {kind_of(path)} already; choose another, or give --overwrite."
            )
    for path, data in files.items():
        write_atomically(path, data)
    return output


COMMANDS = (
    Command(
        name="embeddings mix",
        help="a new embedding as the weighted average of several",
        configure=_configure_mix,
        run=_mix,
    ),
    Command(
        name="embeddings edit",
        help="a new embedding with some of the vectors, or with vectors of the usual length",
        configure=_configure_edit,
        run=_edit,
    ),
)
