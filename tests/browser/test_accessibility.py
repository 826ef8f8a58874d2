"""The page for those who see little, use no mouse or hold a telephone; and that it asks no other computer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import Server, Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PANELS = (
    ("Create embedding", "train_tabs"),
    ("Preprocess images", "train_tabs"),
    ("Train", "train_tabs"),
    ("Embeddings", "tabs"),
    ("Settings", "tabs"),
    ("PNG Info", "tabs"),
    ("img2img", "tabs"),
    ("txt2img", "tabs"),
)
GRAVE = ("serious", "critical")


def findings(tab: Tab, where: str) -> list[str]:
    """What axe finds serious or critical, with the element that it is about."""
    return [
        f"{where}: {found['id']} at {node['target']}: {node['failureSummary']}"
        for found in Axe().run(tab.page).response["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]


def open_panel(tab: Tab, name: str, tabs: str) -> None:
    """On a narrow page gradio keeps the tabs that find no room behind a button."""
    shown = tab.page.locator(f"#{tabs}").get_by_role("tab", name=name, exact=True).first
    if shown.is_visible():
        shown.click()
    else:
        tab.page.locator(f"#{tabs} .overflow-menu > button").first.click()
        tab.page.locator(f"#{tabs} .overflow-dropdown").get_by_role("button", name=name, exact=True).click()
    tab.page.wait_for_timeout(1000)


def sideways(tab: Tab) -> int:
    """By how many pixels the page is wider than the window."""
    return int(
        tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


@pytest.mark.parametrize(
    ("theme", "width"), [("light", 1280), pytest.param("dark", 390, marks=pytest.mark.long)]
)
def test_every_panel_can_be_read_and_reached_and_asks_no_other_computer(
    theme: str, width: int, tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    asked: set[str] = set()
    tab.page.on("request", lambda request: asked.add(_host(request)))
    train_a_little(tab, pictures)
    tab.page.set_viewport_size({"width": width, "height": 900})
    tab.open(f"{tiny_server.url}/?__theme={theme}")
    found: list[str] = []
    wide: list[str] = []
    for name, tabs in PANELS:
        if tabs == "train_tabs":
            open_panel(tab, "Train", "tabs")
        open_panel(tab, name, tabs)
        found += findings(tab, name)
        wide += [f"{name}: {sideways(tab)} px"] if sideways(tab) else []
    assert found == [] and wide == []
    assert asked == {"127.0.0.1"}


def train_a_little(tab: Tab, pictures: Path) -> None:
    """So that curve, previews and past runs are there to be looked at, too."""
    tab.go_to("Create embedding")
    tab.fill_in({"train_new_embedding_name": "mira"})
    tab.click("train_create_embedding")
    tab.read("Created mira")
    tab.train_panel()
    tab.fill_in({"train_dataset_directory": str(pictures), "train_steps": "12", "train_batch_size": "1"})
    tab.fill_in({"train_create_image_every": "6", "train_save_embedding_every": "6"})
    tab.click("train_train_embedding")
    tab.wait_for_status("finished")


def _host(request: Any) -> str:
    address = urlsplit(request.url)
    return address.hostname or "127.0.0.1" if address.scheme in ("http", "https", "ws") else "127.0.0.1"
