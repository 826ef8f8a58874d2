"""`embeddings list`, `inspect` and `convert`."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from ..errors import EmbeddingFileError, InputError
from ..files import user_path
from .command import Command
from .context import Context

__all__ = ["COMMANDS"]

_SUFFIXES = {"webui": ".pt", "emb_params": ".safetensors", "diffusers": ".bin", "card": ".png"}


def _configure_list(parser: ArgumentParser) -> None:
    parser.add_argument("--model", metavar="M", default="demo", help="whom they must fit (default demo)")


def _list(arguments: Namespace, context: Context) -> int:
    from ..embeddings.library import EmbeddingLibrary
    from ..embeddings.rows import embedding_rows
    from ..models.discovery import resolve
    from ..models.facts import widths_of

    widths = widths_of(resolve(arguments.model, context.paths))
    library = EmbeddingLibrary(context.paths.embeddings_dir)
    library.refresh()
    rows = embedding_rows(library, widths)
    for row in rows:
        _show(row, context)
    if not rows:
        context.output.log(f"There are no embeddings in {context.paths.embeddings_dir}.")
    return 0


def _configure_inspect(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=user_path, metavar="FILE", help="embedding files, wherever they are"
    )


def _inspect(arguments: Namespace, context: Context) -> int:
    from ..embeddings.rows import REFUSED, row_of_file

    refused = []
    for path in arguments.files:
        row = row_of_file(path)
        _show(row, context)
        if row["status"] == REFUSED:
            refused.append(row["reason"])
    if not refused:
        return 0
    more = f" ({len(refused)} of {len(arguments.files)} files were refused.)" if len(refused) > 1 else ""
    context.output.complain(refused[0] + more)
    return InputError.exit_status


def _configure_convert(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=user_path, metavar="FILE", help="the embedding file to read")
    parser.add_argument(
        "outputs",
        nargs="+",
        type=user_path,
        metavar="OUT",
        help=f"files to write, by suffix: {_suffix_words()}",
    )
    parser.add_argument(
        "--format",
        choices=tuple(_SUFFIXES),
        metavar="|".join(_SUFFIXES),
        help="adds the suffix where OUT has none or is a folder",
    )


def _convert(arguments: Namespace, context: Context) -> int:
    from ..embeddings.formats import read_embedding, write_embedding
    from ..embeddings.rows import row_of_file

    embedding = read_embedding(arguments.file)
    targets = [_target(path, arguments.format, embedding.name) for path in arguments.outputs]
    if len(embedding.vectors) > 1 and any(target.suffix.lower() in (".pt", ".bin") for target in targets):
        raise EmbeddingFileError(
            f"{arguments.file} has vectors for {' and '.join(embedding.vectors)}, which .pt and .bin can't"
            " hold; write .safetensors."
        )
    for target in targets:
        write_embedding(embedding, target)
        context.output.record(row_of_file(target))
        context.output.line(f"Wrote {target}")
    return 0


def _target(path: Path, wanted: str | None, name: str) -> Path:
    """Where to write, with a suffix that says the format; raises EmbeddingFileError."""
    if path.is_dir() and wanted is not None:
        return path / f"{name}{_SUFFIXES[wanted]}"
    if not path.suffix and wanted is not None:
        return path.with_name(path.name + _SUFFIXES[wanted])
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES.values() or path.is_dir():
        raise EmbeddingFileError(f"Converting to {path}: its suffix must be one of {_suffix_words()}.")
    if wanted is not None and suffix != _SUFFIXES[wanted]:
        raise EmbeddingFileError(
            f"Converting to {path}: --format {wanted} is written to {_SUFFIXES[wanted]}; change either."
        )
    return path


def _suffix_words() -> str:
    return ", ".join(f"{suffix} ({name})" for name, suffix in _SUFFIXES.items())


def _show(row: dict[str, Any], context: Context) -> None:
    context.output.record(row)
    context.output.line(_line_of(row))


def _line_of(row: dict[str, Any]) -> str:
    """`cat  ok  clip_l 4x768  step 500  v1-5  embeddings/cat.pt`"""
    if not row["encoders"]:
        return f"{row['name']}  {row['status']}  {row['reason']}"
    sizes = ", ".join(f"{name} {size[0]}x{size[1]}" for name, size in row["encoders"].items())
    step = "" if row["step"] is None else f"step {row['step']}"
    model = row["sd_checkpoint_name"] or ""
    norms = ", ".join(f"{norm:.3g}" for rows in row["norms"].values() for norm in rows[:4])
    parts = (row["name"], row["status"], sizes, step, model, f"norms {norms}", row["reason"], row["path"])
    return "  ".join(
        json.dumps(part)[1:-1] if not str(part).isprintable() else part for part in parts if part
    )


COMMANDS = (
    Command(
        name="embeddings list",
        help="the embeddings folder, judged against a model",
        configure=_configure_list,
        run=_list,
    ),
    Command(
        name="embeddings inspect",
        help="what embedding files are, without a model",
        configure=_configure_inspect,
        run=_inspect,
    ),
    Command(
        name="embeddings convert",
        help="write an embedding in other formats",
        configure=_configure_convert,
        run=_convert,
    ),
)
