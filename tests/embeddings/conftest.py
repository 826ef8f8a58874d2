"""A folder of embeddings to do things with."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from traintab.embeddings import library as library_module
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.embeddings.library import EmbeddingLibrary
from traintab.embeddings.manage import accept_upload


class Shelf:
    """A library, its trash, and what lies where."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.trash = root, root / "embeddings", root / "trash"
        self.folder.mkdir()
        self.library = EmbeddingLibrary(self.folder)

    def put(self, name: str, value: float = 0.5, inner: str = "") -> Path:
        path = self.folder / name
        write_embedding(embedding(inner or path.stem, value), path)
        self.library.refresh()
        return path

    def upload(self, name: str, data: bytes | None = None, *, replace: bool = False) -> Embedding:
        source = self.root / "incoming" / name
        if data is None:
            write_embedding(embedding(source.stem, 0.25), source)
        else:
            source.parent.mkdir(exist_ok=True)
            source.write_bytes(data)
        return accept_upload(self.library, source, trash_dir=self.trash, replace=replace)

    @property
    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    @property
    def trashed(self) -> list[str]:
        return sorted(path.name for path in self.trash.rglob("*") if path.is_file())


def embedding(name: str, value: float = 0.5, **widths: int) -> Embedding:
    vectors = {key: torch.full((1, width), value) for key, width in (widths or {"clip_l": 32}).items()}
    return Embedding(name=name, vectors=vectors, step=7)


def value_of(found: Embedding | None) -> float:
    assert found is not None
    return float(found.vectors["clip_l"][0, 0])


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def put(path: Path, *, value: float = 0.5, width: int = 32) -> Path:
    vectors = {"clip_l": torch.full((1, width), value)}
    write_embedding(Embedding(name=path.stem, vectors=vectors), path)
    return path


def refreshed(folder: Path) -> EmbeddingLibrary:
    library = EmbeddingLibrary(folder)
    library.refresh()
    return library


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that the library reads."""
    paths: list[Path] = []
    read = library_module.read_embedding_file

    def counted(path: Path, *, within: Path | None) -> object:
        paths.append(path)
        return read(path, within=within)

    monkeypatch.setattr(library_module, "read_embedding_file", counted)
    return paths
