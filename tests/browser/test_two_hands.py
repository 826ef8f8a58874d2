"""What is pressed twice, or in two tabs at once, happens once; and the page holds still below hands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until
from .test_nothing_is_lost import FOREVER

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

WORDS = "a portrait of [name], by the sea, at night"
# The browser's own record of what moved without being asked to, with who moved.
_WATCH = """() => {
  window.moved = [];
  const name = (source) => source.node && (source.node.id || source.node.className || source.node.nodeName);
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    window.moved.push([entry.value, entry.sources.map(name)]);
  })).observe({ type: "layout-shift" });
}"""
STILL = 0.005
"""So much layout shift (share of the window, times share of the way) nobody sees."""


def runs(server: Server) -> list[str]:
    return [path.parent.name for path in server.data_dir.glob("textual_inversion/*/*/run.yaml")]


def test_two_hurried_tabs_start_one_training_which_either_of_them_stops(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    first = new_tab(tiny_server)
    first.type("train_new_embedding_name", "mira")
    first.page.locator("#train_create_embedding").dblclick()
    first.read("Created mira with 1 vector")
    second = new_tab(tiny_server)
    settings = {"train_dataset_directory": str(pictures), "train_steps": FOREVER}
    settings |= {"train_create_image_every": "4", "train_save_embedding_every": "0"}
    for tab in (first, second):
        tab.train_panel()
        tab.fill_in(settings)
        wait_until(lambda tab=tab: tab.value("train_embedding") == "mira")
    buttons = [tab.page.locator("#train_train_embedding") for tab in (first, second)]
    buttons[0].dblclick()
    buttons[1].click()
    second.read("was not started: Training of mira is running")
    first.wait_for_step(5)
    second.wait_for_step(5)
    assert runs(tiny_server) == ["mira"]
    check_typing(first)
    check_stillness(first)

    # Stopped by the one, it is told by the other; and goes on by the other.
    second.click("train_interrupt_training")
    first.wait_for_status("interrupted")
    stopped_at = first.step
    first.click("train_resume_training")
    first.click("train_resume_as_it_was")  # the prompt that was typed meanwhile is another setting
    second.wait_for_step(stopped_at + 2)
    first.page.context.close()
    second.click("train_interrupt_training")
    second.wait_for_status("interrupted")
    assert runs(tiny_server) == ["mira"]


def check_typing(tab: Tab) -> None:
    """Each key arrives, and the caret stays, while steps are counted above."""
    before = tab.step
    tab.page.locator("#train_group_preview > .label-wrap").click()
    field = tab.page.locator("#train_preview_prompt textarea")
    field.click()
    field.press_sequentially(WORDS, delay=100)
    wait_until(lambda: tab.step > before)
    assert field.input_value() == WORDS
    assert field.evaluate("field => field === document.activeElement && field.selectionEnd") == len(WORDS)


def check_stillness(tab: Tab) -> None:
    """While previews, curve and figures are drawn anew."""
    tab.page.evaluate("window.scrollTo(0, 0)")
    tab.page.wait_for_timeout(1000)
    tab.page.evaluate(_WATCH)
    tab.wait_for_step(tab.step + 5)
    moved = tab.page.evaluate("window.moved")
    assert sum(value for value, _ in moved) <= STILL, moved
