"""Tables as trainings, crashes and other programs leave them."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from traintab.run_history.newest_rows import newest_rows

HEAD = "step,epoch,epoch_step,loss,learn_rate\n"


def table(folder: Path, text: str) -> Path:
    path = folder / "losses.csv"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def test_a_missing_table_has_no_rows(tmp_path: Path) -> None:
    assert newest_rows(tmp_path / "none.csv") == []


def test_torn_rows_and_losses_that_are_none_are_left_out(tmp_path: Path) -> None:
    text = HEAD + "1,0,0,0.5,0.1\n2,0,1,nan,0.1\n3,0,2,,0.1\n\0\0\0\n4,0,3,0.25,0.1\n5,0,4,0.2"
    assert newest_rows(table(tmp_path, text)) == [(1, 0.5), (4, 0.25)]


def test_a_step_that_was_written_twice_counts_once(tmp_path: Path) -> None:
    text = HEAD + "1,0,0,0.5,0.1\n2,0,1,0.4,0.1\n1,0,0,0.3,0.1\n"
    assert newest_rows(table(tmp_path, text)) == [(1, 0.3), (2, 0.4)]


def test_a_table_of_something_else_has_no_rows(tmp_path: Path) -> None:
    assert newest_rows(table(tmp_path, "name,colour\nmira,red\n")) == []


def test_of_a_long_table_only_the_end_is_read(tmp_path: Path) -> None:
    rows = "".join(f"{step},0,0,{step / 10},0.1\n" for step in range(1, 20_001))
    found = newest_rows(table(tmp_path, HEAD + rows))
    assert found[-1] == (20_000, 2000.0) and 20 < len(found) < 1000
    assert [step for step, _ in found] == list(range(found[0][0], 20_001))


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_any_text_is_a_table_of_some_rows_or_none(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = newest_rows(table(Path(folder), HEAD + text))
    assert all(step >= 0 and math.isfinite(loss) for step, loss in found)
