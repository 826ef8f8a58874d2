"""The pictures of grids on disk: one that was drawn of the same things is not drawn again."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..configs import GenerationConfig, LoadingConfig, to_mapping
from ..embeddings.embedding import Embedding
from ..errors import InputError, ModelError
from ..models.discovery import Checkpoint
from ..sampling.generated import GeneratedImage
from ..sampling.picture_info import read_infotext
from ..sampling.saving import save_image
from ..training.run_folder import RunFolder

__all__ = ["CellShelf", "Ingredients", "model_facts"]

_VERSION = 1  # to be raised when the same settings draw another picture
_KEY_DIGITS = 20
_CELL = re.compile(rf"\d+-\d+-[0-9a-f]{{{_KEY_DIGITS}}}\.png")
_MOST_BYTES = 1 << 30  # some 2,500 pictures of 512 pixels
_NETWORK = "<"  # LoRA files may change under their names


@dataclass(frozen=True, kw_only=True, eq=False)
class Ingredients:
    """All that a picture depends on; `embeddings` are those its prompts may name."""

    picture: GenerationConfig
    embeddings: Mapping[str, Embedding]
    model: Mapping[str, Any]

    @property
    def can_be_known(self) -> bool:
        """Whether nothing else decides the picture."""
        return _NETWORK not in self.picture.prompt + self.picture.negative_prompt

    def key(self) -> str:
        """Hex digits that are the same for the same picture."""
        text = f"{self.picture.prompt}\n{self.picture.negative_prompt}".casefold()
        named = {name: one for name, one in self.embeddings.items() if name.casefold() in text}
        facts = {
            "version": _VERSION,
            "picture": dataclasses.asdict(self.picture),
            "embeddings": {name: _digest(one) for name, one in sorted(named.items())},
            "model": dict(self.model),
        }
        text = json.dumps(facts, sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:_KEY_DIGITS]


class CellShelf:
    """The finished pictures below a run's folder."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run

    def path(self, step: int, ingredients: Ingredients) -> Path:
        """Where the picture of this step is, or will be."""
        name = f"{step}-{ingredients.picture.seed}-{ingredients.key()}.png"
        return self._folder / name

    def find(self, step: int, ingredients: Ingredients) -> tuple[Path, str] | None:
        """The picture's file and infotext; None when it has to be drawn."""
        path = self.path(step, ingredients)
        if not ingredients.can_be_known or not path.is_file():
            return None
        try:
            infotext = read_infotext(path)
        except InputError:
            return None  # somebody else wrote over it
        if infotext is None:
            return None
        with contextlib.suppress(OSError):  # the time when it was wanted last, by which `prune` goes
            os.utime(path)
        return path, infotext

    def keep(self, step: int, ingredients: Ingredients, drawn: GeneratedImage) -> Path:
        """Write a picture; raises StorageError."""
        self._run.check()
        path = self.path(step, ingredients)
        save_image(drawn, path)
        return path

    def prune(self, used: Iterable[Path], most_bytes: int = _MOST_BYTES) -> None:
        """Remove pictures until all take at most `most_bytes`, those first that were not wanted for longest.

        Those in `used` stay, and so does what isn't ours.
        """
        found = []
        for path in self._folder.glob("*.png"):
            with contextlib.suppress(OSError):  # gone meanwhile
                found.append((path, path.stat()))
        too_many = sum(facts.st_size for _, facts in found) - most_bytes
        needed = set(used)
        for path, facts in sorted(found, key=lambda one: one[1].st_mtime_ns):
            if too_many <= 0:
                return
            if path in needed or not _CELL.fullmatch(path.name):
                continue
            with contextlib.suppress(OSError):  # somebody looks at it; another time then
                path.unlink()
                too_many -= facts.st_size

    @property
    def _folder(self) -> Path:
        return self._run.grids_dir / "cells"


def model_facts(checkpoint: Checkpoint, loading: LoadingConfig, precision: str) -> dict[str, Any]:
    """What tells a model from another without reading it: its files' names, sizes and times.

    One on the hub is known by its name alone. How it is loaded counts too. Raises ModelError when the files
    are gone.
    """
    return {
        "source": checkpoint.source,
        "files": _files(checkpoint.path) if checkpoint.path is not None else [],
        "loading": to_mapping(loading),
        "precision": precision,
    }


def _files(path: Path) -> list[tuple[str, int, int]]:
    try:
        found = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        facts = [(one, one.stat()) for one in found]
    except OSError as error:
        raise ModelError(
            f"The grid can't be drawn: the model {path} can't be read any more ({error.strerror}). Bring it"
            " back, or choose another."
        ) from error
    return [(one.name, fact.st_size, fact.st_mtime_ns) for one, fact in facts]


def _digest(embedding: Embedding) -> str:
    digest = hashlib.sha256()
    for encoder, vectors in sorted(embedding.vectors.items()):
        plain = vectors.detach().to("cpu", torch.float32).contiguous()
        digest.update(f"{encoder} {tuple(plain.shape)} ".encode())
        digest.update(plain.numpy().tobytes())
    return digest.hexdigest()
