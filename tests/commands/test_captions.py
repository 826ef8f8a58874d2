from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from traintab.datasets.caption_editing import CaptionEditor, saving


@pytest.fixture
def folder(pictures: Path) -> Path:
    """Three pictures, two of which have captions."""
    (pictures / "0 girl.txt").write_text("red hat, smile")
    (pictures / "1 girl.txt").write_text("Red Hat, sky")
    return pictures


def on_disk(folder: Path) -> dict[str, str]:
    return {path.stem[0]: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))}


def test_list_tells_each_picture_s_caption_or_what_training_takes(line: Any, folder: Path) -> None:
    (folder / "2 girl.txt").write_bytes(b"\x00")
    (folder / "1 girl.txt").unlink()
    answer = line("captions", "list", folder)
    assert answer.status == 0
    assert answer.out.splitlines()[:2] == [
        "0 girl.png: red hat, smile",
        "1 girl.png: [no caption; training takes its file name: girl]",
    ]
    assert "2 girl.txt can't be read and stays as it is: the file holds zero bytes" in answer.err
    rows = line("captions", "list", folder, "--json").objects
    assert [(row["picture"], row["status"], row["caption"]) for row in rows] == [
        ("0 girl.png", "ok", "red hat, smile"),
        ("1 girl.png", "missing", None),
        ("2 girl.png", "unreadable", None),
    ]
    assert (rows[0]["tags"], rows[1]["suggestion"]) == (["red hat", "smile"], "girl")
    assert "zero bytes" in rows[2]["reason"]


def test_tags_are_counted(line: Any, folder: Path) -> None:
    assert line("captions", "tags", folder).out.splitlines()[0].split() == ["2", "67%", "red", "hat"]
    assert line("captions", "tags", folder, "--words").out.splitlines()[0].split() == ["2", "67%", "hat"]
    rows = line("captions", "tags", folder, "--json", "--having", "sky").objects
    assert rows == [
        {"tag": "Red Hat", "count": 1, "share": 1.0},
        {"tag": "sky", "count": 1, "share": 1.0},
    ]


def test_an_edit_shows_each_change_and_saves_it(line: Any, folder: Path) -> None:
    answer = line("captions", "add", folder, "sun", "--front", "--having", "red hat")
    assert answer.out.splitlines() == [
        "0 girl.png: red hat, smile → sun, red hat, smile",
        "1 girl.png: Red Hat, sky → sun, Red Hat, sky",
        "2 captions saved.",
    ]
    assert on_disk(folder) == {"0": "sun, red hat, smile", "1": "sun, Red Hat, sky"}


def test_a_dry_run_saves_nothing(line: Any, folder: Path) -> None:
    before = on_disk(folder)
    answer = line("captions", "remove", folder, "red hat", "--dry-run", "--json")
    assert [(row["before"], row["after"]) for row in answer.objects] == [
        ("red hat, smile", "smile"),
        ("Red Hat, sky", "sky"),
    ]
    assert on_disk(folder) == before
    (folder / "1 girl.jpg").write_bytes(b"")  # its caption is the same file as the other's
    told = line("captions", "remove", folder, "red hat", "--dry-run").out
    assert told.splitlines()[-1] == "2 captions would change; nothing was saved."


def test_json_tells_what_was_written(line: Any, folder: Path) -> None:
    *changes, done = line("captions", "remove", folder, "sky", "--json").objects
    assert [change["picture"] for change in changes] == ["1 girl.png"]
    assert done == {
        "event": "captions_saved",
        "written": [str(folder / "1 girl.txt")],
        "refused": [],
        "remaining": 0,
    }


@pytest.mark.parametrize(
    ("command", "captions"),
    [
        (["replace", "hat", "cap"], {"0": "red cap, smile", "1": "Red cap, sky"}),
        (["replace", "hat", "cap", "--whole-tag"], {"0": "red hat, smile", "1": "Red Hat, sky"}),
        (["replace", "red", "big", "--match-case"], {"0": "big hat, smile", "1": "Red Hat, sky"}),
        (
            ["replace", r"(\w+) hat", r"hat of \1", "--regex"],
            {"0": "hat of red, smile", "1": "hat of Red, sky"},
        ),
        (["remove", "red hat, sky"], {"0": "smile", "1": ""}),
        (["rename", "red hat", "cap"], {"0": "cap, smile", "1": "cap, sky"}),
        (["add", "sky"], {"0": "red hat, smile, sky", "1": "Red Hat, sky", "2": "sky"}),
        (["add", "x", "--picture", "1*"], {"0": "red hat, smile", "1": "Red Hat, sky, x"}),
        (
            ["add", "x", "--lacking", "sky", "--containing", "hat"],
            {"0": "red hat, smile, x", "1": "Red Hat, sky"},
        ),
        (["add", "x", "--having-any", "sky"], {"0": "red hat, smile", "1": "Red Hat, sky, x"}),
        (["sort", "--by-frequency"], {"0": "red hat, smile", "1": "Red Hat, sky"}),
        (["sort", "--keep", "1"], {"0": "red hat, smile", "1": "Red Hat, sky"}),
        (["set", "new", "--picture", "0 girl.png"], {"0": "new", "1": "Red Hat, sky"}),
        (["from-names"], {"0": "red hat, smile", "1": "Red Hat, sky", "2": "girl"}),
        (["shared", "--concept", "red hat"], {"0": "smile", "1": "sky"}),
        (
            ["shared", "--accidental", "red hat"],
            {"0": "red hat, smile", "1": "Red Hat, sky", "2": "red hat"},
        ),
    ],
)
def test_captions_are_edited(line: Any, folder: Path, command: list[str], captions: dict[str, str]) -> None:
    answer = line("captions", command[0], folder, *command[1:])
    assert answer.status == 0, answer.err
    assert on_disk(folder) == captions


def test_tags_are_put_in_order_and_left_once(line: Any, folder: Path) -> None:
    (folder / "0 girl.txt").write_text("smile, red hat, Smile")
    line("captions", "dedupe", folder)
    line("captions", "sort", folder, "--keep", 1)
    assert on_disk(folder)["0"] == "smile, red hat"
    line("captions", "sort", folder)
    assert on_disk(folder)["0"] == "red hat, smile"


def test_an_edit_that_changes_nothing_names_the_nearest_tag(line: Any, folder: Path) -> None:
    answer = line("captions", "remove", folder, "smille")
    assert answer.status == 0
    assert answer.out == "No caption changes. There is no tag 'smille'; did you mean 'smile'?\n"
    answer = line("captions", "remove", folder, "SMILLE, sea, sky", "--lacking", "sky")
    assert answer.out == (
        "No caption changes. There is no tag 'SMILLE'; did you mean 'smile'? There is no tag 'sea'.\n"
    )
    assert line("captions", "add", folder, "sky, red hat", "--having", "sky").out == "No caption changes.\n"
    assert line("captions", "add", folder, "new", "--having", "x").out == "No caption changes.\n"


def test_words_of_file_names_aren_t_given_up_unsaid(line: Any, folder: Path) -> None:
    (folder / "1 girl.txt").unlink()
    (folder / "metadata.jsonl").write_text('{"file_name": "1 girl.png", "text": "a girl"}')
    told = line("captions", "add", folder, "sun").out
    assert "2 girl.png: [no caption] → sun\n" in told
    assert (
        "Training took the caption of 1 girl.png, 2 girl.png from metadata.jsonl or the file name until now;"
        " the new caption file takes its place." in told
    )


def test_words_that_no_caption_file_replaces_are_not_told_as_given_up(line: Any, folder: Path) -> None:
    assert "from-names" not in line("captions", "from-names", folder).out
    assert "from-names" not in line("captions", "add", folder, "sun").out


def test_lines_that_become_one_are_told(line: Any, folder: Path) -> None:
    for number in range(7):
        (folder / f"{number} girl.png").write_bytes(b"")
        (folder / f"{number} girl.txt").write_text("a hat\na cap")
    told = line("captions", "add", folder, "sun", "--dry-run").out
    assert "4 girl.png and 2 more had several lines, which become one." in told
    assert "--wildcards" in told
    assert "--wildcards" not in line("captions", "add", folder, "sun", "--wildcards").out


def test_lines_and_endings_are_those_of_training(line: Any, folder: Path) -> None:
    (folder / "0 girl.caption").write_text("a hat\na cap")
    line("captions", "add", folder, "sky", "--caption-extension", "caption", "--wildcards", "--picture", "0*")
    assert (folder / "0 girl.caption").read_text() == "a hat, sky\na cap, sky"


def test_shared_asks_and_changes_nothing(line: Any, folder: Path) -> None:
    before = on_disk(folder)
    answer = line("captions", "shared", folder, "--share", "0.6", "--preset", "style")
    assert answer.out.splitlines()[0].split(maxsplit=2) == ["2", "67%", "red hat, not 2 girl.png"]
    assert "--concept TAG" in answer.out
    assert "Likelier --accidental: Tags mostly tell what is shown" in answer.out
    (row,) = line("captions", "shared", folder, "--share", "0.6", "--json").objects
    assert row == {
        "tag": "red hat",
        "count": 2,
        "share": 0.6667,
        "lacking": ["2 girl.png"],
        "preselected": None,
        "why": "",
    }
    assert on_disk(folder) == before
    assert line("captions", "shared", folder, "--concept", "sea").out == "No caption changes.\n"
    assert line("captions", "shared", folder, "--share", "0.6", "--ignore", "Red hat", "--json").objects == []
    assert line("captions", "shared", folder).out == "No tag is in 80% of the pictures.\n"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["add", "."], "A tag is needed"),
        (["remove", "x", "--picture", "9*"], "There is no picture '9*'"),
        (["set", "new"], "say whose with --picture NAME"),
        (["replace", "(", "x", "--regex"], "is no regular expression"),
        (["sort", "--keep", "-1"], "--keep is '-1'; expected how many"),
        (["shared", "--share", "many"], "--share is 'many'; expected a number"),
        (["shared", "--share", "1.5"], "--share is '1.5'; expected a number above 0 and up to 1"),
        (["shared", "--concept", "a", "--accidental", "A"], "a can't be both"),
        (["shared", "--preset", "charcter"], "--preset is 'charcter'; expected character, object or style"),
        (["list", "--caption-extension", "a/b"], "expected the ending of a file's name"),
    ],
)
def test_wrong_use_changes_nothing(line: Any, folder: Path, command: list[str], message: str) -> None:
    before = on_disk(folder)
    given = [" , " if word == "." else word for word in command[1:]]
    answer = line("captions", command[0], folder, *given)
    assert answer.status == 2
    assert message in answer.err
    assert on_disk(folder) == before


def test_a_folder_that_is_none_is_refused(line: Any, tmp_path: Path) -> None:
    answer = line("captions", "list", tmp_path / "missing")
    assert (answer.status, answer.err.count("\n")) == (2, 1)
    assert "doesn't exist" in answer.err


def test_a_save_of_which_a_part_is_refused_fails(
    line: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = CaptionEditor.edit

    def edit_while_another_program_writes(self: CaptionEditor, *given: Any) -> tuple[str, ...]:
        (folder / "0 girl.txt").write_text("theirs")
        return edit(self, *given)

    monkeypatch.setattr(CaptionEditor, "edit", edit_while_another_program_writes)
    answer = line("captions", "add", folder, "sun", "--json")
    assert answer.status == 1
    assert [Path(row["file"]).name for row in answer.objects[-2]["refused"]] == ["0 girl.txt"]
    assert on_disk(folder) == {"0": "theirs", "1": "Red Hat, sky, sun", "2": "sun"}


def test_a_signal_stops_between_two_files_and_what_is_saved_can_be_taken_back(
    line: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, write = on_disk(folder), saving.write_atomically

    def write_and_signal(path: Path, data: bytes) -> None:
        write(path, data)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(saving, "write_atomically", write_and_signal)
    answer = line("captions", "add", folder, "sun")
    assert answer.status == 130
    assert answer.out.endswith("1 caption saved. Stopped: 2 not saved yet.\n")
    assert on_disk(folder) == {**before, "0": "red hat, smile, sun"}
    monkeypatch.undo()
    line("captions", "undo", folder)
    assert on_disk(folder) == before
