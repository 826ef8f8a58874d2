"""What a user does in the tab, in one go for each gradio: starting a web UI is what takes long."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from .conftest import HostTab, wait_until

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.timeout(2400)]


def pictures(folder: Path) -> Path:
    folder.mkdir()
    for number in range(4):
        picture = Image.new("RGB", (150 + 10 * number, 160), (30 * number, 90, 200))
        ImageDraw.Draw(picture).ellipse((40, 40, 120, 120), fill=(250, 200, 20 * number))
        picture.save(folder / f"disc{number}.png")
    return folder


def test_an_embedding_is_created_trained_interrupted_and_gone_on_with(
    host_tab: HostTab, tmp_path: Path
) -> None:
    source, prepared = pictures(tmp_path / "pictures"), tmp_path / "prepared"
    create(host_tab, "zq-disc")
    preprocess(host_tab, source, prepared)
    train(host_tab, prepared)
    interrupt_and_resume(host_tab)
    use_and_read_txt2img(host_tab)
    compare(host_tab)
    look_at_past_runs(host_tab)


def create(tab: HostTab, name: str) -> None:
    tab.panel("Create embedding")
    tab.type("train_new_embedding_name", name)
    tab.box("train_initialization_text").fill("face")
    tab.click("train_create_embedding")  # the text field is left by the same click
    tab.read("create_embedding", f"Created {name} with 1 vector")
    tab.panel("Train")
    wait_until(lambda: tab.box("train_embedding").input_value() == name)


def preprocess(tab: HostTab, source: Path, prepared: Path) -> None:
    tab.panel("Preprocess images")
    tab.type("preprocess_source", str(source))
    tab.type("preprocess_destination", str(prepared))
    help_comes_with_the_mouse(tab)
    tab.click("train_run_preprocess")
    tab.wait_for("finished")
    assert len(list(prepared.glob("*.png"))) == 4


def help_comes_with_the_mouse(tab: HostTab) -> None:
    """Of a checkbox, whose help gradio 3 and 4 have in another place than that of the other fields."""
    field = tab.page.locator("#preprocess_split").first
    told = field.get_by_text("A picture much longer than the target")
    assert not told.is_visible()
    field.hover()
    told.wait_for()


def train(tab: HostTab, prepared: Path) -> None:
    tab.panel("Train")
    wait_until(lambda: tab.box("train_dataset_directory").input_value() == str(prepared))
    tab.type("train_steps", "20")
    tab.type("train_create_image_every", "10")
    tab.click("train_train_embedding")
    tab.read("train", "Training of zq-disc has started")
    tab.wait_for("running", 1)
    tab.wait_for("finished", 20)
    wait_until(lambda: tab.page.locator("#ti_gallery_stage img").count() > 0)
    assert tab.page.locator("#ti_loss .traintab-plot-linear").first.is_visible()
    assert not tab.page.locator("#ti_loss .traintab-plot-log").first.is_visible()


def interrupt_and_resume(tab: HostTab) -> None:
    tab.type("train_steps", "5000")
    tab.click("train_train_embedding")
    tab.wait_for("running", 22)
    tab.open()  # a browser that was closed finds the job as it is
    tab.wait_for("running", 23)
    tab.click("train_interrupt_training")
    tab.wait_for("interrupted", 23)
    at = int(tab.job("step"))
    tab.click("train_resume_training")
    tab.wait_for("running", at + 2)
    tab.click("train_interrupt_training")
    tab.wait_for("interrupted", at + 2)


def use_and_read_txt2img(tab: HostTab) -> None:
    tab.click("train_use_in_txt2img")
    prompt = tab.page.locator("#txt2img_prompt textarea")
    prompt.wait_for()
    wait_until(lambda: "zq-disc" in prompt.input_value())
    tab.page.locator("#txt2img_cfg_scale input[type=number]").first.fill("5")
    tab.tab("tabs", "Train Tab")
    tab.panel("Train")
    tab.page.locator("#train_group_preview > button, #train_group_preview .label-wrap").first.click()
    tab.click("train_preview_from_txt2img")
    tab.read("train", "Previews show what txt2img draws now")
    wait_until(lambda: "zq-disc" in tab.box("train_preview_prompt").input_value())
    assert tab.box("train_preview_cfg_scale").input_value() == "5"


def compare(tab: HostTab) -> None:
    tab.click("ti_grid_start")
    tab.page.locator("#ti_grid img").first.wait_for()
    tab.page.locator("#ti_grid_actions").first.wait_for()


def look_at_past_runs(tab: HostTab) -> None:
    tab.panel("Past runs")
    tab.page.locator("#runs_list").first.get_by_text("zq-disc").first.wait_for()
