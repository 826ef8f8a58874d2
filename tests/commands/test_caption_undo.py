from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(pictures: Path) -> Path:
    """Three pictures, two of which have captions."""
    (pictures / "0 girl.txt").write_text("red hat, smile")
    (pictures / "1 girl.txt").write_text("Red Hat, sky")
    return pictures


def on_disk(folder: Path) -> dict[str, str]:
    return {path.stem[0]: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))}


def test_saves_are_taken_back_and_done_again(line: Any, folder: Path) -> None:
    before = on_disk(folder)
    line("captions", "add", folder, "sun")
    after = on_disk(folder)
    answer = line("captions", "undo", folder)
    assert answer.status == 0
    assert answer.out.startswith("Took back what was saved at ")
    assert answer.out.splitlines()[0].endswith(": add sun. 3 captions saved.")
    assert on_disk(folder) == before
    assert line("captions", "redo", folder, "--json").objects[0]["event"] == "captions_redone"
    assert on_disk(folder) == after
    answer = line("captions", "redo", folder)
    assert (answer.status, answer.err) == (2, f"No change of the captions of {folder} was taken back.\n")


def test_a_dry_run_tells_what_would_be_taken_back(line: Any, folder: Path) -> None:
    (folder / "0 girl.txt").write_bytes(b"caf\xe9\nhat")
    line("captions", "add", folder, "sun", "--lacking", "sky")
    after = on_disk(folder)
    first, second, last = line("captions", "undo", folder, "--dry-run").out.splitlines()
    assert (first, second) == ("0 girl.txt: café hat, sun → café | hat", "2 girl.txt: sun → [no caption]")
    assert last.startswith("Would take back") and last.endswith(
        ": add sun. 2 captions would change; nothing was saved."
    )
    (row, _) = line("captions", "undo", folder, "--dry-run", "--json").objects
    assert (row["before"], row["after"]) == ("café hat, sun", "café\nhat")
    (folder / "0 girl.txt").write_text("theirs")
    assert line("captions", "undo", folder, "--dry-run").status == 2
    told = line("captions", "undo", folder, "--dry-run", "--keep").out.splitlines()
    assert told[0] == "2 girl.txt: sun → [no caption]"
    assert on_disk(folder) == {**after, "0": "theirs"}
    assert line("captions", "undo", folder, "--overwrite").status == 0


def test_a_caption_that_was_changed_since_is_taken_back_when_asked_only(line: Any, folder: Path) -> None:
    line("captions", "add", folder, "sun")
    (folder / "0 girl.txt").write_text("theirs")
    answer = line("captions", "undo", folder)
    assert (answer.status, answer.out) == (2, "")
    assert (
        "Nothing can be taken back of 'add sun', because of 0 girl.txt (another program changed" in answer.err
    )
    assert on_disk(folder) == {"0": "theirs", "1": "Red Hat, sky, sun", "2": "sun"}
    line("captions", "undo", folder, "--overwrite")
    assert on_disk(folder) == {"0": "red hat, smile", "1": "Red Hat, sky"}
    (folder / "0 girl.txt").write_text("theirs")
    answer = line("captions", "redo", folder, "--keep")
    assert answer.status == 0
    assert answer.out.splitlines()[1] == "Left as it is: 0 girl.txt (another program changed it meanwhile)."
    assert on_disk(folder) == {"0": "theirs", "1": "Red Hat, sky, sun", "2": "sun"}
