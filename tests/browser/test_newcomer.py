"""What a newcomer does, with the demo model: from nothing to a picture of what was learned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.demo.judge import example_score
from traintab.paths import Paths

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

EXAMPLE = Paths.under().demo_examples_dir / "character"
SEED = "11"
YES = 0.75
"""The share of the concept's attributes from which on the judge says that a picture shows it."""


def draw(tab: Tab, server: Server, prompt: str) -> list[Any]:
    """Four pictures of a prompt, as files."""
    tab.go_to("txt2img", "tabs")
    tab.type("txt2img_prompt", prompt)
    tab.type("txt2img_seed", SEED)
    folder = server.data_dir / "outputs"
    before = set(folder.rglob("*.png"))
    tab.page.locator("#txt2img_batch_count input[type=number]").fill("4")
    tab.page.locator("#txt2img_prompt textarea").press("Control+Enter")
    wait_until(lambda: len(set(folder.rglob("*.png")) - before) == 4)
    tab.page.locator("#txt2img_gallery img").nth(3).wait_for()
    tab.page.locator("#html_info_txt2img").get_by_text(f"{prompt}").first.wait_for()
    return [Image.open(path).convert("RGB") for path in sorted(set(folder.rglob("*.png")) - before)]


def plot_of(tab: Tab) -> str:
    return str(tab.page.locator("#ti_loss .traintab-loss-raw").first.get_attribute("points"))


def test_create_preprocess_train_interrupt_resume_and_draw(
    demo_server: Server, new_tab: Callable[[Server], Tab], tmp_path: Path
) -> None:
    tab = new_tab(demo_server)
    tab.type("train_new_embedding_name", "mira-doll")
    tab.type("train_initialization_text", "girl")
    tab.type("train_nvpt", "3")
    tab.click("train_create_embedding")
    tab.read("Created mira-doll")
    tab.picture("create")

    tab.go_to("Preprocess images")
    tab.type("preprocess_source", str(EXAMPLE))
    tab.type("preprocess_destination", str(tmp_path / "ready"))
    tab.click("train_run_preprocess")
    tab.wait_for_status("finished")
    tab.read("Wrote 8 training pictures")
    tab.picture("preprocess")

    untrained = draw(tab, demo_server, "a photo of mira-doll")

    tab.go_to("Train", "tabs")
    tab.train_panel()
    assert tab.value("train_embedding") == "mira-doll"
    assert tab.value("train_dataset_directory") == str(tmp_path / "ready")
    tab.choose("train_template_file", "subject_filewords.txt")
    tab.type("train_steps", "300")
    tab.type("train_embedding_learn_rate", "0.002")
    tab.type("train_batch_size", "4")
    tab.type("train_create_image_every", "20")
    tab.type("train_save_embedding_every", "20")
    tab.click("train_train_embedding")
    tab.wait_for_step(25)
    tab.page.locator("#ti_gallery_stage .traintab-large img").first.wait_for()
    assert "mira-doll — Train Tab" in tab.page.title()
    plot = plot_of(tab)
    wait_until(lambda: plot_of(tab) != plot)

    tab.picture("train")
    tab.click("train_interrupt_training")
    tab.wait_for_status("interrupted")
    assert 25 <= tab.step < 300
    tab.click("train_resume_training")
    tab.wait_for_status("finished")
    assert tab.step == 300
    tab.picture("finished")

    trained = draw(tab, demo_server, "a photo of mira-doll")
    tab.picture("txt2img")
    before, after = example_score(untrained), example_score(trained)
    assert before < 0.5 and after >= YES, (before, after)

    tab.go_to("Train", "tabs")
    tab.click("train_train_embedding")
    tab.read("raise Max steps")
    tab.type("train_steps", "310")
    tab.click("train_train_embedding")
    wait_until(lambda: tab.step == 310 and tab.job("status") == "finished")


def test_an_example_needs_one_click_and_one_more_to_train(
    demo_server: Server, new_tab: Callable[[Server], Tab]
) -> None:
    tab = new_tab(demo_server)
    tab.click("try_character")
    tab.read("press Train Embedding")
    tab.page.locator("#train_embedding input").wait_for()
    assert tab.value("train_embedding") == "demo-character"
    assert tab.value("train_dataset_directory").endswith("character")
    tab.click("train_train_embedding")
    tab.wait_for_step(5)
    tab.click("train_interrupt_training")
    tab.wait_for_status("interrupted")

    tab.go_to("txt2img", "tabs")
    tab.page.locator("#txt2img_chips").get_by_text("demo-character").click()
    wait_until(lambda: tab.value("txt2img_prompt") == "demo-character")
