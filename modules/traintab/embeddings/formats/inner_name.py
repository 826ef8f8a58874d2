"""The name inside an embedding's file, changed while everything else in it stays as it is."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import torch

from ..card_text import webui_fields
from .containers import read_container
from .containers.safetensors_header import LENGTH_BYTES, MAX_HEADER_BYTES, header_length
from .reading import EmbeddingFile, embedding_file_in
from .schemas import EmbeddingFormat
from .stored import StoredTensor
from .writing import EmbeddingWriter

__all__ = ["with_inner_name"]

_NAMES = ("modelspec.title", "modelspec.trigger_phrase")
_ALIGNMENT = 8


def with_inner_name(path: Path, data: bytes, name: str) -> bytes | None:
    """The bytes `data` of the file `path` with `name` for the name inside; None when they had better stay.

    So they do where there is no name inside, and where something else would be lost: in pickles with more
    than A1111's own fields, and in pictures. The token in diffusers' files stays: it is what their users
    type. Raises EmbeddingFileError for a file that is refused.
    """
    file = embedding_file_in(data, path)
    if file.inner_name is None:
        return None
    if path.suffix.lower() == ".safetensors":
        return _with_metadata(data, file.inner_name, name)
    if file.format is EmbeddingFormat.WEBUI and _is_plain(file, data):
        target = Path("renamed.pt")
        return EmbeddingWriter(dataclasses.replace(file.embedding, name=name)).encoded(target)[target]
    return None


def _is_plain(file: EmbeddingFile, data: bytes) -> bool:
    """Whether the dictionary has A1111's fields alone, as we would write them, and 32-bit vectors."""
    match read_container(".pt", data).tree:
        case {"string_to_param": {"*": StoredTensor() as stored, **others}, **fields} if not others:
            known = webui_fields(file.embedding) | {"name": file.inner_name}
            return fields == known and stored.storage.dtype is torch.float32
        case _:
            return False


def _with_metadata(data: bytes, old: str, name: str) -> bytes | None:
    """The safetensors file with its title and trigger phrase changed where they are `old`."""
    begin = LENGTH_BYTES + header_length(data[:LENGTH_BYTES])
    header = json.loads(data[LENGTH_BYTES:begin])
    metadata = header.get("__metadata__") or {}
    changed = {key: name for key in _NAMES if metadata.get(key) == old}
    if not changed:
        return None
    header["__metadata__"] = metadata | changed
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % _ALIGNMENT)
    if len(text) > MAX_HEADER_BYTES:
        return None
    return len(text).to_bytes(LENGTH_BYTES, "little") + text + data[begin:]
