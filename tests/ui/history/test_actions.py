"""What the buttons of *Past runs* do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from traintab.errors import ConfigError, InputError
from traintab.ui.history import actions
from traintab.ui.history.open_folder import is_asked_from_here, open_folder
from traintab.ui.history.views import RunViews
from traintab.ui.page import Page

MakeRun = Callable[..., Any]
HERE = SimpleNamespace(client=SimpleNamespace(host="127.0.0.1"), headers={"host": "127.0.0.1:7860"})


def fields_of(page: Page, values: tuple[Any, ...]) -> dict[str, Any]:
    """What changed in the Train panel: the values behind message, message and tab."""
    updates = zip(page.train.names, values[3:], strict=True)
    return {name: update["value"] for name, update in updates if "value" in update}


def test_a_run_s_settings_fill_the_train_panel_and_are_remembered(page: Page, make_run: MakeRun) -> None:
    make_run(batch_size=7, learning_rate="0.01", model="demo")
    values = actions.load_settings(page, "2024-02-29/mira")
    filled = fields_of(page, values)
    assert (filled["batch_size"], filled["learning_rate"], filled["steps"]) == (7, "0.01", 20)
    assert (filled["embedding_name"], filled["data_dir"]) == ("mira", "pictures")
    assert values[0] == values[1] and "are in the Train panel" in values[0]
    assert values[2]["selected"] == "train"
    assert page.remembered.values("train")["batch_size"] == 7


def test_another_model_than_the_selected_one_is_told(page: Page, make_run: MakeRun) -> None:
    make_run(model="/models/anime.safetensors")
    message = actions.load_settings(page, "2024-02-29/mira")[0]
    assert "It was trained on /models/anime.safetensors; demo is selected now." in message


def test_settings_of_a_web_ui_are_taken_from_a_file(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "settings-2023-01-02-03-04-05.json"
    settings = {"embedding_name": "cat", "learn_rate": "0.004", "steps": 77, "layer_structure": [1, 2]}
    file.write_text(json.dumps(settings))
    values = actions.load_file(page, SimpleNamespace(name=str(file)))
    assert fields_of(page, values)["learning_rate"] == "0.004"
    assert "layer_structure isn&#x27;t a setting of this version." in values[0]


def test_of_much_that_is_left_out_the_first_is_told(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("steps: 5\n" + "".join(f"unknown{number}: 1\n" for number in range(9)))
    message = actions.load_file(page, str(file))[0]
    assert message.count("Left out:") == 5 and "And 4 more were left out." in message


@pytest.mark.parametrize("file", [None, ""])
def test_no_file_is_a_sentence(page: Page, file: Any) -> None:
    with pytest.raises(InputError, match="Choose a file first"):
        actions.load_file(page, file)


def test_a_file_of_something_else_changes_no_field(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("colour: blue\n")
    with pytest.raises(ConfigError):
        actions.load_file(page, str(file))
    assert page.remembered.values("train") == {}


def test_deleting_offers_undo_and_undo_brings_the_run_back(page: Page, make_run: MakeRun) -> None:
    made = make_run()
    message, run, other, undo = actions.delete(page, "2024-02-29/mira")
    assert "in the trash" in message and not made.path.exists()
    assert (run["value"], other["value"], undo["visible"]) == (None, None, True)
    message, run, _, undo = actions.undo_delete(page)
    assert "2024-02-29/mira is back" in message and made.run_yaml.is_file()
    assert (run["value"], undo["visible"]) == ("2024-02-29/mira", False)


def test_undo_says_where_a_run_is_whose_place_is_taken(page: Page, make_run: MakeRun) -> None:
    make_run()
    actions.delete(page, "2024-02-29/mira")
    make_run()
    message, run, *_ = actions.undo_delete(page)
    assert "is back as 2024-02-29/mira-2, because 2024-02-29/mira is another run by now" in message
    assert run["value"] == "2024-02-29/mira-2"


def test_a_click_in_the_list_chooses_and_another_compares() -> None:
    run, other = actions.clicked("open 3 2024-02-29/with space", None)
    assert (run["value"], other["value"]) == ("2024-02-29/with space", None)
    run, other = actions.clicked("compare 4 2024-02-29/ben", "2024-02-29/mira")
    assert "value" not in run and other["value"] == "2024-02-29/ben"


def test_compare_chooses_the_first_run_where_none_is_chosen_yet() -> None:
    run, other = actions.clicked("compare 1 2024-02-29/ben", None)
    assert (run["value"], other["value"]) == ("2024-02-29/ben", None)


@pytest.mark.parametrize("what", ["", "open", "open 3", "open 3 "])
def test_a_click_that_names_no_run_changes_nothing(what: str) -> None:
    assert not any("value" in update for update in actions.clicked(what, None))


def test_choosing_shows_the_run_and_what_can_be_downloaded(page: Page, make_run: MakeRun) -> None:
    make_run()
    views = RunViews(page.studio)
    shown, load, _, _, sharing, steps = actions.chosen(page, views, "2024-02-29/mira", None)
    assert 'data-run="2024-02-29/mira"' in shown and load["interactive"] is True
    assert sharing["visible"] is True and (steps["choices"], steps["value"]) == (["20", "10"], "20")
    shown, load, *_, sharing, _ = actions.chosen(page, views, None, None)
    assert "Click a run" in shown and load["interactive"] is False and sharing["visible"] is False


def test_the_folder_opens_for_who_sits_here(
    page: Page, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_run()
    opened: list[Path] = []
    monkeypatch.setattr(actions, "open_folder", opened.append)
    (message,) = actions.show_folder(page, "2024-02-29/mira", HERE)
    assert opened == [made.path] and "opens in the file manager" in message


def test_others_are_told_where_the_folder_is(
    page: Page, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_run()
    monkeypatch.setattr(actions, "open_folder", lambda _: pytest.fail("It was opened."))
    elsewhere = SimpleNamespace(client=SimpleNamespace(host="10.0.0.7"), headers={"host": "10.0.0.1:7860"})
    with pytest.raises(InputError, match=str(made.path)):
        actions.show_folder(page, "2024-02-29/mira", elsewhere)


@pytest.mark.parametrize(
    ("client", "headers", "is_here"),
    [
        ("127.0.0.1", {"host": "localhost:7860"}, True),
        ("::1", {"host": "[::1]:7860"}, True),
        ("127.0.0.1", {"host": "abc.gradio.live"}, False),
        ("127.0.0.1", {"host": "localhost", "x-forwarded-for": "1.2.3.4"}, False),
        ("192.168.1.5", {"host": "localhost"}, False),
        ("127.0.0.1", {}, False),
    ],
)
def test_only_a_browser_of_this_computer_asks_from_here(
    client: str, headers: dict[str, str], is_here: bool
) -> None:
    request = SimpleNamespace(client=SimpleNamespace(host=client), headers=headers)
    assert is_asked_from_here(request) is is_here
    assert is_asked_from_here(None) is False


def test_a_computer_without_a_desktop_tells_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(InputError, match="/log/mira"):
        open_folder(Path("/log/mira"), lambda _: None)


@pytest.mark.parametrize(("platform", "program"), [("darwin", "open"), ("win32", "explorer")])
def test_the_system_s_own_file_manager_is_used(
    monkeypatch: pytest.MonkeyPatch, platform: str, program: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    started: list[Any] = []
    open_folder(Path("/log/mira"), started.append)
    assert started == [[program, "/log/mira"]]
