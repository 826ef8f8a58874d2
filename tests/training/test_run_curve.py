from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traintab.training.run_curve import RunCurve, read_run_curve
from traintab.training.run_folder import FINISHED, RunFolder

LOSSES = "step,epoch,epoch_step,loss,learn_rate\n10,0,9,0.3,0.005\n20,0,19,0.2,0.005\n30,1,9,,0.001\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a run of `ben-10`, with two copies and two previews."""
    run = RunFolder(path=tmp_path, embedding_name="ben-10")
    run.state_dir.mkdir()
    run.mark(FINISHED)
    run.loss_table.write_text(LOSSES)
    run.evaluation_table.write_text("step,loss,variance_share\n0,0.31,\n25,0.29,\n50,0.30,0.5\n")
    for path in (run.checkpoint(20), run.checkpoint(40, ".safetensors"), run.preview(20), run.preview(20, 2)):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "images" / "another.png").touch()
    return tmp_path


def test_a_run_is_read_from_its_tables_and_the_names_of_its_files(folder: Path) -> None:
    assert read_run_curve(folder) == RunCurve(
        losses=((10, 0.3), (20, 0.2)),
        rates=((10, 0.005), (30, 0.001)),
        evaluations=((0, 0.31), (25, 0.29), (50, 0.30)),
        best_step=25,
        marks=((20, "preview"), (20, "saved"), (40, "saved")),
    )


def test_what_came_later_is_left_out(folder: Path) -> None:
    found = read_run_curve(folder, until=20)
    assert found.losses[-1][0] == 20 and found.best_step == 0
    assert found.marks == ((20, "preview"), (20, "saved"))


def test_a_folder_without_files_has_no_curve(tmp_path: Path) -> None:
    assert read_run_curve(tmp_path) == RunCurve()
    assert read_run_curve(tmp_path / "gone") == RunCurve()


def test_a_damaged_status_takes_no_curve_away(folder: Path) -> None:
    (folder / "state" / "status.json").write_text(json.dumps({"status": 7}))
    assert len(read_run_curve(folder).losses) == 2


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_whatever_stands_in_a_table_steps_grow_and_values_are_finite(folder: Path, torn: bytes) -> None:
    (folder / "textual_inversion_loss.csv").write_bytes(LOSSES.encode() + torn)
    steps = [step for step, _ in read_run_curve(folder).losses]
    assert steps == sorted(set(steps)) and steps[:2] == [10, 20]


@pytest.mark.parametrize("torn", ["9" * 200_000, '"40,1,2,0.5,' + "x" * 200_000], ids=["long", "quoted"])
def test_a_line_that_is_no_row_takes_no_other_with_it(folder: Path, torn: str) -> None:
    (folder / "textual_inversion_loss.csv").write_text(f"{LOSSES}{torn}\n40,1,9,0.1,0.001\n")
    assert [step for step, _ in read_run_curve(folder).losses] == [10, 20, 40]
