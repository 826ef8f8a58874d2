from __future__ import annotations

import dataclasses
import io
import json
import math
import os
import sys
from pathlib import Path

import pytest

from traintab.commands.output import Output, event_mapping, one_line
from traintab.errors import ScheduleError
from traintab.schedules.learning_rate import Schedule


def test_records_are_json_lines_with_null_for_what_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).record({"loss": math.nan, "rates": [1.0, math.inf], "norms": {"a": [-math.inf]}})
    assert json.loads(capsys.readouterr().out) == {"loss": None, "rates": [1.0, None], "norms": {"a": [None]}}


def test_people_get_lines_and_programs_get_records(capsys: pytest.CaptureFixture[str]) -> None:
    people, programs = Output(), Output(as_json=True)
    for output in (people, programs):
        output.record({"event": "done"})
        output.line("done")
        output.log("loading")
    said = capsys.readouterr()
    assert said.out.splitlines() == ["done", "loading", '{"event": "done"}']
    assert said.err.splitlines() == ["loading"]


def test_an_error_is_one_line_and_one_event(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).error("It failed.\nDo this.", 2)
    said = capsys.readouterr()
    assert said.err == "It failed. Do this.\n"
    assert json.loads(said.out) == {"event": "error", "message": "It failed. Do this.", "exit_status": 2}


def test_the_caret_under_a_schedule_is_left_out_of_the_line() -> None:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse("0.005:10, x", max_steps=100)
    line = one_line(str(caught.value))
    assert "\n" in str(caught.value)
    assert "^" not in line
    assert "character 11" in line


def test_a_reader_that_went_away_stops_the_printing_not_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        output = Output()
        output.line("one")
        output.line("two")


def test_text_that_the_terminal_cannot_show_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    Output().line("caf\u00e9")
    stream.flush()
    assert stream.buffer.getvalue() == b"caf\\xe9\n"


def test_an_event_is_named_in_snake_case_and_its_paths_are_texts() -> None:
    @dataclasses.dataclass
    class PictureDone:
        source: Path
        outputs: tuple[Path, ...]

    mapping = event_mapping(PictureDone(Path("a"), (Path("b"), Path("c"))))
    assert mapping == {"event": "picture_done", "source": "a", "outputs": ["b", "c"]}
