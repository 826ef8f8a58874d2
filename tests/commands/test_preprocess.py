from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

SIZE = ("--width", 64, "--height", 64)


def test_a_folder_is_preprocessed_and_told_file_by_file(line: Any, pictures: Path, tmp_path: Path) -> None:
    (pictures / "notes.png").write_text("no picture")
    answer = line("preprocess", pictures, tmp_path / "out", *SIZE, "--caption", "filename", "--flip", "both")
    assert answer.status == 0
    assert len(list((tmp_path / "out").glob("*.png"))) == len(list((tmp_path / "out").glob("*.txt"))) == 12
    assert "0 girl.png became 00000-0-0 girl.png" in answer.out
    assert "notes.png was skipped" in answer.out
    assert "12 pictures written, 1 files skipped." in answer.out


def test_the_size_defaults_to_the_models_own(
    line: Any, pictures: Path, tmp_path: Path, tiny_model_dir: Path
) -> None:
    answer = line("preprocess", pictures, tmp_path / "out", "--model", tiny_model_dir, "--json")
    assert answer.objects[0] == {
        "event": "preprocess_started",
        "total": 3,
        "width": 64,
        "height": 64,
        "notes": [],
        "destination": str(tmp_path / "out"),
    }
    last = answer.objects[-1]
    assert (last["event"], last["written"], last["unchanged"]) == ("preprocess_finished", 3, 0)
    assert (last["skipped"], last["notes"]) == (0, [])
    assert last["seconds"] > 0
    assert last["pictures_per_second"] > 0


def test_a_dry_run_reports_and_writes_nothing_else(line: Any, pictures: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    answer = line("preprocess", pictures, tmp_path / "out", *SIZE, "--dry-run", "--report", report)
    assert answer.status == 0
    assert "0 girl.png would become 00000-0-0 girl.png" in answer.out
    assert "nothing was" in answer.out
    assert not (tmp_path / "out").exists()
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["dry_run"] is True
    assert told["check"]["count"] == 3 and "Checked 3 files: 3 pictures" in answer.out
    assert [Path(item["outputs"][0]).name for item in told["written"]] == [
        "00000-0-0 girl.png",
        "00001-0-1 girl.png",
        "00002-0-2 girl.png",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--caption", "blip", "--caption-model", "./nowhere"), "nowhere"),
        (("--caption", "tags", "--tagger-model", "./nowhere"), "nowhere"),
        (("--caption", "none-such"), "--caption: Caption is 'none-such'"),
        (("--flip", "sideways"), "--flip"),
        (("--split-overlap", "0.95"), "--split-overlap"),
        (("--width", "100"), "multiple of 8"),
        (("--width", "-64"), "--width"),
    ],
)
def test_bad_settings_are_refused_in_one_line(
    line: Any, pictures: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    answer = line("preprocess", pictures, tmp_path / "out", *SIZE, *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert words in answer.err
    assert len(answer.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_the_same_folder_twice_is_refused(line: Any, pictures: Path) -> None:
    answer = line("preprocess", pictures, pictures, *SIZE)
    assert answer.status == 2
    assert "same folder" in answer.err


def test_a_missing_source_is_refused(line: Any, tmp_path: Path) -> None:
    answer = line("preprocess", tmp_path / "nowhere", tmp_path / "out", *SIZE)
    assert answer.status == 2
    assert "nowhere" in answer.err


def test_a_signal_stops_before_the_next_picture(
    line: Any, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traintab.preprocessing import one_picture

    real = one_picture.open_source

    def open_and_signal(path: Path, *rest: Any, **named: Any) -> Any:
        if path.name.startswith("1"):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.5)  # time for the main thread to take notice
        return real(path, *rest, **named)

    monkeypatch.setattr(one_picture, "open_source", open_and_signal)
    answer = line("preprocess", pictures, tmp_path / "out", *SIZE, "--workers", 1)
    assert answer.status == 130
    assert len(list((tmp_path / "out").glob("*.png"))) == 2
    assert "2 pictures written, 1 files not looked at" in answer.out


def test_a_folder_without_one_readable_picture_is_refused(line: Any, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "pictures" / name).write_text("no picture", encoding="utf-8")
    answer = line("preprocess", tmp_path / "pictures", tmp_path / "out", *SIZE)
    assert answer.status == 2
    assert "None of the files" in answer.err
    assert "a.png is not a picture" in answer.err


def test_a_second_run_writes_nothing_and_is_no_failure(line: Any, pictures: Path, tmp_path: Path) -> None:
    (pictures / "notes.png").write_text("no picture")
    report = tmp_path / "report.json"
    line("preprocess", pictures, tmp_path / "out", *SIZE)
    answer = line("preprocess", pictures, tmp_path / "out", *SIZE, "--report", report)
    assert answer.status == 0
    assert "0 girl.png is unchanged." in answer.out
    assert "0 pictures written, 3 unchanged, 1 files skipped." in answer.out
    *_, before_last, last = answer.out.splitlines()
    assert before_last == "Skipped:"
    assert last.startswith(f"  {pictures / 'notes.png'}: notes.png is not a picture")
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["totals"] == {"written": 0, "unchanged": 3, "skipped": 1, "remaining": 0}
    assert Path(told["unchanged"][0]["outputs"][0]).name == "00000-0-0 girl.png"
    assert told["seconds"] > 0


def test_a_full_disk_is_told_and_what_was_done_by_then_is_reported(
    line: Any, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traintab.errors import StorageError
    from traintab.preprocessing import destination

    real = destination.write_atomically

    def full_from_one_on(path: Path, data: bytes) -> None:
        if "1 girl" in path.name:
            raise StorageError("Writing failed: No space left on device.")
        real(path, data)

    monkeypatch.setattr(destination, "write_atomically", full_from_one_on)
    report = tmp_path / "report.json"
    answer = line("preprocess", pictures, tmp_path / "out", *SIZE, "--workers", 1, "--report", report)
    assert answer.status == 1
    assert "No space left on device" in answer.err
    told = json.loads(report.read_text(encoding="utf-8"))
    assert (told["status"], len(told["written"])) == ("failed", 1)
    assert "No space left on device" in told["error"]
