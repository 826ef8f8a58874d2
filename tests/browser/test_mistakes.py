"""What a user gets wrong is told where the user looks, in a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]


def test_mistakes_are_told_in_their_panels(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path, tmp_path: Path
) -> None:
    tab = new_tab(tiny_server)
    tab.click("train_create_embedding")
    tab.read("Name is empty")
    tab.type("train_new_embedding_name", "a/b")
    tab.click("train_create_embedding")
    tab.read("a/b")
    tab.type("train_new_embedding_name", "mira")
    tab.click("train_create_embedding")
    tab.read("Created mira")
    tab.click("train_create_embedding")
    tab.read("mira.*Overwrite")

    tab.go_to("Preprocess images")
    tab.type("preprocess_source", str(tmp_path / "missing"))
    tab.type("preprocess_destination", str(tmp_path / "out"))
    tab.click("train_run_preprocess")
    tab.read("missing")
    tab.type("preprocess_source", str(pictures))
    tab.type("preprocess_destination", str(pictures))
    tab.click("train_run_preprocess")
    tab.read("same folder")

    tab.train_panel()
    tab.type("train_dataset_directory", str(pictures))
    for field, bad, good, words in (
        ("train_steps", "-5", "10", "Max steps is -5"),
        ("train_embedding_learn_rate", "0.005:10, fast", "0.005", "fast"),
        ("train_width", "100", "", "multiple of 8"),
        ("train_dataset_directory", str(tmp_path / "missing"), str(pictures), "missing"),
        ("train_template_file", "nothing.txt", "subject.txt", "nothing.txt"),
        ("train_embedding", "nobody", "mira", "no embedding called 'nobody'"),
    ):
        tab.type(field, bad)
        tab.click("train_train_embedding")
        tab.read(words)
        tab.type(field, good)
    assert tab.job("status") == "idle"
    tab.click("train_show_dataset")
    tab.page.locator("#train_dataset_preview .traintab-seen mark").first.wait_for(state="attached")
    assert tab.job("status") == "idle"


def test_a_mistake_is_told_by_button_and_box_and_goes_when_it_is_mended(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    tab.type("train_new_embedding_name", "mended")
    tab.click("train_create_embedding")
    tab.read("Created mended")
    tab.train_panel()
    told = tab.page.locator("#train").get_by_text("Max steps is 0", exact=False)
    refused = tab.page.locator("#train .traintab-failed")
    tab.choose("train_embedding", "mended")
    tab.type("train_dataset_directory", str(pictures))
    tab.type("train_steps", "0")
    tab.click("train_train_embedding")
    refused.wait_for()
    tab.page.locator("#train_before_start .traintab-before-wrong").wait_for()
    assert told.count() == 2, "the button's message and the box, and nothing below the learning rate"
    tab.type("train_steps", "10")
    tab.page.locator("#train_before_start dl").wait_for()
    refused.wait_for(state="detached")


def test_the_note_of_a_field_opens_alone(tiny_server: Server, new_tab: Callable[[Server], Tab]) -> None:
    tab = new_tab(tiny_server)
    tab.train_panel()
    fold = tab.page.locator("#train button.label-wrap").filter(has_text="Dataset")
    fold.click()
    tab.page.locator("#train_wildcards").wait_for()
    for place, notes in ((fold, []), (tab.page.locator("#train_wildcards"), ["{red|dark red}"])):
        place.hover()
        tab.page.wait_for_timeout(1000)
        opened = tab.page.locator("#tabs .info-text:visible")
        texts = [opened.nth(number).inner_text() for number in range(opened.count())]
        shown = [text.split(" is one")[0] for text in texts]
        assert shown == notes


def test_an_answer_below_the_edge_of_the_window_comes_into_sight(
    tiny_server: Server, new_tab: Callable[[Server], Tab]
) -> None:
    tab = new_tab(tiny_server)
    for name, words in (("a/b", "can't carry"), ("mira-below", "Created mira-below")):
        tab.type("train_new_embedding_name", name)
        tab.page.wait_for_timeout(1000)  # the lines above the button tell of the name first
        tab.page.locator("#train_create_embedding").evaluate(
            "button => button.scrollIntoView({block: 'end'})"
        )
        tab.page.locator("#train_create_embedding").click()
        answer = tab.page.locator("#create_embedding .traintab-slot .traintab-message").get_by_text(words)
        answer.wait_for()
        tab.page.wait_for_timeout(1000)
        box = answer.bounding_box()
        height = tab.page.evaluate("window.innerHeight")
        assert box["y"] >= 0 and box["y"] + box["height"] <= height + 1, (words, box, height)
