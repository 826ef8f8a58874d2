"""Tables as trainings, crashes and other programs leave them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.run_history.curves import newest_rows, read_points

HEAD = "step,epoch,epoch_step,loss,learn_rate\n"


def table(folder: Path, text: str) -> Path:
    path = folder / "losses.csv"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def test_a_missing_table_has_no_points(tmp_path: Path) -> None:
    assert read_points(tmp_path / "none.csv") == () and newest_rows(tmp_path / "none.csv") == []


def test_torn_rows_and_values_that_are_none_are_left_out(tmp_path: Path) -> None:
    text = HEAD + "1,0,0,0.5,0.1\n2,0,1,nan,0.1\n3,0,2,,0.1\n\0\0\0\n4,0,3,0.25,0.1\n5,0,4,0.2"
    assert read_points(table(tmp_path, text)) == ((1, 0.5), (4, 0.25))


def test_a_step_that_was_written_twice_counts_once(tmp_path: Path) -> None:
    text = HEAD + "1,0,0,0.5,0.1\n2,0,1,0.4,0.1\n1,0,0,0.3,0.1\n"
    assert read_points(table(tmp_path, text)) == ((1, 0.3), (2, 0.4))


def test_other_columns_are_read_by_their_name(tmp_path: Path) -> None:
    assert read_points(table(tmp_path, HEAD + "7,0,0,0.5,0.01\n"), column="learn_rate") == ((7, 0.01),)
    assert read_points(table(tmp_path, HEAD + "7,0,0,0.5,0.01\n"), column="colour") == ()


def test_a_long_table_is_thinned_and_its_tail_is_read_alone(tmp_path: Path) -> None:
    rows = "".join(f"{step},0,0,{step / 10},0.1\n" for step in range(1, 20_001))
    path = table(tmp_path, HEAD + rows)
    points = read_points(path)
    assert len(points) < 1000 and points[-1][0] > 19_900
    assert len(read_points(path, thinned=False)) == 20_000
    tail = newest_rows(path)
    assert tail[-1] == (20_000, 2000.0) and 20 < len(tail) < 1000
    assert [step for step, _ in tail] == list(range(tail[0][0], 20_001))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_table_of_some_points_or_none(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = table(Path(folder), HEAD + text)
        assert all(step >= 0 for step, _ in read_points(path))
        assert newest_rows(path) == list(read_points(path, thinned=False))
