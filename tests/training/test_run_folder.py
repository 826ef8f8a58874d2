"""The folder of a run."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import pytest

from traintab.errors import StorageError
from traintab.training.run_folder import (
    FINISHED,
    UNFINISHED,
    branched_run_folder,
    new_run_folder,
    runs_of,
)

DAY = date(2024, 2, 29)


def test_files_lie_where_the_web_ui_puts_them(tmp_path: Path) -> None:
    run = new_run_folder(tmp_path, "cat", DAY)
    names = (run.checkpoint(500), run.preview(7), run.card(7), run.loss_table, run.run_yaml)
    assert [path.relative_to(tmp_path).as_posix() for path in names] == [
        "2024-02-29/cat/embeddings/cat-500.pt",
        "2024-02-29/cat/images/cat-7.png",
        "2024-02-29/cat/image_embeddings/cat-7.png",
        "2024-02-29/cat/textual_inversion_loss.csv",
        "2024-02-29/cat/run.yaml",
    ]
    assert run.settings(datetime(2024, 2, 29, 1, 2, 3)).name == "settings-2024-02-29-01-02-03.json"


def test_runs_of_one_day_are_numbered(tmp_path: Path) -> None:
    assert [new_run_folder(tmp_path, "cat", DAY).path.name for _ in range(3)] == ["cat", "cat-2", "cat-3"]


def test_without_a_day_it_is_today(tmp_path: Path) -> None:
    before = date.today().isoformat()
    assert new_run_folder(tmp_path, "cat").path.parent.name in (before, date.today().isoformat())


def test_runs_are_found_across_days_the_newest_last(tmp_path: Path) -> None:
    runs = [new_run_folder(tmp_path, "cat", DAY), new_run_folder(tmp_path, "cat", DAY)]
    runs.append(new_run_folder(tmp_path, "cat", date(2023, 1, 1)))
    for run in runs:
        run.mark(UNFINISHED)
    assert runs_of("cat", tmp_path) == runs


def test_a_run_of_another_embedding_with_a_number_is_not_mistaken(tmp_path: Path) -> None:
    cat, cat_2 = new_run_folder(tmp_path, "cat", DAY), new_run_folder(tmp_path, "cat-2", DAY)
    for run in (cat, cat_2):
        run.mark(UNFINISHED)
    assert runs_of("cat", tmp_path) == [cat]
    assert runs_of("cat-2", tmp_path) == [cat_2]


def test_no_log_directory_means_no_runs(tmp_path: Path) -> None:
    assert runs_of("cat", tmp_path / "none") == []


def test_a_run_is_unfinished_until_it_is_marked(tmp_path: Path) -> None:
    run = new_run_folder(tmp_path, "cat", DAY)
    assert not run.is_unfinished, "nothing has begun"
    run.mark(UNFINISHED)
    assert run.is_unfinished
    started = run.started
    run.mark(FINISHED)
    assert not run.is_unfinished
    assert run.started == started != ""


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"text"', b"\xff\xfe"])
def test_a_damaged_status_means_nothing_is_known(tmp_path: Path, content: bytes) -> None:
    run = new_run_folder(tmp_path, "cat", DAY)
    run.mark(UNFINISHED)
    run.status_file.write_bytes(content)
    assert not run.is_unfinished
    assert run.started == ""


def test_nothing_is_written_once_the_folder_is_gone(tmp_path: Path) -> None:
    run = new_run_folder(tmp_path, "cat", DAY)
    run.path.rmdir()
    with pytest.raises(StorageError, match="is gone, so nothing can be saved there"):
        run.write(run.run_yaml, b"x")
    assert not run.path.exists()


def test_a_log_directory_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"")
    with pytest.raises(StorageError, match="can't be made"):
        new_run_folder(tmp_path / "log", "cat", DAY)


def test_what_lies_beside_the_days_is_passed_over(tmp_path: Path) -> None:
    run = new_run_folder(tmp_path, "cat")
    run.mark(UNFINISHED)
    (tmp_path / "notes.txt").write_text("")
    assert runs_of("cat", tmp_path) == [run]
    assert runs_of("cat", tmp_path / "notes.txt") == []


def test_a_branch_has_the_tables_and_leaves_the_run_alone(tmp_path: Path) -> None:
    run = new_run_folder(tmp_path, "cat", DAY)
    run.write(run.loss_table, b"step\n1\n")
    run.write(run.state(1), b"state")
    branch = branched_run_folder(run, tmp_path)
    assert branch.path != run.path
    assert [path.name for path in branch.path.iterdir()] == [run.loss_table.name]
    assert branch.loss_table.read_bytes() == b"step\n1\n"


@pytest.mark.parametrize("damaged", [b"", b'{"status"', b"\xff", b"[]", b"{}"])
def test_a_damaged_status_file_loses_no_run(tmp_path: Path, damaged: bytes) -> None:
    run = new_run_folder(tmp_path, "cat", DAY)
    run.write(run.run_yaml, b"embedding_name: cat\nseed: 0\n")
    run.mark(FINISHED)
    run.status_file.write_bytes(damaged)
    (found,) = runs_of("cat", tmp_path)
    assert found.is_unfinished
    assert found.started
    assert runs_of("cat-2", tmp_path) == []


def test_a_table_that_cannot_be_flushed_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run_folder(tmp_path, "cat")
    run.flush_tables()  # there is none yet
    run.loss_table.write_text("step\n", encoding="utf-8")
    run.evaluation_table.write_text("step\n", encoding="utf-8")
    tried = []

    def broken(descriptor: int) -> None:
        tried.append(descriptor)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    run.flush_tables()
    assert len(tried) == 2
