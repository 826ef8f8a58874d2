from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from traintab.embeddings import library as library_module
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.embeddings.library import EmbeddingLibrary

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")


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

    def counted(path: Path) -> object:
        paths.append(path)
        return read(path)

    monkeypatch.setattr(library_module, "read_embedding_file", counted)
    return paths


def test_embeddings_of_all_kinds_and_subfolders_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("b.pt", "A.safetensors", "sub/deep/c.bin", "d.png"):
        put(tmp_path / name)
    library = refreshed(tmp_path)
    assert list(library.embeddings()) == ["A", "b", "c", "d"]
    assert library.skipped() == []


def test_a_missing_folder_is_an_empty_library(tmp_path: Path) -> None:
    library = EmbeddingLibrary(tmp_path / "none")
    assert library.refresh() is False
    assert library.embeddings() == {}
    put(tmp_path / "none" / "a.pt")
    assert library.refresh() is True
    assert list(library.embeddings()) == ["a"]


def test_at_rest_nothing_is_read(tmp_path: Path, reads: list[Path]) -> None:
    for number in range(20):
        put(tmp_path / f"e{number}.pt")
    library = refreshed(tmp_path)
    assert len(reads) == 20
    assert library.refresh() is False
    assert len(reads) == 20


def test_only_the_changed_file_is_read_again(tmp_path: Path, reads: list[Path]) -> None:
    put(tmp_path / "a.pt")
    put(tmp_path / "b.pt")
    library = refreshed(tmp_path)
    reads.clear()
    put(tmp_path / "b.pt", value=0.25)
    assert library.refresh() is True
    assert reads == [tmp_path / "b.pt"]
    assert library.embeddings()["b"].vectors["clip_l"][0, 0] == 0.25


def test_a_change_in_a_subfolder_is_noticed(tmp_path: Path) -> None:
    put(tmp_path / "sub" / "a.pt")
    library = refreshed(tmp_path)
    put(tmp_path / "sub" / "a.pt", value=0.75)
    assert library.refresh()
    assert library.embeddings()["a"].vectors["clip_l"][0, 0] == 0.75


def test_a_removed_file_is_gone_and_a_renamed_one_has_its_new_name(tmp_path: Path) -> None:
    put(tmp_path / "a.pt")
    put(tmp_path / "b.pt").rename(tmp_path / "c.pt")
    library = refreshed(tmp_path)
    (tmp_path / "a.pt").unlink()
    assert library.refresh() is True
    assert list(library.embeddings()) == ["c"]


def test_a_bad_file_is_listed_with_its_reason_and_stops_nothing(tmp_path: Path) -> None:
    put(tmp_path / "good.pt")
    (tmp_path / "bad.pt").write_bytes(b"\x80\x02nonsense")
    library = refreshed(tmp_path)
    assert list(library.embeddings()) == ["good"]
    (skipped,) = library.skipped()
    assert skipped.path == tmp_path / "bad.pt"
    assert "was refused: found a pickle" in skipped.reason
    assert skipped.embedding is None


def test_a_bad_file_is_read_once_only(tmp_path: Path, reads: list[Path]) -> None:
    (tmp_path / "bad.pt").write_bytes(b"nonsense")
    library = refreshed(tmp_path)
    assert library.refresh() is False
    assert len(reads) == 1


def test_an_embedding_of_another_model_is_skipped_for_this_one(tmp_path: Path) -> None:
    put(tmp_path / "tiny.pt")
    put(tmp_path / "sd1.pt", width=768)
    library = refreshed(tmp_path)
    assert list(library.embeddings({"clip_l": 32})) == ["tiny"]
    (skipped,) = library.skipped({"clip_l": 32})
    assert skipped.reason == (
        "It is of another model: it has 768 numbers a vector for clip_l, this model takes 32 numbers a vector"
        " for clip_l."
    )
    assert skipped.embedding is not None
    assert library.skipped() == []
    assert library.find("sd1", {"clip_l": 32}) is None


def test_the_top_folder_owns_a_name_and_the_other_is_listed(tmp_path: Path) -> None:
    put(tmp_path / "a-sub" / "mira.pt", value=0.25)
    put(tmp_path / "mira.safetensors")
    library = refreshed(tmp_path)
    assert library.path_of("mira") == tmp_path / "mira.safetensors"
    (skipped,) = library.skipped()
    assert skipped.path == tmp_path / "a-sub" / "mira.pt"
    assert (
        skipped.reason == "The name 'mira' already belongs to mira.safetensors; rename or remove one of them."
    )


def test_side_by_side_the_pt_file_owns_the_name(tmp_path: Path) -> None:
    put(tmp_path / "mira.safetensors")
    put(tmp_path / "mira.pt")
    assert refreshed(tmp_path).path_of("mira") == tmp_path / "mira.pt"


def test_a_name_belongs_to_the_file_that_fits_the_model(tmp_path: Path) -> None:
    put(tmp_path / "mira.pt", width=768)
    put(tmp_path / "tiny" / "mira.pt")
    library = refreshed(tmp_path)
    found = library.find("mira", {"clip_l": 32})
    assert found is not None
    assert found.source == tmp_path / "tiny" / "mira.pt"


def test_names_are_found_in_any_case_and_differ_by_more_than_case(tmp_path: Path) -> None:
    put(tmp_path / "Mira.pt")
    put(tmp_path / "sub" / "mira.pt")
    library = refreshed(tmp_path)
    found = library.find(" MIRA ")
    assert found is not None
    assert found.name == "Mira"
    assert len(library.skipped()) == 1


def test_an_unknown_name_has_the_path_of_a_new_file(tmp_path: Path) -> None:
    library = refreshed(tmp_path)
    assert library.find("new") is None
    assert library.path_of("new") == tmp_path / "new.pt"


def test_previews_hidden_temporary_empty_and_other_files_are_passed_over(
    tmp_path: Path, reads: list[Path]
) -> None:
    for name in (
        "a.preview.png",
        ".hidden.pt",
        ".git/b.pt",
        ".c.pt.x.tmp",
        "notes.txt",
        "d.jpg",
        "e.pt.optim",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty.pt").write_bytes(b"")
    library = refreshed(tmp_path)
    assert library.embeddings() == {}
    assert library.skipped() == []
    assert reads == []


def test_an_ordinary_picture_beside_an_embedding_is_no_error(tmp_path: Path) -> None:
    from PIL import Image

    put(tmp_path / "a.pt")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    library = refreshed(tmp_path)
    assert list(library.embeddings()) == ["a"]
    assert library.skipped() == []


@needs_posix
def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    put(elsewhere / "linked.pt")
    put(elsewhere / "other" / "file.pt")
    folder = tmp_path / "embeddings"
    folder.mkdir()
    (folder / "link.pt").symlink_to(elsewhere / "linked.pt")
    (folder / "sub").symlink_to(elsewhere / "other")
    (folder / "again").symlink_to(folder)
    (elsewhere / "other" / "up").symlink_to(folder)
    library = refreshed(folder)
    assert list(library.embeddings()) == ["file", "link"]
    assert library.skipped() == []


@needs_posix
def test_dead_links_and_pipes_are_listed_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "dead.pt").symlink_to(tmp_path / "nowhere.pt")
    (tmp_path / "loop.pt").symlink_to(tmp_path / "loop.pt")
    os.mkfifo(tmp_path / "pipe.pt")
    library = refreshed(tmp_path)
    reasons = {skipped.path.name: skipped.reason for skipped in library.skipped()}
    assert list(reasons) == ["dead.pt", "loop.pt", "pipe.pt"]
    assert "leads nowhere" in reasons["dead.pt"]
    assert "a pipe" in reasons["pipe.pt"]
    assert library.refresh() is False


def test_many_threads_may_refresh_and_look(tmp_path: Path) -> None:
    library = EmbeddingLibrary(tmp_path)

    def work(number: int) -> None:
        for turn in range(5):
            put(tmp_path / f"t{number}-{turn}.pt")
            library.refresh()
            assert f"t{number}-{turn}" in library.embeddings()
            library.skipped({"clip_l": 32})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert len(library.embeddings()) == 20


def test_a_thousand_files_at_rest_cost_one_stat_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = put(tmp_path / "e0.pt").read_bytes()
    for number in range(1, 1000):
        (tmp_path / f"e{number}.pt").write_bytes(first)
    library = refreshed(tmp_path)
    assert len(library.embeddings()) == 1000

    def no_read(path: Path) -> object:
        raise AssertionError(path)

    monkeypatch.setattr(library_module, "read_embedding_file", no_read)
    assert library.refresh() is False
