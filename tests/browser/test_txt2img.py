"""txt2img, img2img and PNG Info in a browser, with a tiny model: what a prompt's writer does all day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageChops

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

TINY_WIDTH = 32
MANY_STEPS = "60"
NARROW = 390


@pytest.fixture
def tab(tiny_server: Server, new_tab: Callable[[Server], Tab]) -> Tab:
    """The page on txt2img, with an embedding `mira` of two vectors."""
    mira = Embedding(name="mira", vectors={"clip_l": torch.randn(2, TINY_WIDTH)}, step=1)
    write_embedding(mira, tiny_server.data_dir / "embeddings" / "mira.pt")
    tab = new_tab(tiny_server)
    tab.go_to("txt2img", "tabs")
    return tab


def number(tab: Tab, elem_id: str, value: str) -> None:
    """Type into the box of a slider."""
    box = tab.page.locator(f"#{elem_id} input[type=number]")
    box.fill(value)
    box.press("Tab")


def drawing(tab: Tab, area: str = "txt2img") -> str:
    found = tab.page.locator(f"#{area}_progress .traintab-drawing").get_attribute("data-state")
    return str(found)


def infotext(tab: Tab, area: str = "txt2img") -> str:
    """The text alone: while a poll is under way, gradio has its unseen seconds in the same element."""
    return str(tab.page.locator(f"#html_info_{area} p").inner_text())


def pictures_in(server: Server, kind: str = "txt2img") -> list[Path]:
    return sorted((server.data_dir / "outputs").glob(f"{kind}*/**/*.png"))


def draw(tab: Tab, server: Server, area: str = "txt2img") -> Path:
    """Press Ctrl+Enter in the prompt, wait for the end, and give the newest picture."""
    before = pictures_in(server, area)
    tab.page.locator(f"#{area}_prompt textarea").press("Control+Enter")
    wait_until(lambda: len(pictures_in(server, area)) > len(before))
    wait_until(lambda: drawing(tab, area) == "finished")
    tab.page.locator(f"#{area}_gallery img").first.wait_for()
    return pictures_in(server, area)[-1]


def are_equal(first: Path, second: Path) -> bool:
    with Image.open(first) as one, Image.open(second) as other:
        return ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox() is None


def test_tokens_and_names_are_told_while_one_types(tab: Tab, tiny_server: Server) -> None:
    counter = tab.page.locator("#txt2img_token_counter")
    counter.get_by_text("0/75").wait_for()
    prompt = tab.page.locator("#txt2img_prompt textarea")
    prompt.press_sequentially("a photo of mira")
    counter.get_by_text("5/75").wait_for()
    assert counter.locator(".traintab-known").all_inner_texts() == ["mira"]
    prompt.press_sequentially("e <lora:ink:0.8>")
    counter.get_by_text("lora:ink not found").wait_for()
    assert counter.locator(".traintab-known").count() == 0, "mirae is another word"
    tab.type("txt2img_neg_prompt", "mira, " * 30)
    tab.page.locator("#txt2img_negative_token_counter").get_by_text("90/150 in 2 chunks").wait_for()


def test_a_pictures_text_pasted_back_gives_the_same_picture(
    tab: Tab, tiny_server: Server, tmp_path: Path
) -> None:
    tab.type("txt2img_prompt", "a photo of (mira:1.2)")
    tab.type("txt2img_neg_prompt", "blue, hat")
    number(tab, "txt2img_steps", "3")
    tab.choose("txt2img_sampling", "DPM++ 2M")
    tab.choose("txt2img_scheduler", "Karras")
    tab.type("txt2img_cfg_scale", "4.5")
    first = draw(tab, tiny_server)
    text = infotext(tab)
    assert "Schedule type: Karras" in text and "TI hashes" in text

    # Another picture with other settings in between.
    tab.type("txt2img_prompt", "a red hat")
    tab.type("txt2img_neg_prompt", "")
    number(tab, "txt2img_steps", "2")
    tab.choose("txt2img_sampling", "Euler")
    tab.choose("txt2img_scheduler", "Automatic")
    other = draw(tab, tiny_server)
    assert not are_equal(first, other)

    tab.page.locator("#txt2img_prompt textarea").fill(text)
    tab.click("paste")
    wait_until(lambda: tab.value("txt2img_prompt") == "a photo of (mira:1.2)")
    wait_until(lambda: tab.value("txt2img_neg_prompt") == "blue, hat")
    wait_until(lambda: tab.value("txt2img_sampling") == "DPM++ 2M")
    again = draw(tab, tiny_server)
    assert are_equal(first, again)

    tab.open(tiny_server.url)
    tab.go_to("txt2img", "tabs")
    wait_until(lambda: tab.value("txt2img_cfg_scale") == "4.5")
    assert tab.value("txt2img_scheduler") == "Karras" and tab.value("txt2img_neg_prompt") == "blue, hat"
    tab.page.locator("#txt2img_gallery img").first.wait_for()


def test_interrupt_skip_and_the_seed_again(tab: Tab, tiny_server: Server) -> None:
    tab.type("txt2img_prompt", "a cat")
    number(tab, "txt2img_steps", MANY_STEPS)
    number(tab, "txt2img_batch_count", "50")
    for side in ("width", "height"):
        tab.type(f"txt2img_{side}", "128")
    tab.click("txt2img_generate")
    wait_until(lambda: drawing(tab) == "drawing")
    tab.page.locator("#txt2img_live_preview img").wait_for()
    tab.picture("drawing")
    tab.click("txt2img_skip")
    tab.page.locator("#txt2img_gallery img").first.wait_for()
    tab.click("txt2img_interrupt")
    wait_until(lambda: drawing(tab) == "interrupted")
    kept = pictures_in(tiny_server)
    tab.page.locator("#txt2img_progress").get_by_text(f"{len(kept)} of 50 pictures").wait_for()

    assert tab.value("txt2img_seed") == "-1"
    tab.click("txt2img_reuse_seed")
    seed = infotext(tab).split("Seed: ")[1].split(",")[0]
    wait_until(lambda: tab.value("txt2img_seed") == seed)
    number(tab, "txt2img_batch_count", "1")
    assert are_equal(kept[0], draw(tab, tiny_server))
    tab.click("txt2img_random_seed")
    wait_until(lambda: tab.value("txt2img_seed") == "-1")


def test_a_picture_goes_from_tab_to_tab(tab: Tab, tiny_server: Server, tmp_path: Path) -> None:
    tab.type("txt2img_prompt", "a blue hat")
    number(tab, "txt2img_steps", "2")
    number(tab, "txt2img_batch_count", "2")
    tab.type("txt2img_seed", "5")
    draw(tab, tiny_server)
    wait_until(lambda: len(pictures_in(tiny_server)) == 2)
    tab.page.locator("#txt2img_gallery img").nth(1).click()
    wait_until(lambda: "Seed: 6" in infotext(tab))
    tab.picture("txt2img-chosen")

    tab.click("txt2img_send_to_img2img")
    tab.page.locator("#img2img_image img").wait_for()
    wait_until(lambda: tab.value("img2img_prompt") == "a blue hat" and tab.value("img2img_seed") == "6")
    number(tab, "img2img_denoising_strength", "0.5")
    drawn = draw(tab, tiny_server, "img2img")
    assert "Denoising strength: 0.5" in infotext(tab, "img2img")
    tab.picture("img2img")

    tab.go_to("PNG Info", "tabs")
    tab.page.locator("#pnginfo_image input[type=file]").set_input_files([str(drawn)])
    told = tab.page.locator("#pnginfo_generation_info")
    told.get_by_text("Denoising strength: 0.5").wait_for()
    tab.picture("png-info")
    tab.click("pnginfo_send_to_preview_prompt")
    tab.page.locator("#train button.label-wrap").filter(has_text="Preview").click()
    wait_until(lambda: tab.value("train_preview_prompt") == "a blue hat")
    tab.go_to("PNG Info", "tabs")
    tab.click("pnginfo_send_to_txt2img")
    wait_until(lambda: tab.value("txt2img_seed") == "6")


def test_mistakes_are_told_and_a_page_without_a_picture_says_so(
    tab: Tab, tiny_server: Server, tmp_path: Path
) -> None:
    tab.type("txt2img_cfg_scale", "99")
    tab.click("txt2img_generate")
    tab.read("CFG Scale is 99")
    tab.click("paste")
    tab.read("no settings to read")
    tab.go_to("img2img", "tabs")
    tab.click("img2img_generate")
    tab.read("no picture to begin with")
    broken = tmp_path / "page.png"
    broken.write_text("<html>404</html>")
    tab.go_to("PNG Info", "tabs")
    tab.page.locator("#pnginfo_image input[type=file]").set_input_files([str(broken)])
    tab.read("page.png failed")
    tab.page.set_viewport_size({"width": NARROW, "height": 844})
    tab.go_to("txt2img", "tabs")
    for elem_id in ("txt2img_generate", "txt2img_token_counter", "txt2img_prompt"):
        box = tab.page.locator(f"#{elem_id}").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= NARROW, elem_id
    tab.picture("txt2img-narrow")
