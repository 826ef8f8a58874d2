"""The LoRA files there are, by the names that a prompt calls them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["find_loras", "lora_hash"]

_SUFFIXES = (".safetensors", ".pt", ".ckpt")
_HASH_DIGITS = 12
_BLOCK = 1 << 20


def find_loras(dirs: Iterable[Path]) -> dict[str, Path]:
    """Name (the file's stem) to path of every LoRA file in `dirs` and below, sorted by name.

    The first of equal names wins, and a safetensors file before others of its folder. Folders that don't
    exist or can't be read don't matter.
    """
    found: dict[str, Path] = {}
    for folder in dirs:
        for path in _files_below(folder):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items(), key=lambda item: (item[0].casefold(), item[0])))


def _files_below(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files = [Path(where, name) for name in sorted(names) if not name.startswith(".")]
        for suffix in _SUFFIXES:
            yield from (file for file in files if file.suffix.lower() == suffix and file.is_file())


def lora_hash(path: Path) -> str:
    """Twelve hex digits that A1111 writes into pictures: the sha256 of a safetensors file's tensors alone.

    So another description in the header doesn't make it another network. Of other files the sha256 of all.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        if path.suffix.lower() == ".safetensors":
            stream.seek(8 + int.from_bytes(stream.read(8), "little"))
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()[:_HASH_DIGITS]
