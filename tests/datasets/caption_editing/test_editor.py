from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.datasets.caption_editing import CaptionEditor, CaptionSet, saving
from traintab.errors import InputError, StorageError


def add(tag: str, **details: Any) -> Any:
    return lambda captions: captions.add_tag(tag, **details)


def on_disk(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))}


def in_memory(editor: CaptionEditor) -> dict[str, str]:
    return {picture.name.removesuffix(".png"): picture.text for picture in editor.captions.pictures}


def written_at(path: Path) -> tuple[int, int]:
    return path.stat().st_ino, path.stat().st_mtime_ns


def test_nothing_is_written_before_it_is_saved(make_folder: Any) -> None:
    folder = make_folder(a="hat", b="sky")
    editor = CaptionEditor(folder)
    assert editor.edit(add("sky"), "add sky") == ("a.png",)
    assert editor.unsaved == ("a.png",)
    assert on_disk(folder) == {"a": "hat", "b": "sky"}
    result = editor.save()
    assert (result.written, result.refused) == ((folder / "a.txt",), ())
    assert result.summary() == "1 caption saved."
    assert on_disk(folder) == {"a": "hat, sky", "b": "sky"}
    assert editor.unsaved == ()
    assert editor.save().summary() == "There was nothing to save."


def test_files_that_did_not_change_are_not_touched(make_folder: Any) -> None:
    folder = make_folder(a="hat", b=" sky ,sun\n", c=None)
    times = {path: written_at(path) for path in folder.iterdir()}
    editor = CaptionEditor(folder)
    editor.edit(add("smile", selection=["a.png"]), "add")
    editor.save()
    unchanged = [path for path in times if written_at(path) == times[path]]
    assert sorted(path.name for path in times if path not in unchanged) == ["a.txt"]
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "a.txt", "b.png", "b.txt", "c.png"]


def test_undo_and_redo_go_through_all_edits_and_past_a_save(make_folder: Any) -> None:
    folder = make_folder(a="hat", b=None)
    editor = CaptionEditor(folder)
    editor.edit(add("sky"), "add sky")
    editor.edit(add("sun", selection=["a.png"]), "add sun")
    editor.save()
    assert on_disk(folder) == {"a": "hat, sky, sun", "b": "sky"}
    assert (editor.undo_label, editor.redo_label) == ("add sun", "")
    assert editor.undo() == ("a.png",)
    assert editor.undo() == ("a.png", "b.png")
    assert (editor.undo(), editor.undo_label, editor.redo_label) == ((), "", "add sky")
    assert editor.unsaved == ("a.png", "b.png")
    editor.save()
    assert on_disk(folder) == {"a": "hat"}, "the file that wasn't there is gone again"
    editor.redo()
    assert in_memory(editor) == {"a": "hat, sky", "b": "sky"}


def test_a_new_edit_ends_what_could_be_done_again(make_folder: Any) -> None:
    editor = CaptionEditor(make_folder(a="hat"))
    editor.edit(add("sky"), "add sky")
    editor.undo()
    editor.edit(add("sun"), "add sun")
    assert (editor.redo(), editor.redo_label) == ((), "")
    assert in_memory(editor) == {"a": "hat, sun"}


def test_an_edit_that_changes_nothing_or_fails_leaves_no_step(make_folder: Any) -> None:
    editor = CaptionEditor(make_folder(a="hat"))
    assert editor.edit(add("hat"), "add hat") == ()
    with pytest.raises(InputError):
        editor.edit(add(","), "add nothing")
    assert editor.undo_label == ""


def test_a_file_that_another_program_changed_is_not_written_over(make_folder: Any) -> None:
    folder = make_folder(a="hat", b="hat", c="hat", d=None)
    editor = CaptionEditor(folder)
    editor.edit(add("sky"), "add sky")
    (folder / "a.txt").write_text("theirs")
    (folder / "b.txt").unlink()
    (folder / "d.txt").write_text("new")
    assert set(editor.changed_on_disk()) == {folder / name for name in ("a.txt", "b.txt", "d.txt")}
    result = editor.save()
    assert result.written == (folder / "c.txt",)
    assert [file.name for file, _ in result.refused] == ["a.txt", "b.txt", "d.txt"]
    assert "a.txt (another program changed it meanwhile)" in result.summary()
    assert "b.txt (another program deleted it meanwhile)" in result.summary()
    assert editor.unsaved == ("a.png", "b.png", "d.png")
    assert on_disk(folder) == {"a": "theirs", "c": "hat, sky", "d": "new"}
    editor.save(overwrite=[file for file, _ in result.refused])
    assert on_disk(folder) == {"a": "hat, sky", "b": "hat, sky", "c": "hat, sky", "d": "sky"}
    assert (editor.unsaved, editor.changed_on_disk()) == ((), ())


def test_a_reload_takes_what_others_wrote_and_keeps_other_edits(make_folder: Any) -> None:
    folder = make_folder(a="hat", b="hat", c="hat", d="hat")
    editor = CaptionEditor(folder)
    editor.edit(add("sky", selection=["a.png", "b.png"]), "add sky")
    (folder / "b.txt").write_text("theirs")
    (folder / "c.txt").write_text("theirs too")
    (folder / "d.png").unlink()
    Image.new("RGB", (4, 4)).save(folder / "e.png")
    assert editor.reload() == ("b.png",)
    assert in_memory(editor) == {"a": "hat, sky", "b": "theirs", "c": "theirs too", "e": ""}
    assert (editor.unsaved, editor.changed_on_disk()) == (("a.png",), ())
    editor.undo()
    assert in_memory(editor)["b"] == "hat, sky", "undo brings the edit back"
    editor.save()
    assert on_disk(folder)["b"] == "hat, sky"


def test_a_reload_gives_even_an_emptied_caption_back_by_undo(make_folder: Any) -> None:
    folder = make_folder(a="hat")
    editor = CaptionEditor(folder)
    editor.edit(lambda captions: captions.set_caption("a.png", ""), "empty")
    (folder / "a.txt").unlink()
    assert editor.reload() == ("a.png",)
    assert editor.captions["a.png"].is_missing
    editor.undo()
    assert not editor.captions["a.png"].is_missing


def test_undo_passes_over_pictures_that_are_gone(make_folder: Any) -> None:
    folder = make_folder(a="hat", b="hat")
    editor = CaptionEditor(folder)
    editor.edit(add("sky"), "add sky")
    (folder / "b.png").unlink()
    editor.reload()
    assert editor.undo() == ("a.png",)


def test_a_full_disk_keeps_count_of_what_was_saved(make_folder: Any, monkeypatch: Any) -> None:
    folder = make_folder(a="hat", b="hat", c="hat")
    editor = CaptionEditor(folder)
    editor.edit(add("sky"), "add sky")
    write = saving.write_atomically

    def full_at_b(path: Path, data: bytes) -> None:
        if path.name == "b.txt":
            raise StorageError("Writing failed: no space left on device.")
        write(path, data)

    monkeypatch.setattr(saving, "write_atomically", full_at_b)
    with pytest.raises(StorageError, match="no space"):
        editor.save()
    assert editor.unsaved == ("b.png", "c.png")
    monkeypatch.undo()
    assert [file.name for file in editor.save().written] == ["b.txt", "c.txt"]


def test_saving_stops_between_two_files_when_asked(make_folder: Any) -> None:
    editor = CaptionEditor(make_folder(a="hat", b="hat", c="hat"))
    editor.edit(add("sky"), "add sky")
    asked = iter([False, True])
    result = editor.save(interrupted=lambda: next(asked))
    assert (len(result.written), result.remaining) == (1, 2)
    assert result.summary() == "1 caption saved. Stopped: 2 not saved yet."
    assert editor.unsaved == ("b.png", "c.png")


def test_a_caption_that_is_a_link_is_replaced_and_its_target_stays(make_folder: Any, tmp_path: Path) -> None:
    folder = make_folder(a=None)
    target = tmp_path / "elsewhere.txt"
    target.write_text("hat")
    (folder / "a.txt").symlink_to(target)
    editor = CaptionEditor(folder)
    editor.edit(add("sky"), "add sky")
    editor.save()
    assert (target.read_text(), on_disk(folder)) == ("hat", {"a": "hat, sky"})
    assert not (folder / "a.txt").is_symlink()


def test_captions_of_other_encodings_become_utf_8_when_they_change(make_folder: Any) -> None:
    folder = make_folder(a="café".encode("latin-1"), b="café".encode("latin-1"))
    editor = CaptionEditor(folder)
    editor.edit(add("赤", selection=["a.png"]), "add")
    editor.save()
    assert (folder / "a.txt").read_bytes() == "café, 赤".encode()
    assert (folder / "b.txt").read_bytes() == b"caf\xe9"


def test_edits_of_many_threads_are_all_there(make_folder: Any) -> None:
    editor = CaptionEditor(make_folder(a=None))
    threads = [
        threading.Thread(target=editor.edit, args=(add(f"tag {number}"), f"add {number}"))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tags: tuple[str, ...] = editor.captions["a.png"].tags
    assert sorted(tags) == sorted(f"tag {number}" for number in range(20))
    for _ in threads:
        editor.undo()
    assert editor.captions["a.png"].is_missing


def test_a_caption_s_letters_may_be_none_that_a_file_can_hold(make_folder: Any) -> None:
    folder = make_folder(a="hat")

    def broken(captions: CaptionSet) -> CaptionSet:
        return captions.set_caption("a.png", "red\udcff \0hat")

    editor = CaptionEditor(folder)
    editor.edit(broken, "type")
    editor.save()
    assert on_disk(folder) == {"a": "red hat"}


def test_a_folder_in_the_place_of_a_caption_is_neither_written_over_nor_lost(make_folder: Any) -> None:
    folder = make_folder(a="hat")
    editor = CaptionEditor(folder)
    editor.edit(add("sky"), "add sky")
    (folder / "a.txt").unlink()
    (folder / "a.txt").mkdir()
    assert editor.changed_on_disk() == (folder / "a.txt",)
    assert editor.save().refused == ((folder / "a.txt", "it can't be read: it is no regular file"),)
    with pytest.raises(StorageError, match=r"a\.txt failed: it is no regular file. Move it out of the way"):
        editor.save(overwrite=[folder / "a.txt"])
    assert (folder / "a.txt").is_dir()


def test_a_caption_that_cannot_be_removed_is_told(make_folder: Any, monkeypatch: Any) -> None:
    folder = make_folder(a=None)
    editor = CaptionEditor(folder)
    editor.edit(add("sky"), "add sky")
    editor.save()
    editor.undo()

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(saving, "sync_folder", refuse)
    with pytest.raises(StorageError, match=r"Removing the caption .*a\.txt failed: Permission denied"):
        editor.save()
    assert editor.unsaved == ("a.png",)
