"""What a slow network does to answers: they arrive after those of later requests."""

from __future__ import annotations

from typing import Any

from traintab.ui.captions import actions
from traintab.ui.captions.actions import ALL_PICTURES, END
from traintab.ui.gradio_compat import skip

from .conftest import Browser


def test_what_saving_told_stays_when_a_keystroke_is_answered_after_it(
    browser: Browser, make_folder: Any
) -> None:
    browser.open(make_folder(a="red"))
    message, *_ = browser.type(0, "red hat")
    browser.act(actions.save)
    assert "1 caption saved" in browser.message
    assert message == skip()


def test_what_an_action_told_stays_when_another_browser_changes_captions(
    browser: Browser, second_browser: Browser, make_folder: Any
) -> None:
    folder = make_folder(a="red", b="blue")
    browser.open(folder)
    second_browser.open(folder)
    browser.texts[0] = "red hat"
    browser.act(actions.save)
    second_browser.act(actions.add_tag, ALL_PICTURES, "sky", END)
    assert browser.look()
    assert "1 caption saved" in browser.message and browser.texts[0] == "red hat, sky"
