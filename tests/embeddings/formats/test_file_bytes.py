"""What is opened at all."""

from __future__ import annotations

import os
import sys
import tracemalloc
from pathlib import Path

import pytest
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import file_bytes as file_bytes_module
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.errors import EmbeddingFileError


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "mira.pt").mkdir()
    with pytest.raises(EmbeddingFileError, match="was refused: found"):
        read_embedding(tmp_path / "mira.pt")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingFileError, match="No such file"):
        read_embedding(tmp_path / "mira.pt")


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
def test_links_without_end_and_pipes_dont_hang(tmp_path: Path) -> None:
    (tmp_path / "loop.pt").symlink_to(tmp_path / "loop.pt")
    with pytest.raises(EmbeddingFileError, match="no readable file"):
        read_embedding(tmp_path / "loop.pt")
    os.mkfifo(tmp_path / "pipe.pt")
    with pytest.raises(EmbeddingFileError, match="a pipe or a device"):
        read_embedding(tmp_path / "pipe.pt")
    (tmp_path / "device.pt").symlink_to("/dev/zero")
    with pytest.raises(EmbeddingFileError, match="a pipe or a device"):
        read_embedding(tmp_path / "device.pt")


def test_a_path_with_a_zero_byte_is_refused() -> None:
    with pytest.raises(EmbeddingFileError, match="no readable file"):
        read_embedding(Path("a\0b.pt"))


def test_a_file_above_the_cap_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "big.pt"
    with path.open("wb") as stream:
        stream.truncate(10 << 30)
    tracemalloc.start()
    with pytest.raises(EmbeddingFileError, match="10240 MiB, expected at most 64 MiB"):
        read_embedding(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "grows.pt"
    path.write_bytes(bytes(100))

    def grow(status: os.stat_result, _: int) -> int:
        path.write_bytes(bytes(200))
        return status.st_size

    monkeypatch.setattr(file_bytes_module, "_checked_size", grow)
    with pytest.raises(EmbeddingFileError, match="a file that is being written"):
        read_embedding(path)


def test_reading_that_runs_out_of_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from traintab.embeddings.formats import reading

    def exhausted(*_: object) -> object:
        raise MemoryError

    monkeypatch.setattr(reading, "parse", exhausted)
    write_embedding(Embedding(name="a", vectors={"clip_l": torch.ones(1, 8)}), tmp_path / "a.pt")
    with pytest.raises(EmbeddingFileError, match="too much memory"):
        read_embedding(tmp_path / "a.pt")


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_links_stay_within_the_folder_that_is_given(tmp_path: Path) -> None:
    folder, other = tmp_path / "embeddings", tmp_path / "other"
    (folder / "sub").mkdir(parents=True)
    other.mkdir()
    embedding = Embedding(name="a", vectors={"clip_l": torch.ones(1, 8)})
    for place in (folder / "sub" / "a.pt", other / "a.pt"):
        write_embedding(embedding, place)
    (folder / "inside.pt").symlink_to(folder / "sub" / "a.pt")
    (folder / "outside.pt").symlink_to(other / "a.pt")
    (folder / "elsewhere").symlink_to(other)
    (tmp_path / "alias").symlink_to(folder)
    for inside in ("sub/a.pt", "inside.pt", "sub/../inside.pt"):
        assert read_embedding(folder / inside, within=folder).num_vectors == 1
        assert read_embedding(tmp_path / "alias" / inside, within=tmp_path / "alias").num_vectors == 1
    for outside in ("outside.pt", "elsewhere/a.pt", "../other/a.pt"):
        with pytest.raises(EmbeddingFileError, match="leads out of the folder"):
            read_embedding(folder / outside, within=folder)
    assert read_embedding(folder / "outside.pt").num_vectors == 1
