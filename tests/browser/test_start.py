"""From nothing to the trained character in few clicks, and what is told on the way before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.demo.judge import example_score

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

MOST_CLICKS = 6
_COUNT = "window.clicks = 0; document.addEventListener('click', (e) => e.isTrusted && window.clicks++, true)"


def text_of(tab: Tab, elem_id: str) -> str:
    return str(tab.page.locator(f"#{elem_id}").inner_text())


def pictures_in(server: Server) -> list[Any]:
    files = sorted((server.data_dir / "outputs").rglob("*.png"))
    return [Image.open(path).convert("RGB") for path in files]


def test_from_the_example_to_its_picture_in_four_clicks(
    demo_server: Server, new_tab: Callable[[Server], Tab]
) -> None:
    tab = new_tab(demo_server)
    tab.page.evaluate(_COUNT)
    tab.click("try_character")
    tab.read("press Train Embedding")
    tab.click("train_train_embedding")
    tab.page.locator("#train_use_in_txt2img").wait_for(state="visible")
    tab.click("train_use_in_txt2img")
    wait_until(lambda: tab.value("txt2img_prompt") == "a photo of demo-character")
    tab.click("txt2img_generate")
    tab.page.locator("#txt2img_gallery img").first.wait_for()
    wait_until(lambda: pictures_in(demo_server))
    clicks = tab.page.evaluate("window.clicks")
    assert clicks == 4 <= MOST_CLICKS
    assert example_score(pictures_in(demo_server)) >= 0.5
    assert tab.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_training_is_told_before_it_starts_and_its_time_after_one(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    tab.fill_in({"train_new_embedding_name": "zq-one", "train_initialization_text": "a photo of girl"})
    wait_until(
        lambda: "4 tokens → 1 vector: it starts from “a”." in text_of(tab, "train_create_preview"),
        told=lambda: text_of(tab, "train_create_preview"),
    )
    tab.fill_in({"train_nvpt": "5"})
    wait_until(lambda: "70 of a prompt's 75 places" in text_of(tab, "train_create_preview"))
    tab.click("train_create_embedding")
    tab.read("Created zq-one")

    def box() -> str:
        return text_of(tab, "train_before_start")

    tab.train_panel()
    wait_until(lambda: "Choose the folder with your pictures" in box(), told=box)
    tab.fill_in({"train_dataset_directory": str(pictures), "train_steps": "12"})
    wait_until(lambda: "shown about 8 times in 12 steps" in box(), told=box)
    assert "known after the first run" in box()
    assert "zq-one has 5 vectors for 6 pictures" in box()
    tab.page.locator("#train_before_start summary").click()
    assert f"6 pictures in {pictures}." in box()

    tab.choose("train_template_file", "subject.txt")
    tab.page.locator("#train_template_lines").get_by_text("in subject.txt").click()
    assert "a photo of [name]" in text_of(tab, "train_template_lines")

    tab.fill_in({"train_dataset_directory": "/nowhere"})
    wait_until(lambda: "/nowhere doesn't exist" in box(), told=box)
    tab.fill_in({"train_dataset_directory": str(pictures)})
    wait_until(lambda: "Pictures" in box(), told=box)
    tab.click("train_train_embedding")
    tab.wait_for_status("finished")
    wait_until(lambda: "trained for 12 steps already" in box(), told=box)
    tab.fill_in({"train_steps": "40"})
    wait_until(lambda: "12 to 40" in box() and "about" in box(), told=box)
    assert "known after the first run" not in box()
