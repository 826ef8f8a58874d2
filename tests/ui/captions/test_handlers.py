"""What happens between a browser and the captions of a folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from traintab.errors import InputError
from traintab.ui.captions import actions
from traintab.ui.captions.actions import ALL_PICTURES, END, FITTING, FRONT, SELECTED
from traintab.ui.captions.filters import ANY, NO_CAPTION, NONE
from traintab.ui.captions.view import CARDS
from traintab.ui.page import Page

from .conftest import Browser


def many(count: int) -> dict[str, str]:
    return {f"p{number:02}": f"tag {number}" for number in range(count)}


def test_an_opened_folder_shows_its_pictures_with_their_captions(browser: Browser, make_folder: Any) -> None:
    browser.open(make_folder(a="red hat", b=None))
    assert browser.shown.names == ("a.png", "b.png") and browser.texts[:2] == ["red hat", ""]
    assert browser.values["picture_0"].count("data:image/jpeg") == 1
    assert browser.values["caption_1"]["placeholder"] == "b (file name)"
    assert "no caption file" in browser.values["note_1"]
    assert browser.values["box_1"]["visible"] and not browser.values["box_2"]["visible"]
    assert browser.values["table"]["value"] == [["red hat", 1, "50%"]]


def test_a_caption_of_several_lines_says_that_they_become_one(browser: Browser, make_folder: Any) -> None:
    browser.open(make_folder(a="a hat\na cap", b="a hat"))
    assert "several lines, saved as one" in browser.values["note_0"]
    assert "several lines" not in browser.values["note_1"]


def test_what_is_typed_is_kept_at_once_and_outlives_a_refresh(
    browser: Browser, second_browser: Browser, make_folder: Any
) -> None:
    folder = make_folder(a="red", b="blue")
    browser.open(folder)
    _, note, state, save, *_ = browser.type(0, "red hat")
    assert "not saved" in note and 'data-unsaved="1"' in state and save["value"] == "Save 1 caption"
    folder_field, _, *parts = second_browser.handlers.loaded()
    second_browser.take(tuple(parts))
    assert folder_field == str(folder) and second_browser.texts[:2] == ["red hat", "blue"]
    assert (folder / "a.txt").read_text() == "red"


def test_saving_takes_what_was_typed_up_to_that_moment(browser: Browser, make_folder: Any) -> None:
    folder = make_folder(a="red", b=None)
    browser.open(folder)
    browser.texts[0], browser.texts[1] = "red hat", "new"  # the keystrokes themselves never arrived
    browser.act(actions.save)
    assert "2 captions saved" in browser.message
    assert ((folder / "a.txt").read_text(), (folder / "b.txt").read_text()) == ("red hat", "new")
    assert browser.values["save"]["interactive"] is False


def test_turning_the_page_takes_along_what_was_typed_and_mixes_nothing_up(
    browser: Browser, make_folder: Any
) -> None:
    browser.open(make_folder(**many(CARDS + 2)))
    late = browser.values["shown"]
    browser.texts[1] = "typed"
    browser.act(actions.turn(1))
    assert browser.shown.names == ("p12.png", "p13.png") and browser.texts[:2] == ["tag 12", "tag 13"]
    assert not browser.values["box_2"]["visible"]
    browser.handlers.typed(1)(late, "typed later")  # a keystroke that comes in after the page was turned
    browser.act(actions.turn(-1))
    assert browser.texts[1] == "typed later" and browser.texts[0] == "tag 0"
    browser.act(actions.turn(-1))
    assert browser.shown.page == 0


def test_opening_another_folder_takes_along_what_was_typed(
    browser: Browser, make_folder: Any, tmp_path: Path
) -> None:
    folder = make_folder(a="red")
    other = shutil.copytree(folder, tmp_path / "other")
    browser.open(folder)
    browser.texts[0] = "red hat"  # its keystrokes never arrived
    browser.open(other)
    assert browser.texts[0] == "red"
    browser.open(folder)
    assert browser.texts[0] == "red hat"


def test_undo_shows_the_page_where_it_changed_something(browser: Browser, make_folder: Any) -> None:
    browser.open(make_folder(**many(CARDS + 2)))
    browser.act(actions.turn(1))
    browser.type(0, "changed")
    browser.act(actions.turn(-1))
    browser.act(actions.undo)
    assert browser.shown.page == 1 and browser.texts[0] == "tag 12"
    assert "Taken back: typing below p12.png" in browser.message
    browser.act(actions.redo)
    assert browser.texts[0] == "changed" and "Done again" in browser.message


def test_another_browser_sees_an_edit_at_its_next_look(
    browser: Browser, second_browser: Browser, make_folder: Any
) -> None:
    folder = make_folder(a="red", b="blue")
    browser.open(folder)
    second_browser.open(folder)
    assert second_browser.look() is False
    browser.act(actions.add_tag, ALL_PICTURES, "hat", END)
    assert second_browser.look() is True and second_browser.texts[:2] == ["red, hat", "blue, hat"]
    assert second_browser.look() is False
    assert Browser(browser.handlers._page, browser.handlers).look() is False


def test_old_texts_of_another_browser_undo_nothing(
    browser: Browser, second_browser: Browser, make_folder: Any
) -> None:
    folder = make_folder(a="red")
    browser.open(folder)
    second_browser.open(folder)
    browser.act(actions.add_tag, ALL_PICTURES, "hat", FRONT)
    second_browser.act(actions.save)
    assert (folder / "a.txt").read_text() == "hat, red" and second_browser.texts[0] == "hat, red"


def test_many_captions_change_at_once(browser: Browser, make_folder: Any) -> None:
    browser.open(make_folder(a="red hat, smile", b="blue hat, smile", c="sky"))
    browser.act(actions.replace, ALL_PICTURES, "hat", "cap", False, False, False)
    assert browser.texts[:3] == ["red cap, smile", "blue cap, smile", "sky"]
    assert "changed 2 captions" in browser.message
    browser.act(actions.remove_tag, ALL_PICTURES, "smile")
    browser.act(actions.rename_tag, ALL_PICTURES, "red cap", "beret")
    assert browser.texts[:3] == ["beret", "blue cap", "sky"]
    browser.act(actions.add_tag, ALL_PICTURES, "sky", END)
    browser.act(actions.sort_tags("frequency"), ALL_PICTURES)
    assert browser.texts[:3] == ["sky, beret", "sky, blue cap", "sky"]
    browser.act(actions.sort_tags("alphabet"), ALL_PICTURES)
    browser.type(2, "sky, sky")
    browser.act(actions.dedupe_tags, ALL_PICTURES)
    assert browser.texts[:3] == ["beret, sky", "blue cap, sky", "sky"]
    browser.act(actions.remove_tag, ALL_PICTURES, "nowhere")
    assert "No caption had to be changed" in browser.message


def test_a_first_tag_says_that_the_words_of_the_file_name_are_gone(
    browser: Browser, make_folder: Any
) -> None:
    browser.open(make_folder(**{"red hat": None, "kept": "sky"}))
    browser.act(actions.add_tag, ALL_PICTURES, "smile", END)
    assert "One had no caption file" in browser.message and "“red hat” (file name)" in browser.message
    browser.act(actions.undo)
    browser.act(actions.use_suggestions, ALL_PICTURES)
    assert "no caption file" not in browser.message
    browser.act(actions.add_tag, ALL_PICTURES, "smile", END)
    assert browser.texts[:2] == ["sky, smile", "red hat, smile"]
    assert "no caption file" not in browser.message


def test_file_names_become_captions_on_request(browser: Browser, make_folder: Any) -> None:
    browser.open(make_folder(a=None, b="kept"))
    browser.act(actions.use_suggestions, ALL_PICTURES)
    assert browser.texts[:2] == ["a", "kept"]


def test_selected_pictures_alone_are_changed_where_that_is_asked_for(
    browser: Browser, make_folder: Any
) -> None:
    browser.open(make_folder(a="x", b="y", c="z"))
    browser.act(actions.add_tag, SELECTED, "hat", END)
    assert "No picture is selected" in browser.message and browser.texts[0] == "x"
    assert "1 selected" in browser.handlers.chosen(1)(browser.values["shown"], True)
    browser.act(actions.add_tag, SELECTED, "hat", END)
    assert browser.texts[:3] == ["x", "y, hat", "z"]
    browser.act(actions.invert_selection)
    assert [browser.values[f"chosen_{index}"]["value"] for index in range(3)] == [True, False, True]
    browser.act(actions.select_none)
    assert browser.values["chosen_0"]["value"] is False
    browser.filter = (["y"], ANY, "")
    browser.act(actions.first_page)
    browser.act(actions.select_shown)
    assert browser.shown.names == ("b.png",) and "1 selected" in browser.values["state"]


@pytest.mark.parametrize(
    ("tags", "mode", "words", "left"),
    [
        (["hat", "sky"], "all of them", "", "a"),
        (["hat", "sky"], ANY, "", "ab"),
        (["hat"], NONE, "", "cd"),
        ([NO_CAPTION], ANY, "", "d"),
        (["hat"], "all of them", "sk", "a"),
        ([], "all of them", "tree", "c"),
    ],
)
def test_the_filter_leaves_the_pictures_that_fit(
    browser: Browser, make_folder: Any, tags: list[str], mode: str, words: str, left: str
) -> None:
    browser.open(make_folder(a="hat, sky", b="hat", c="a big tree", d=None))
    browser.filter = (tags, mode, words)
    browser.act(actions.first_page)
    assert "".join(name[0] for name in browser.shown.names) == left
    assert f"{len(left)} that fit, of 4" in browser.values["pages"]


def test_pictures_that_fit_the_filter_are_changed_on_all_pages_and_no_others(
    browser: Browser, make_folder: Any
) -> None:
    browser.open(make_folder(**many(CARDS + 2), z="sky"))
    browser.filter = ([], ANY, "tag")
    browser.act(actions.add_tag, FITTING, "hat", END)
    assert f"changed {CARDS + 2} captions" in browser.message
    browser.act(actions.remove_tag, FITTING, "hat")
    browser.filter = (["nowhere"], ANY, "")
    browser.act(actions.add_tag, FITTING, "hat", END)
    assert "No caption had to be changed" in browser.message
    browser.filter = ([], ANY, "")
    browser.act(actions.add_tag, FITTING, "hat", END)
    assert f"changed {CARDS + 3} captions" in browser.message


def test_a_click_on_a_tag_filters_by_it_and_a_second_one_ends_that(
    browser: Browser, make_folder: Any
) -> None:
    browser.open(make_folder(a="hat", b="sky, hat"))

    class Click:
        index = (1, 0)

    chosen, tag = browser.handlers.tag_clicked(browser.values["shown"], [], Click())
    assert chosen["value"] == ["sky"] and tag == "sky"
    again, _ = browser.handlers.tag_clicked(browser.values["shown"], ["sky"], Click())
    assert again["value"] == []


def test_a_conflict_offers_to_write_over_or_to_reload(browser: Browser, make_folder: Any) -> None:
    folder = make_folder(a="red")
    browser.open(folder)
    browser.type(0, "mine")
    (folder / "a.txt").write_text("theirs")
    browser.act(actions.save)
    assert "Not saved: a.txt" in browser.message and browser.values["overwrite"]["visible"] is True
    browser.act(actions.reload)
    assert browser.texts[0] == "theirs" and browser.values["overwrite"]["visible"] is False
    browser.act(actions.undo)
    browser.act(actions.save)
    assert browser.texts[0] == "mine" and (folder / "a.txt").read_text() == "mine"
    (folder / "a.txt").write_text("theirs again")
    browser.type(0, "mine again")
    browser.act(actions.save)
    browser.act(actions.save_over)
    assert (folder / "a.txt").read_text() == "mine again"


def test_a_folder_that_is_gone_is_told_of_when_something_is_done_with_it(
    browser: Browser, make_folder: Any
) -> None:
    folder = make_folder(a="red")
    browser.open(folder)
    for file in folder.iterdir():
        file.unlink()
    assert browser.look() is False and browser.texts[0] == "red"
    browser.act(actions.reload)
    assert "can&#x27;t be edited" in browser.message


def test_mistakes_are_told_in_the_message_and_change_nothing(browser: Browser, make_folder: Any) -> None:
    browser.act(actions.save)
    assert "press Open" in browser.message
    browser.open(make_folder(a="red"))
    browser.act(actions.replace, ALL_PICTURES, "(", "", False, False, True)
    assert "no regular expression" in browser.message and browser.texts[0] == "red"
    with pytest.raises(InputError):
        browser.handlers.open("", None)


def test_an_unreadable_caption_is_told_and_can_not_be_typed_into(browser: Browser, make_folder: Any) -> None:
    folder = make_folder(a="red", b="x")
    (folder / "b.txt").write_bytes(b"\x00\x01")
    browser.open(folder)
    assert browser.values["caption_1"]["interactive"] is False and "b.txt" in browser.values["note_1"]


def test_an_unreadable_picture_keeps_its_caption(browser: Browser, make_folder: Any) -> None:
    folder = make_folder(a="red")
    (folder / "a.png").write_bytes(b"no picture")
    browser.open(folder)
    assert "can’t be shown" in browser.values["picture_0"] and browser.texts[0] == "red"


def test_the_last_destination_is_offered_and_the_kind_is_remembered(browser: Browser, page: Page) -> None:
    page.remembered.remember("preprocess", {"destination": "prepared"})
    browser.handlers.remember_kind("Style")
    folder, kind, *parts = browser.handlers.loaded()
    assert folder == "prepared" and kind["value"] == "Style" and browser.take(tuple(parts)) is False
