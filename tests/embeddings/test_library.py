from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from traintab.embeddings import library as library_module
from traintab.embeddings.library import EmbeddingLibrary

from .conftest import put, refreshed


def make_old(path: Path) -> None:
    os.utime(path, (1_000_000_000, 1_000_000_000))


@pytest.fixture(autouse=True)
def long_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests on a busy machine take longer than a moment."""
    monkeypatch.setattr(library_module, "_SETTLED_NANOSECONDS", 10**12)


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
    make_old(tmp_path / "bad.pt")
    library = refreshed(tmp_path)
    assert library.refresh() is False
    assert len(reads) == 1
    assert library.skipped()[0].reason.startswith(str(tmp_path / "bad.pt"))


def test_a_bad_file_of_this_moment_is_read_again_until_it_is_whole_or_old(
    tmp_path: Path, reads: list[Path]
) -> None:
    """As a copy that reserves its whole size first and then fills it in."""
    whole = put(tmp_path / "good.pt").read_bytes()
    arriving = tmp_path / "arriving.pt"
    arriving.write_bytes(whole[:100] + bytes(len(whole) - 100))
    stamp = arriving.stat()
    library = refreshed(tmp_path)
    assert library.skipped()[0].reason.startswith(
        "It changed a moment ago and may not be whole yet. So far: "
    )
    arriving.write_bytes(whole)
    os.utime(arriving, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert library.refresh() is True
    assert list(library.embeddings()) == ["arriving", "good"]
    assert library.skipped() == []
    reads.clear()
    assert library.refresh() is False
    assert reads == []


def test_a_bad_file_that_stays_so_is_no_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.pt").write_bytes(b"nonsense")
    library = refreshed(tmp_path)
    assert library.refresh() is False
    monkeypatch.setattr(library_module, "_SETTLED_NANOSECONDS", 0)
    assert library.refresh() is True
    assert library.skipped()[0].reason.startswith(str(tmp_path / "bad.pt"))
    assert library.refresh() is False


def test_an_embedding_of_another_model_is_skipped_for_this_one(tmp_path: Path) -> None:
    put(tmp_path / "tiny.pt")
    put(tmp_path / "sd1.pt", width=768)
    library = refreshed(tmp_path)
    assert list(library.embeddings({"clip_l": 32})) == ["tiny"]
    (skipped,) = library.skipped({"clip_l": 32})
    assert skipped.reason == (
        "It is for another model (Stable Diffusion 1): its vectors have 768 (clip_l) numbers, this model"
        " takes 32 (clip_l)."
    )
    assert skipped.embedding is not None
    assert library.skipped() == []
    assert library.find("sd1", {"clip_l": 32}) is None


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

    def no_read(path: Path, *, within: Path | None) -> object:
        raise AssertionError(path)

    monkeypatch.setattr(library_module, "read_embedding_file", no_read)
    assert library.refresh() is False


def test_one_changed_file_of_a_thousand_is_read_and_no_other(tmp_path: Path, reads: list[Path]) -> None:
    first = put(tmp_path / "e0.pt").read_bytes()
    for number in range(1, 1000):
        (tmp_path / f"e{number}.pt").write_bytes(first)
    library = refreshed(tmp_path)
    before = library.embeddings()
    reads.clear()
    put(tmp_path / "e500.pt", value=0.25)
    assert library.refresh() is True
    assert reads == [tmp_path / "e500.pt"]
    after = library.embeddings()
    assert [name for name in before if before[name] is not after[name]] == ["e500"]


def test_embeddings_of_another_family_are_there_again_when_the_model_changes(tmp_path: Path) -> None:
    put(tmp_path / "tiny.pt")
    put(tmp_path / "sd1.pt", width=768)
    library = refreshed(tmp_path)
    assert list(library.embeddings({"clip_l": 32})) == ["tiny"]
    assert list(library.embeddings({"clip_l": 768})) == ["sd1"]
    assert list(library.embeddings({"clip_l": 32})) == ["tiny"]
