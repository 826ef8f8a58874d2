"""Embeddings that a LoRA file brings along, under the keys `bundle_emb.<name>.<key>`.

Format: A1111's and OneTrainer's. Only the header and those tensors are read, however large the file.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ...errors import EmbeddingFileError, EmbeddingNameError
from ..embedding import Embedding
from ..names import typable_name
from .containers.safetensors_file import stored_tensor
from .containers.safetensors_header import LENGTH_BYTES, Header, header_length, read_header
from .file_bytes import MAX_FILE_BYTES, open_regular
from .reading import EmbeddingFile
from .refusal import Refusal, naming_file
from .schemas import EmbeddingFormat, parse
from .stored import Contents
from .untrusted import clean_text

__all__ = ["Bundle", "read_bundled"]

_MAX_LORA_BYTES = 8 << 30
_MAX_EMBEDDINGS = 100
_KEY = re.compile(r"bundle_emb\.(?P<name>.+?)\.(?P<inner>string_to_param\.[^.]*|[^.]+)")


@dataclass(frozen=True)
class Bundle:
    """The embeddings in a LoRA by name, and of those that can't be used the name and the reason."""

    files: tuple[EmbeddingFile, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


def read_bundled(path: Path, *, within: Path | None = None) -> Bundle:
    """The embeddings in a LoRA's safetensors file; an empty bundle when it brings none.

    `source` is the LoRA's file for all of them. Raises EmbeddingFileError for a file that isn't sound.
    """
    with naming_file(path):
        everything = sorted(_contents(path, within).items())
    found: list[EmbeddingFile] = []
    refused: dict[str, str] = {}
    for name, contents in everything:
        try:
            with naming_file(path):
                found.append(_embedding_file(path, name, contents))
        except EmbeddingFileError as error:
            shown = clean_text(name) or "unnamed"
            refused[shown] = f"The embedding {shown!r} in {error}"
    return Bundle(tuple(found), refused)


def _contents(path: Path, within: Path | None) -> dict[str, Contents]:
    """What lies below each name, of the bytes only those."""
    if path.suffix.lower() != ".safetensors":
        raise Refusal(f"a file of the kind {path.suffix!r}", "a LoRA in the format .safetensors")
    with open_regular(path, within=within, limit=_MAX_LORA_BYTES) as (stream, size):
        begin = LENGTH_BYTES + header_length(stream.read(LENGTH_BYTES))
        header = read_header(stream.read(begin - LENGTH_BYTES), size - begin)
        keys: dict[str, list[tuple[str, str]]] = {}
        for key in header.tensors:
            if match := _KEY.fullmatch(key):
                keys.setdefault(match["name"], []).append((key, match["inner"]))
        if len(keys) > _MAX_EMBEDDINGS:
            raise Refusal(f"a LoRA with {len(keys)} embeddings", f"at most {_MAX_EMBEDDINGS}")
        places = [header.tensors[key] for inner in keys.values() for key, _ in inner]
        if sum(place.end - place.start for place in places) > MAX_FILE_BYTES:
            raise Refusal("a LoRA whose embeddings are huge", f"at most {MAX_FILE_BYTES >> 20} MiB of them")
        return {name: Contents(tree=_tree(stream, begin, header, inner)) for name, inner in keys.items()}


def _tree(
    stream: BinaryIO, begin: int, header: Header, keys: Sequence[tuple[str, str]]
) -> dict[object, object]:
    """The tensors under `keys`, as they would stand in a file of their own."""
    tree: dict[object, object] = {}
    for key, inner in keys:
        entry = header.tensors[key]
        stream.seek(begin + entry.start)
        tensor = stored_tensor(entry, memoryview(stream.read(entry.end - entry.start)))
        parameters, _, parameter = inner.partition(".")
        if parameter:
            tree.setdefault(parameters, {})
            nested = tree[parameters]
            if isinstance(nested, dict):
                nested[parameter] = tensor
        else:
            tree[inner] = tensor
    return tree


def _embedding_file(path: Path, name: str, contents: Contents) -> EmbeddingFile:
    parsed = parse(contents)
    word = clean_text(name) or "unnamed"
    with contextlib.suppress(EmbeddingNameError):
        word = typable_name(name)
    embedding = Embedding(name=word, vectors=parsed.vectors, source=path)
    return EmbeddingFile(embedding=embedding, format=EmbeddingFormat.BUNDLE, inner_name=clean_text(name))
