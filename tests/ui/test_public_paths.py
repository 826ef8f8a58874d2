"""Where the relative paths begin that are written on the page."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from traintab.errors import InputError, WorkError
from traintab.paths import Paths
from traintab.ui.app import Access, serve


@pytest.fixture
def started_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program was started; the test's own place comes back."""
    folder = tmp_path / "home"
    (folder / "pictures").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def open_page(data_dir: Path, host: str, port: int) -> None:
    """Up to where the port is found taken."""
    studio: Any = SimpleNamespace(paths=Paths.under(data_dir))
    serve(studio, host=host, port=port, access=Access(auth=("ann", "secret")))


@pytest.mark.parametrize("is_public", [True, False])
def test_a_visitor_s_relative_paths_begin_in_the_data_directory(
    tmp_path: Path, started_in: Path, is_public: bool
) -> None:
    data_dir, host = tmp_path / "data", "0.0.0.0" if is_public else "127.0.0.1"
    with socket.socket() as taken:
        taken.bind((host, 0))
        taken.listen()
        with pytest.raises(InputError, match="is taken"):
            open_page(data_dir, host, taken.getsockname()[1])
    assert Path.cwd() == (data_dir if is_public else started_in)
    assert Path("pictures").exists() is not is_public


def test_a_data_directory_that_is_a_file_is_told(tmp_path: Path, started_in: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(WorkError, match="can't be entered"):
        open_page(tmp_path / "data", "0.0.0.0", 7860)
    assert Path.cwd() == started_in
