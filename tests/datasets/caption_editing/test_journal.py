from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from traintab.datasets.caption_editing import CaptionEditor, CaptionJournal, saving
from traintab.datasets.caption_editing import journal as journal_module
from traintab.errors import NothingToDoError


def saved(folder: Path, journal: CaptionJournal, tag: str) -> None:
    editor = CaptionEditor(folder, journal=journal)
    editor.edit(lambda captions: captions.add_tag(tag), f"add {tag}")
    editor.save()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.txt"))}


@pytest.fixture
def journal(tmp_path: Path) -> CaptionJournal:
    return CaptionJournal(tmp_path / "journals")


def test_saves_are_taken_back_in_another_session_to_the_same_bytes(
    make_folder: Any, journal: CaptionJournal
) -> None:
    folder = make_folder(a=b"caf\xe9\r\n", b=None)
    before = contents(folder)
    saved(folder, journal, "sky")
    between = contents(folder)
    saved(folder, journal, "sun")
    after = contents(folder)
    assert [entry.label for entry in journal.entries(folder)] == ["add sky", "add sun"]
    entry, result = CaptionJournal(journal.directory).undo(folder)
    assert (entry.label, len(result.written), contents(folder)) == ("add sun", 2, between)
    journal.undo(folder)
    assert contents(folder) == before, "the file that wasn't there is gone again"
    journal.redo(folder)
    journal.redo(folder)
    assert contents(folder) == after
    with pytest.raises(NothingToDoError, match="was taken back"):
        journal.redo(folder)


def test_without_a_save_nothing_can_be_taken_back(make_folder: Any, journal: CaptionJournal) -> None:
    with pytest.raises(NothingToDoError, match="No saved change"):
        journal.undo(make_folder(a="hat"))


def test_a_folder_is_the_same_by_whatever_way_it_is_named(
    make_folder: Any, journal: CaptionJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(a="hat")
    saved(folder, journal, "sky")
    monkeypatch.chdir(folder.parent)
    journal.undo(Path(folder.name))
    assert contents(folder) == {"a": b"hat"}


def test_a_save_is_taken_back_as_a_whole_or_not_at_all(make_folder: Any, journal: CaptionJournal) -> None:
    folder = make_folder(a="hat", b="hat")
    saved(folder, journal, "sun")
    saved(folder, journal, "sky")
    (folder / "b.txt").write_text("theirs")
    for _ in range(2):
        entry, result = journal.undo(folder)
        assert (entry.label, [file.name for file, _ in result.refused]) == ("add sky", ["b.txt"])
        assert contents(folder) == {"a": b"hat, sun, sky", "b": b"theirs"}
    journal.undo(folder, when_changed="overwrite")
    assert contents(folder) == {"a": b"hat, sun", "b": b"hat, sun"}
    assert len(journal.undo(folder)[1].written) == 2


def test_captions_that_were_changed_since_can_be_kept(make_folder: Any, journal: CaptionJournal) -> None:
    folder = make_folder(a="hat", b="hat")
    saved(folder, journal, "sky")
    (folder / "b.txt").write_text("theirs")
    _, result = journal.undo(folder, when_changed="keep")
    assert [file.name for file in result.written] == ["a.txt"]
    assert contents(folder) == {"a": b"hat", "b": b"theirs"}
    assert journal.entries(folder) == ()
    journal.redo(folder, when_changed="keep")
    assert contents(folder) == {"a": b"hat, sky", "b": b"theirs"}


def test_a_save_after_undo_ends_what_could_be_done_again(make_folder: Any, journal: CaptionJournal) -> None:
    folder = make_folder(a="hat")
    saved(folder, journal, "sky")
    journal.undo(folder)
    saved(folder, journal, "sun")
    assert [entry.label for entry in journal.entries(folder)] == ["add sun"]
    with pytest.raises(NothingToDoError):
        journal.redo(folder)


class Killed(BaseException):
    pass


def test_a_save_that_was_killed_can_be_taken_back(
    make_folder: Any, journal: CaptionJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(a="hat", b="hat")
    monkeypatch.setattr(CaptionJournal, "correct_last", lambda *_: None)  # a killed program does no more
    write = saving.write_atomically

    def killed_at_b(path: Path, data: bytes) -> None:
        if path.name == "b.txt":
            raise Killed
        write(path, data)

    monkeypatch.setattr(saving, "write_atomically", killed_at_b)
    with pytest.raises(Killed):
        saved(folder, journal, "sky")
    assert contents(folder) == {"a": b"hat, sky", "b": b"hat"}
    monkeypatch.undo()
    journal.undo(folder)
    assert contents(folder) == {"a": b"hat", "b": b"hat"}


def test_a_save_that_was_stopped_is_noted_as_it_was_done(make_folder: Any, journal: CaptionJournal) -> None:
    folder = make_folder(a="hat", b="hat")
    editor = CaptionEditor(folder, journal=journal)
    editor.edit(lambda captions: captions.add_tag("sky"), "add sky")
    asked = iter([False, True])
    editor.save(interrupted=lambda: next(asked))
    (entry,) = journal.entries(folder)
    assert [change.file.name for change in entry.changes] == ["a.txt"]
    asked = iter([True])
    editor.save(interrupted=lambda: next(asked))
    assert len(journal.entries(folder)) == 1, "a save that wrote nothing leaves nothing"


def test_a_journal_that_is_lost_meanwhile_stops_no_save(make_folder: Any, journal: CaptionJournal) -> None:
    folder = make_folder(a="hat", b="hat")
    editor = CaptionEditor(folder, journal=journal)
    editor.edit(lambda captions: captions.add_tag("sky"), "add sky")

    def lose_then_stop() -> bool:
        is_there = any(journal.directory.iterdir())
        for file in journal.directory.iterdir():
            file.unlink()
        return not is_there

    assert editor.save(interrupted=lose_then_stop).remaining == 1
    assert journal.entries(folder) == ()


def test_the_label_tells_what_was_done_since_the_last_save(make_folder: Any, journal: CaptionJournal) -> None:
    folder = make_folder(a="hat")
    editor = CaptionEditor(folder, journal=journal)
    for tag in ("one", "two", "three", "four"):
        editor.edit(lambda captions, tag=tag: captions.add_tag(tag), f"add {tag}")
    editor.save()
    editor.undo()
    editor.save()
    labels = [entry.label for entry in journal.entries(folder)]
    assert labels == ["add one, add two, add three and 1 more", "undo add four"]


def test_a_journal_that_cannot_be_written_stops_no_save(make_folder: Any, tmp_path: Path) -> None:
    folder = make_folder(a="hat")
    (tmp_path / "journals").write_text("a file where the folder should be")
    editor = CaptionEditor(folder, journal=CaptionJournal(tmp_path / "journals"))
    editor.edit(lambda captions: captions.add_tag("sky"), "add sky")
    result = editor.save()
    assert contents(folder) == {"a": b"hat, sky"}
    assert result.summary().startswith("1 caption saved. This save can't be taken back in another session: ")


def test_only_the_last_fifty_saves_are_kept(make_folder: Any, journal: CaptionJournal) -> None:
    folder = make_folder(a="hat")
    editor = CaptionEditor(folder, journal=journal)
    for number in range(52):
        editor.edit(lambda captions, n=number: captions.set_caption("a.png", f"hat {n}"), str(number))
        editor.save()
    assert [entry.label for entry in journal.entries(folder)] == [str(number) for number in range(2, 52)]


def test_saves_of_very_many_captions_are_kept_as_far_as_there_is_room(
    make_folder: Any, journal: CaptionJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "_MOST_BYTES", 30)
    folder = make_folder(a="hat")
    for tag in ("b", "c", "d" * 40):
        saved(folder, journal, tag)
    assert [entry.label for entry in journal.entries(folder)] == ["add " + "d" * 40]
    saved(folder, journal, "e")
    assert len(journal.entries(folder)) == 1, "the last is kept in any case"


@pytest.mark.parametrize(
    "damage",
    [
        lambda mapping: "{",
        lambda mapping: "[]",
        lambda mapping: json.dumps({**mapping, "version": 2}),
        lambda mapping: json.dumps({**mapping, "done": 9}),
        lambda mapping: json.dumps({**mapping, "entries": [1]}),
        lambda mapping: json.dumps(mapping).replace("a.txt", "../a.txt"),
        lambda mapping: json.dumps(mapping).replace("a.txt", "/etc/a.txt"),
    ],
)
def test_a_damaged_journal_counts_as_none(make_folder: Any, journal: CaptionJournal, damage: Any) -> None:
    folder = make_folder(a="hat")
    saved(folder, journal, "sky")
    (file,) = journal.directory.iterdir()
    file.write_text(damage(json.loads(file.read_text())))
    assert journal.entries(folder) == ()
    saved(folder, journal, "sun")
    journal.undo(folder)
    assert contents(folder) == {"a": b"hat, sky"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_in_another_encoding_are_saved_and_taken_back(
    make_folder: Any, journal: CaptionJournal
) -> None:
    folder = make_folder(a="hat")
    (folder / os.fsdecode(b"caf\xe9 girl.png")).write_bytes(b"")
    editor = CaptionEditor(folder, journal=journal)
    editor.edit(lambda captions: captions.use_suggestions(), "from names")
    editor.save()
    assert (folder / os.fsdecode(b"caf\xe9 girl.txt")).read_text() == "caf girl"
    journal.undo(folder)
    assert contents(folder) == {"a": b"hat"}
