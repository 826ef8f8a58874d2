"""`embeddings list`, `inspect` and `convert`."""

from __future__ import annotations

import contextlib
import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EmbeddingFileError, InputError
from ..files import user_path
from .command import Command
from .context import Context
from .nearest import add_nearest, nearest_lines, vocabularies_asked_for

if TYPE_CHECKING:
    from ..embeddings.embedding import Embedding
    from ..embeddings.previews import Preview
    from ..embeddings.vocabulary import Vocabulary

__all__ = ["COMMANDS", "FORMATS"]

FORMATS = ("webui", "emb_params", "diffusers", "card")
_BY_SUFFIX = ".pt webui, .safetensors emb_params, .bin diffusers, .png and .webp card"


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
    add_nearest(parser)


def _inspect(arguments: Namespace, context: Context) -> int:
    from ..embeddings.rows import REFUSED

    refused, judged = [], 0
    vocabularies = vocabularies_asked_for(arguments, context)
    for path in arguments.files:
        for row in _rows_of(path, vocabularies):
            _show(row, context)
            judged += 1
            if row["status"] == REFUSED:
                refused.append(row["reason"])
    if not refused:
        return 0
    more = f" ({len(refused)} of {judged} were refused.)" if len(refused) > 1 else ""
    context.output.complain(refused[0] + more)
    return InputError.exit_status


def _rows_of(path: Path, vocabularies: Mapping[str, Vocabulary] | None) -> list[dict[str, Any]]:
    """What the file is, one row for each embedding that a LoRA brings along."""
    from ..embeddings.rows import REFUSED, row_of_file, rows_of_lora

    row = row_of_file(path, vocabularies)
    bundled = rows_of_lora(path) if row["status"] == REFUSED else []
    return bundled or [row]


def _configure_convert(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=user_path, metavar="FILE", help="the embedding file to read")
    parser.add_argument("outputs", nargs="+", metavar="OUT", help=f"files to write, by suffix: {_BY_SUFFIX}")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        metavar="|".join(FORMATS),
        help="the format, where the suffix has several (diffusers in .safetensors), or OUT has none or is"
        " a folder",
    )
    parser.add_argument(
        "--preview",
        type=user_path,
        metavar="PICTURE",
        help="what a card shows (default: FILE's own preview, or a plain background)",
    )


def _convert(arguments: Namespace, context: Context) -> int:
    from ..embeddings.formats.writing import EmbeddingWriter
    from ..embeddings.rows import row_of_file
    from ..files import write_atomically

    files: dict[Path, bytes] = {}
    embeddings = _embeddings_in(arguments.file, context)
    for embedding in embeddings:
        targets = [_target(path, arguments.format, embedding.name) for path in arguments.outputs]
        preview = _preview(arguments.file, arguments.preview) if any(map(_is_picture, targets)) else None
        image, is_captioned = (preview.image, preview.is_captioned) if preview else (None, False)
        writer = EmbeddingWriter(embedding, preview=image, caption=not is_captioned)
        for target in targets:
            encoded = writer.encoded(target, arguments.format or "")
            _keep_strangers(target, encoded)
            if files.keys() & encoded.keys():
                raise EmbeddingFileError(f"Converting to {target}: it would be written twice; name it once.")
            files |= encoded
    for path, data in files.items():
        write_atomically(path, data)
        context.output.record(row_of_file(path))
        context.output.line(f"Wrote {path}")
    return 0


def _embeddings_in(path: Path, context: Context) -> list[Embedding]:
    """The embedding in the file, or those that a LoRA brings along. Raises EmbeddingFileError.

    What of a LoRA's can't be used is said, unless it brings nothing else: then it is refused.
    """
    from ..embeddings.formats import Bundle, read_bundled, read_embedding

    try:
        return [read_embedding(path)]
    except EmbeddingFileError:
        bundle = Bundle()
        with contextlib.suppress(EmbeddingFileError):  # no LoRA either: the first reason is the better one
            bundle = read_bundled(path)
        if not bundle.files and not bundle.refused:
            raise
    if not bundle.files:
        raise EmbeddingFileError(next(iter(bundle.refused.values())))
    for reason in bundle.refused.values():
        context.output.complain(f"Left out: {reason}")
    return [file.embedding for file in bundle.files]


def _target(text: str, wanted: str | None, name: str) -> Path:
    """Where to write: this path, with the format's usual suffix if it has none; in it if it's a folder.

    A folder that isn't there yet ends with a slash.
    """
    from ..embeddings.formats.writing import TARGETS
    from ..embeddings.names import typable_name

    path = user_path(text)
    is_folder = path.is_dir() or text.endswith(("/", os.sep))
    if wanted is not None and is_folder:
        return path / f"{typable_name(name)}{TARGETS[wanted][0]}"
    if wanted is not None and not path.suffix:
        return path.with_name(path.name + TARGETS[wanted][0])
    if is_folder:
        raise EmbeddingFileError(f"Converting to {path}: it is a folder; say which --format to write there.")
    return path


def _keep_strangers(target: Path, encoded: Mapping[Path, bytes]) -> None:
    """Raise EmbeddingFileError when something would be replaced that is no embedding, or that nobody named.

    A preview picture, a checkpoint, a LoRA; the second file of another pair.
    """
    from ..embeddings.formats import read_embedding

    for path in encoded:
        if path != target and path.exists() and not target.exists():
            raise EmbeddingFileError(
                f"Converting to {target}: {path.name} is its second file and is there already. Choose another"
                " name, or move that file."
            )
        if path.exists():
            try:
                read_embedding(path)
            except EmbeddingFileError as error:
                raise EmbeddingFileError(
                    f"Converting to {path}: what is there is no embedding and would be lost. Choose another"
                    " name, or move that file."
                ) from error


def _is_picture(path: Path) -> bool:
    from ..embeddings.formats.writing import TARGETS

    return path.suffix.lower() in TARGETS["card"]


def _preview(file: Path, picture: Path | None) -> Preview | None:
    """What a card of the file shows. Raises EmbeddingFileError for a picture that can't be opened."""
    from ..embeddings.previews import Preview, find_preview
    from ..pictures import UNREADABLE, open_picture

    if picture is None:
        return find_preview(file)
    try:
        return Preview(open_picture(picture), is_captioned=False)
    except UNREADABLE as error:
        raise EmbeddingFileError(
            f"Opening the preview {picture} failed: it was expected to be a picture. Name another one."
        ) from error


def _show(row: dict[str, Any], context: Context) -> None:
    context.output.record(row)
    context.output.line(_line_of(row))
    for line in nearest_lines(row):
        context.output.line(line)


def _line_of(row: dict[str, Any]) -> str:
    """`cat  ok  clip_l 4x768  step 500  v1-5  embeddings/cat.pt`"""
    if not row["encoders"]:
        return _joined((row["name"], row["status"], row["reason"]))
    sizes = ", ".join(f"{name} {size[0]}x{size[1]}" for name, size in row["encoders"].items())
    step = "" if row["step"] is None else f"step {row['step']}"
    model = row["sd_checkpoint_name"] or ""
    norms = ", ".join(f"{norm:.3g}" for rows in row["norms"].values() for norm in rows[:4])
    sibling = row["negative_sibling"]
    negative = f"with {Path(sibling).name} for the negative prompt" if sibling else ""
    facts = (sizes, step, model, f"norms {norms}", negative)
    return _joined((row["name"], row["status"], *facts, row["reason"], row["path"]))


def _joined(parts: Iterable[str]) -> str:
    """What isn't empty, with escapes for what a terminal would obey: file names may hold anything."""
    return "  ".join(json.dumps(part)[1:-1] if not part.isprintable() else part for part in parts if part)


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
