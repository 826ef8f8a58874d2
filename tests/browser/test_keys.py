"""The page without a mouse: the list of keys, starting by keys, and the order of the fields."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1500)]

FIELDS = (
    "train_new_embedding_name",
    "train_initialization_text",
    "train_nvpt",
    "train_overwrite_old_embedding",
    "train_create_embedding",
)


def in_focus(tab: Tab) -> str:
    """Which of `FIELDS` the focus is in."""
    ids = ", ".join(f"#{name}" for name in FIELDS)
    return str(tab.page.evaluate(f"(document.activeElement.closest('{ids}') || {{}}).id || ''"))


def test_the_page_is_used_by_keys_alone(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    check_list(tab)
    check_order(tab)

    tab.go_to("Preprocess images")
    source = tab.page.locator("#preprocess_source textarea, #preprocess_source input").first
    source.fill(str(pictures / "missing"))
    source.press("Control+Enter")
    tab.read("missing")

    tab.go_to("txt2img", "tabs")
    tab.page.locator("#txt2img_batch_count input[type=number]").fill("2")
    tab.page.locator("#txt2img_steps input[type=number]").fill("150")
    tab.type("txt2img_width", "256")
    tab.type("txt2img_height", "256")
    prompt = tab.page.locator("#txt2img_prompt textarea")
    prompt.fill("a cat")
    prompt.press("Control+Enter")
    drawing = tab.page.locator("#txt2img_progress .traintab-drawing")
    wait_until(lambda: drawing.get_attribute("data-state") == "drawing")
    prompt.press("Alt+Enter")
    tab.page.locator("#txt2img_gallery img").first.wait_for()
    wait_until(lambda: drawing.get_attribute("data-state") in ("finished", "drawing"))
    if drawing.get_attribute("data-state") == "drawing":
        tab.click("txt2img_interrupt")


def check_list(tab: Tab) -> None:
    """`?` opens it, unless one is typing; Escape, its cross and a click beside it close it."""
    listed = tab.page.locator("#traintab_keys[open]")
    tab.page.locator("#train_new_embedding_name input, #train_new_embedding_name textarea").first.press("?")
    assert listed.count() == 0 and tab.value("train_new_embedding_name") == "?"
    tab.page.locator("#train_create_embedding").focus()
    tab.page.keyboard.press("?")
    listed.get_by_text("Close what is enlarged").wait_for()
    tab.page.keyboard.press("Escape")
    listed.wait_for(state="detached")
    tab.page.get_by_role("button", name="Keyboard").click()
    listed.get_by_role("button", name="Close").click()
    listed.wait_for(state="detached")


def check_order(tab: Tab) -> None:
    """Tab goes from field to field as they are read, down to the button, which Enter presses."""
    tab.page.locator("#train_new_embedding_name input, #train_new_embedding_name textarea").first.fill("mira")
    order = [in_focus(tab)]
    while order[-1] != FIELDS[-1] and len(order) < 30:
        tab.page.keyboard.press("Tab")
        order.append(in_focus(tab))
    met = [name for name in dict.fromkeys(order) if name]
    assert met == [name for name in FIELDS if name in met] and {FIELDS[0], FIELDS[1], FIELDS[-1]} <= set(met)
    tab.page.keyboard.press("Enter")
    tab.read("Created mira")
