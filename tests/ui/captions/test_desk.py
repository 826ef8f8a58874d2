"""A folder's captions while people edit them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.datasets.caption_editing import CaptionJournal, CaptionSet
from traintab.errors import DatasetError, InputError
from traintab.ui.captions.desk import Desk, Desks
from traintab.ui.captions.shown import Shown, TypedText

DeskMaker = Callable[..., Desk]


def typed(desk: Desk, name: str, *texts: str, version: int | None = None) -> list[tuple[str, ...]]:
    """Each text as it stands after one more keystroke."""
    shown = Shown(folder="", version=desk.version if version is None else version)
    return [desk.type(shown, [TypedText(name=name, text=text)]) for text in texts]


def text_of(desk: Desk, name: str) -> str:
    return desk.captions[name].text


def test_what_is_typed_into_one_caption_is_one_step_of_undo(make_desk: DeskMaker) -> None:
    desk = make_desk(a="red", b="blue")
    typed(desk, "a.png", "red h", "red ha", "red hat")
    typed(desk, "b.png", "blue h", "blue hat")
    assert desk.undo() == ("b.png",) and text_of(desk, "b.png") == "blue"
    assert text_of(desk, "a.png") == "red hat"
    assert desk.undo() == ("a.png",) and text_of(desk, "a.png") == "red"
    assert desk.undo() == ()


def test_typing_back_to_the_old_text_leaves_nothing_to_save(make_desk: DeskMaker) -> None:
    desk = make_desk(a="red")
    assert typed(desk, "a.png", "red h", "red h", "red") == [("a.png",), (), ("a.png",)]
    assert desk.editor.unsaved == () and desk.editor.undo_label == ""


def test_typing_after_another_edit_is_a_step_of_its_own(make_desk: DeskMaker) -> None:
    desk = make_desk(a="red")
    typed(desk, "a.png", "red hat")
    desk.edit(lambda captions: captions.add_tag("smile"), "adding smile")
    typed(desk, "a.png", "red hat, smile!")
    desk.undo()
    assert text_of(desk, "a.png") == "red hat, smile"
    desk.undo()
    assert text_of(desk, "a.png") == "red hat"


def test_a_keystroke_that_comes_after_an_edit_it_knew_nothing_of_is_left_out(make_desk: DeskMaker) -> None:
    desk = make_desk(a="red", b="blue")
    before = desk.version
    desk.edit(lambda captions: captions.add_tag("hat", selection=["a.png"]), "adding hat")
    assert typed(desk, "a.png", "red!", version=before) == [()]
    assert typed(desk, "b.png", "blue!", version=before) == [("b.png",)]
    assert (text_of(desk, "a.png"), text_of(desk, "b.png")) == ("red, hat", "blue!")


def test_a_text_for_a_picture_that_is_gone_is_left_out(make_desk: DeskMaker) -> None:
    assert typed(make_desk(a="red"), "gone.png", "x") == [()]


def test_a_save_refuses_what_another_program_wrote_until_it_is_told_to_write_over(
    make_desk: DeskMaker,
) -> None:
    desk = make_desk(a="red", b="blue")
    desk.edit(lambda captions: captions.add_tag("hat"), "adding hat")
    file = desk.captions["a.png"].file
    file.write_text("green", encoding="utf-8")
    assert [refused for refused, _ in desk.save().refused] == [file]
    assert file.read_text(encoding="utf-8") == "green" and desk.editor.unsaved == ("a.png",)
    assert desk.save(overwrite=True).refused == () and desk.refused == ()
    assert file.read_text(encoding="utf-8") == "red, hat"


def test_what_other_programs_change_is_followed_while_nothing_of_it_is_edited(
    make_desk: DeskMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traintab.ui.captions.desk._SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr("traintab.ui.captions.desk._SHARE_OF_TIME", 0.0)
    desk = make_desk(a="red", b="blue")
    assert desk.follow() is False
    version = desk.version
    desk.captions["a.png"].file.write_text("green", encoding="utf-8")
    assert desk.follow() is True and text_of(desk, "a.png") == "green" and desk.version > version
    typed(desk, "b.png", "blue hat")
    desk.captions["b.png"].file.write_text("grey", encoding="utf-8")
    assert desk.follow() is False and text_of(desk, "b.png") == "blue hat"


def test_our_own_save_is_no_change_by_another_program(
    make_desk: DeskMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traintab.ui.captions.desk._SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr("traintab.ui.captions.desk._SHARE_OF_TIME", 0.0)
    desk = make_desk(a="red")
    typed(desk, "a.png", "red hat")
    desk.save()
    assert desk.follow() is False


def test_a_new_picture_appears_and_a_deleted_one_leaves_the_selection(
    make_desk: DeskMaker, make_folder: Any
) -> None:
    desk = make_desk(a="red", b="blue")
    desk.select_only(["a.png", "b.png"])
    desk.captions["b.png"].path.unlink()
    make_folder(c="new")
    assert desk.follow() is True
    assert desk.captions.names == ("a.png", "c.png") and desk.selected == {"a.png"}


def test_the_same_folder_has_one_desk_however_it_is_written(make_folder: Any, tmp_path: Path) -> None:
    folder, desks = make_folder(a="red"), Desks(tmp_path / "journal")
    assert desks.known(str(folder)) is None
    desk = desks.opened(str(folder))
    assert desks.opened(f" {folder}/../{folder.name} ") is desk and desks.known(str(folder)) is desk


def test_no_folder_and_a_folder_without_pictures_are_refused(tmp_path: Path) -> None:
    desks = Desks(tmp_path / "journal")
    with pytest.raises(InputError, match="press Open"):
        desks.opened("  ")
    with pytest.raises(DatasetError, match="pictures"):
        desks.opened(str(tmp_path))


@given(st.lists(st.sampled_from(["type a", "type b", "edit", "undo", "redo", "save"]), max_size=12))
def test_undo_goes_back_to_the_beginning_whatever_was_done(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    from PIL import Image

    folder = tmp_path_factory.mktemp("any")
    for stem in "ab":
        Image.new("RGB", (2, 2)).save(folder / f"{stem}.png")
        (folder / f"{stem}.txt").write_text(stem, encoding="utf-8")
    desk = Desk(folder, CaptionJournal(folder / "journal"))
    for number, step in enumerate(steps):
        if step.startswith("type"):
            typed(desk, f"{step[-1]}.png", f"{number}", f"{number}!")
        elif step == "edit":
            tagged = desk.captions.add_tag(f"tag {number}")
            desk.edit(partial(_exchanged, tagged), "adding a tag")
        else:
            getattr(desk, step)()
    while desk.editor.undo_label:
        desk.undo()
    assert [picture.text for picture in desk.captions.pictures] == ["a", "b"]


def _exchanged(new: CaptionSet, _old: CaptionSet) -> CaptionSet:
    return new
