"""What *Past runs* shows of the log directory."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from traintab.errors import InputError
from traintab.ui.history.views import RunViews

MakeRun = Callable[..., Any]


@pytest.fixture
def views(studio: Any) -> RunViews:
    return RunViews(studio)


def places(update: dict[str, Any]) -> list[str]:
    return [place for _, place in update["choices"]]


def test_the_list_is_as_long_as_was_asked_for(views: RunViews, make_run: MakeRun) -> None:
    for number in range(3):
        make_run(f"2024-02-29/mira-{number}", hour=10 + number)
    shown, run, other, older = views.listed("", 2)
    assert shown.count('data-run="') == 2 and places(run) == places(other) == [
        "2024-02-29/mira-2",
        "2024-02-29/mira-1",
    ]
    assert older["visible"] is True and "3 runs" in shown
    assert views.listed("", 3)[3]["visible"] is False


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("MIRA", ["mira"]),
        ("anime", ["ben"]),
        ("2024 ben", ["ben"]),
        ("finished", ["ben", "mira"]),
        ("zoe", []),
    ],
)
def test_all_words_of_a_search_have_to_be_there(
    views: RunViews, make_run: MakeRun, search: str, found: list[str]
) -> None:
    make_run("2024-02-29/mira", hour=10)
    make_run("2024-02-29/ben", name="ben", hour=11, model="anime-v3.safetensors")
    assert [place.split("/")[1] for place in places(views.listed(search, 30)[1])] == found


def test_a_run_is_shown_with_curve_previews_settings_and_files(views: RunViews, make_run: MakeRun) -> None:
    make_run(batch_size=7)
    shown = views.shown("2024-02-29/mira", None)
    assert "<svg" in shown and "Previews by step" in shown and "mira-20.png" in shown
    assert "<dt>Batch size</dt><dd>7</dd>" in shown
    assert ">mira-10.pt</li>" in shown and 'download="run.yaml"' in shown
    assert "status.json" not in shown, "what only the program needs is left out"


def test_what_a_run_wrote_is_saved_from_the_page_unless_it_is_large_or_no_text(
    views: RunViews, make_run: MakeRun
) -> None:
    run = make_run()
    (run.path / "large.txt").write_bytes(b"x" * 300_000)
    (run.path / "odd.txt").write_bytes(b"\xff\xfe\xfa")
    shown = views.shown("2024-02-29/mira", None)
    saved = dict(re.findall(r'download="([^"]+)" href="data:text/plain;charset=utf-8,([^"]*)"', shown))
    assert unquote(saved["textual_inversion_loss.csv"]) == run.loss_table.read_bytes().decode("utf-8")
    assert ">large.txt</li>" in shown and ">odd.txt</li>" in shown


def test_only_settings_that_differ_are_compared(views: RunViews, make_run: MakeRun) -> None:
    make_run("2024-02-29/mira", batch_size=7)
    make_run("2024-02-29/mira-2", batch_size=3)
    shown = views.shown("2024-02-29/mira", "2024-02-29/mira-2")
    assert '<th scope="row">Batch size</th><td>7</td><td>3</td>' in shown
    assert "Max steps" not in shown


def test_a_run_is_not_compared_with_itself(views: RunViews, make_run: MakeRun) -> None:
    make_run()
    assert "traintab-compared" not in views.shown("2024-02-29/mira", "2024-02-29/mira")


def test_settings_that_cannot_be_read_cost_nothing_else(views: RunViews, make_run: MakeRun) -> None:
    made = make_run()
    make_run("2024-02-29/mira-2")
    made.run_yaml.write_text("[[[")
    shown = views.shown("2024-02-29/mira", None)
    assert "can&#x27;t be read" in shown and "mira-20.png" in shown
    assert "can&#x27;t be read" in views.shown("2024-02-29/mira", "2024-02-29/mira-2")


def test_a_run_that_is_gone_is_told(views: RunViews) -> None:
    with pytest.raises(InputError, match="isn't in the log directory any more"):
        views.shown("2024-02-29/mira", None)
