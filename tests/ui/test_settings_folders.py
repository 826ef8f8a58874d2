"""The folders in the tab *Settings*."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from traintab.errors import InputError
from traintab.ui.settings_folders import folder_html, folders_of, open_named


def asked_from(client: str, host: str = "127.0.0.1:7860") -> Any:
    return SimpleNamespace(client=SimpleNamespace(host=client), headers={"host": host})


@pytest.fixture
def file_manager(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A computer with a desktop; the folders that were opened on it."""
    monkeypatch.setattr("sys.platform", "darwin")
    return []


def test_a_folder_opens_for_who_sits_at_the_computer(studio: Any, file_manager: list[str]) -> None:
    message = open_named(
        studio, "Pictures", asked_from("127.0.0.1"), lambda command: file_manager.append(command[-1])
    )

    assert file_manager == [str(studio.paths.outputs_dir)]
    assert studio.paths.outputs_dir.is_dir(), "it is made when nothing was drawn yet"
    assert "opens in the file manager" in message


def test_nobody_elsewhere_opens_windows_on_the_computer(studio: Any, file_manager: list[str]) -> None:
    for request in (asked_from("192.168.1.9"), asked_from("127.0.0.1", "example.org"), None):
        with pytest.raises(InputError, match="only on the computer the program runs on"):
            open_named(studio, "Models", request, file_manager.append)
    assert file_manager == []


def test_a_path_is_shown_as_text_and_never_translated() -> None:
    markup = folder_html("Log directory", Path("/data/<b>Train</b>"))

    assert "&lt;b&gt;Train&lt;/b&gt;" in markup
    assert 'translate="no"' in markup
    assert (
        'data-copy="settings_path_log_directory"' in markup and 'id="settings_path_log_directory"' in markup
    )


def test_every_kind_of_file_has_its_folder(studio: Any) -> None:
    folders = folders_of(studio)

    assert folders["Embeddings"] == studio.paths.embeddings_dir
    assert folders["These settings"] == studio.paths.settings_file.parent
    assert len(set(folders.values())) == len(folders)
