from __future__ import annotations

from pathlib import Path

import pytest

from traintab.errors import DatasetError
from traintab.preprocessing.candidates import list_candidates


def test_captions_settings_and_hidden_files_are_no_candidates(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "a.txt", "example.yaml", "a.npz", ".hidden.png", "odd.xyz"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in list_candidates(tmp_path)] == ["a.jpg", "b.png", "odd.xyz"]


def test_links_to_nowhere_are_candidates_so_that_they_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to("gone.png")
    (tmp_path / "linked").symlink_to(tmp_path, target_is_directory=True)
    assert [path.name for path in list_candidates(tmp_path)] == ["link.png"]


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not a folder"):
        list_candidates(tmp_path / "nowhere")


def test_an_empty_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no pictures.* with Search subfolders they may be"):
        list_candidates(tmp_path)
