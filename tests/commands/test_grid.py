"""`grid` on the tiny model."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from traintab.cli import main
from traintab.configs import GridConfig
from traintab.sampling.infotext import parse_infotext
from traintab.sampling.picture_info import read_infotext


@pytest.fixture(scope="module")
def trained_data(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which cat was trained for four steps, and every second kept."""
    root = tmp_path_factory.mktemp("trained")
    Image.new("RGB", (64, 64), "red").save(root / "girl.png")
    here = ("--model", str(tiny_model_dir), "--data-dir", str(root / "data"))
    assert main(["create", "cat", "--init-text", "girl", *here]) == 0
    quick = ("--steps", "4", "--save-every", "2", "--preview-every", "0", "--template", "none.txt")
    assert main(["train", "cat", "--data", str(root), *quick, *here]) == 0
    return root / "data"


@pytest.fixture
def trained(line: Any, trained_data: Path) -> Any:
    """`trained("--seeds", 1)` compares the steps 2 and 4 of cat."""
    shutil.copytree(trained_data, line.data_dir)
    return lambda *arguments: line("grid", "cat", "--sampling-steps", 1, *arguments)


def test_the_labelled_picture_is_all_that_is_printed(trained: Any, tmp_path: Path) -> None:
    answer = trained(
        "--prompt", "[name]", "--prompt", "[name], night", "--seeds", 1, "--out", tmp_path / "g.png"
    )

    assert (answer.status, answer.out) == (0, f"{tmp_path / 'g.png'}\n")
    told = read_infotext(tmp_path / "g.png")
    assert told is not None and parse_infotext(told)["Grid rows"] == "cat | cat, night"
    with Image.open(tmp_path / "g.png") as image:
        assert image.format == "PNG"


def test_json_tells_every_picture_with_its_step(trained: Any) -> None:
    answer = trained("--rows", "weights", "--values", "0.5, 1", "--seeds", 1, "--json")
    started, *drawn, saved = answer.objects

    assert answer.status == 0
    assert (started["event"], started["steps"], started["rows"], started["total"]) == (
        "grid_started",
        [2, 4],
        ["weight 0.5", "weight 1"],
        4,
    )
    assert sorted((one["step"], one["row"]) for one in drawn) == [
        (2, "weight 0.5"),
        (2, "weight 1"),
        (4, "weight 0.5"),
        (4, "weight 1"),
    ]
    assert all(Path(one["path"]).is_file() for one in [*drawn, saved])
    assert saved["event"] == "grid_saved"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--steps", "3"), "of which there is no copy"),
        (("--out", "grid.txt"), "--out is grid.txt"),
        (("--steps", "some"), "--steps: Steps to compare is 'some'"),
        (("--rows", "CFG", "--values", "0.5"), "write numbers from 1 to 30"),
        (("--run", "../elsewhere"), "no run in the log directory"),
        (("--model", "nowhere"), "There is no model called 'nowhere'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_status_2(
    trained: Any, arguments: tuple[str, ...], said: str
) -> None:
    answer = trained(*arguments)
    assert answer.status == 2 and answer.out == ""
    assert said in answer.err and len(answer.err.splitlines()) == 1


def test_a_signal_keeps_what_is_drawn(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from traintab.grids.cells import CellShelf

    keep, kept = CellShelf.keep, []

    def kept_once(*arguments: Any) -> Path:
        kept.append(keep(*arguments))
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(0.5)  # the main thread hears it meanwhile
        return kept[-1]

    monkeypatch.setattr(CellShelf, "keep", kept_once)
    stopped = trained("--seeds", 1)
    assert stopped.status == 130 and Path(stopped.out.strip()).is_file()
    assert kept[0].is_file() and len(kept) < 6


def test_what_is_found_while_drawing_is_told_once(tmp_path: Path) -> None:
    from traintab.commands.grid import _followed
    from traintab.grids import GridCell, GridColumn, GridRow, GridSnapshot, GridState

    begun = GridSnapshot(state=GridState.WAITING)
    planned = replace(
        begun,
        state=GridState.DRAWING,
        columns=(GridColumn(step=2, path=tmp_path),),
        rows=(GridRow(title="cat", prompt="cat"),),
        seeds=(1,),
        notes=("Known before.",),
    )
    noted = replace(planned, notes=("Known before.", "Found while drawing."))
    cells = (GridCell(row=0, column=0, seed=1, path=tmp_path / "1.png"),)
    ended = replace(noted, state=GridState.FINISHED, cells=cells)
    moments = iter((begun, planned, noted, noted, ended))
    complaints: list[str] = []
    events: list[str] = []
    output = SimpleNamespace(
        complain=complaints.append, record=lambda record: events.append(str(record["event"]))
    )
    grids: Any = SimpleNamespace(start=lambda config: next(moments), wait=lambda timeout: next(moments))
    context: Any = SimpleNamespace(output=output, stop=lambda: False)

    assert _followed(grids, GridConfig(embedding_name="cat"), context) == ended
    assert complaints == ["Known before.", "Found while drawing."]
    assert events == ["grid_started", "cell_drawn"]
