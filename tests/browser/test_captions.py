"""Captions are edited under their pictures, by hands and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]


@pytest.fixture
def captioned(tmp_path: Path) -> Path:
    """Fourteen pictures, more than a page shows; all but one have the tag *girl* and one has no caption."""
    folder = tmp_path / "captioned"
    folder.mkdir()
    for number in range(14):
        name = f"{number:05}-0-mira"
        Image.new("RGB", (96, 128), (16 * number, 120, 200)).save(folder / f"{name}.png")
        tags = ["girl", "smile"] if number % 2 else ["girl", "red hat"]
        if number < 13:
            (folder / f"{name}.txt").write_text(", ".join(tags), encoding="utf-8")
    return folder


def open_captions(tab: Tab) -> None:
    tab.go_to("Preprocess images")
    tab.go_to("Captions", "preprocess_tabs")


def opened(tab: Tab, folder: Path) -> Tab:
    open_captions(tab)
    tab.fill_in({"captions_folder": str(folder)})
    tab.click("captions_open")
    return tab


def unsaved(tab: Tab) -> str:
    state = tab.page.locator("#captions_state .traintab-caption-state")
    return str(state.get_attribute("data-unsaved"))


def shown_pictures(tab: Tab) -> int:
    return int(tab.page.locator("#captions_cards img:visible").count())


def caption(folder: Path, number: int) -> str:
    return (folder / f"{number:05}-0-mira.txt").read_text(encoding="utf-8")


def test_captions_are_typed_searched_asked_about_undone_and_saved(
    tiny_server: Server, new_tab: Callable[[Server], Tab], captioned: Path
) -> None:
    tab = opened(new_tab(tiny_server), captioned)
    wait_until(lambda: tab.value("caption_1") == "girl, red hat")
    wait_until(lambda: shown_pictures(tab) == 12)
    (captioned / "00001-0-mira.txt").write_text("girl, frown", encoding="utf-8")
    wait_until(lambda: tab.value("caption_2") == "girl, frown")

    field = tab.page.locator("#caption_1 textarea")
    field.click()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.type(", by the sea")
    wait_until(lambda: unsaved(tab) == "1")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.closest('#caption_2') !== null")
    tab.page.keyboard.press("Control+s")
    tab.read("1 caption saved")
    assert caption(captioned, 0) == "girl, red hat, by the sea"

    tab.page.locator("#captions_question").get_by_text("is in 13 of 14 captions").wait_for()
    tab.picture("captions")
    tab.click("captions_concept")
    tab.read("Removed from 13 captions")
    wait_until(lambda: tab.value("caption_2") == "frown")
    tab.page.reload()
    tab.page.locator("#ti_progress .traintab-job").wait_for()
    open_captions(tab)
    wait_until(lambda: tab.value("caption_2") == "frown" and unsaved(tab) == "13")

    tab.click("captions_next")
    wait_until(lambda: tab.value("caption_1") == "red hat")
    wait_until(lambda: shown_pictures(tab) == 2)
    tab.page.locator("#captions_cards img:visible").nth(1).click()
    wait_until(lambda: "1 selected" in tab.page.locator("#captions_state").inner_text())
    tab.page.get_by_text("Change many captions at once").click()
    tab.page.locator("#captions_scope").get_by_text("selected pictures").click()
    tab.fill_in({"captions_tag": "new tag"})
    tab.click("captions_add")
    wait_until(lambda: tab.value("caption_2") == "new tag")
    tab.click("captions_undo")
    tab.read("Taken back: adding the tag")
    wait_until(lambda: tab.value("caption_2") == "")

    tab.page.get_by_text("Tags, and which pictures are shown").click()
    tab.page.locator("#captions_table").get_by_text("smile", exact=True).last.click()
    wait_until(lambda: "5 that fit, of 14" in tab.page.locator("#captions_pages").inner_text())
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.picture("captions-narrow")
    tab.click("captions_save")
    tab.read("13 captions saved")
    assert {caption(captioned, number) for number in range(2, 13)} == {"smile", "red hat"}


@pytest.mark.long
def test_pictures_are_selected_edits_done_again_and_questions_passed_over(
    tiny_server: Server, new_tab: Callable[[Server], Tab], captioned: Path
) -> None:
    tab = opened(new_tab(tiny_server), captioned)
    question = tab.page.locator("#captions_question")
    question.get_by_text("is in 13 of 14 captions").wait_for()
    tab.click("captions_accidental")
    question.get_by_text("is in 13 of 14 captions").wait_for(state="hidden")
    state = tab.page.locator("#captions_state")
    tab.click("captions_select_all")
    state.get_by_text("14 selected").first.wait_for()
    tab.page.locator("#captions_cards img:visible").first.click()
    state.get_by_text("13 selected").first.wait_for()
    tab.click("captions_invert")
    state.get_by_text("1 selected").first.wait_for()
    tab.click("captions_select_none")
    state.get_by_text("1 selected").first.wait_for(state="hidden")
    tab.click("captions_next")
    wait_until(lambda: shown_pictures(tab) == 2)
    tab.click("captions_previous")
    wait_until(lambda: shown_pictures(tab) == 12)

    assert unsaved(tab) == "1", "the picture without a caption got the tag"
    tab.page.locator("#caption_2 textarea").click()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.press("Backspace")
    wait_until(lambda: unsaved(tab) == "2")
    tab.click("captions_undo")
    wait_until(lambda: tab.value("caption_2") == "girl, smile" and unsaved(tab) == "1")
    tab.fill_in({"caption_1": "a hat"})  # as by the mouse's Paste: no key is pressed
    wait_until(lambda: unsaved(tab) == "2")
    tab.click("captions_undo")
    wait_until(lambda: tab.value("caption_1") == "girl, red hat")
    tab.click("captions_redo")
    wait_until(lambda: tab.value("caption_1") == "a hat")
    tab.click("captions_reload")
    tab.read("The folder was read again")
    assert tab.value("caption_1") == "a hat", "what isn't saved stays"
    tab.click("captions_save")
    tab.read("2 captions saved")
    assert caption(captioned, 0) == "a hat" and caption(captioned, 13) == "girl"
