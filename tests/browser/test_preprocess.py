"""From a folder of anything to a training: checked, preprocessed, captioned, used in the panel *Train*."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

# Each step takes a second or two; two slow cores may need ten times that.
SOON = 60.0


@pytest.fixture
def anything(pictures: Path) -> Path:
    """Six pictures, of which one has a caption, a panorama, and two files that aren't pictures any more."""
    (pictures / "disc0.txt").write_text("a disc, on the left", encoding="utf-8")
    Image.new("RGB", (600, 128), (40, 160, 90)).save(pictures / "wide.jpg")
    (pictures / "torn.png").write_bytes((pictures / "disc1.png").read_bytes()[:200])
    (pictures / "page.jpg").write_text("<html>not found</html>", encoding="utf-8")
    return pictures


def figures(tab: Tab) -> dict[str, str]:
    """What the job view counts."""
    text = tab.page.locator("#ti_progress dl").inner_text().splitlines()
    shown = [line for line in text if line.strip()]
    return dict(zip(shown[::2], shown[1::2], strict=True))


def is_shown(tab: Tab, elem_id: str) -> bool:
    return bool(tab.page.locator(f"#{elem_id}").is_visible())


def choose(tab: Tab, elem_id: str, text: str) -> None:
    tab.page.locator(f"#{elem_id}").get_by_text(text, exact=True).click()


def check_switches(tab: Tab) -> None:
    """A setting that matters only with a switch is in sight while the switch is on."""
    for elem_id in ("preprocess_split_threshold", "preprocess_tag_threshold", "preprocess_caption_model"):
        assert not is_shown(tab, elem_id), elem_id
    choose(tab, "preprocess_caption", "blip and tags")
    wait_until(lambda: is_shown(tab, "preprocess_tag_threshold"), SOON)
    assert is_shown(tab, "preprocess_caption_model") and is_shown(tab, "preprocess_caption_batch_size")
    choose(tab, "preprocess_caption", "none")
    wait_until(lambda: not is_shown(tab, "preprocess_tag_threshold"), SOON)
    tab.page.locator("#preprocess_split input").check()
    wait_until(lambda: is_shown(tab, "preprocess_split_threshold"), SOON)


def check_folder(tab: Tab) -> None:
    """*Check folder* tells what is wrong and shows some pictures before and after."""
    tab.click("preprocess_check_folder")
    found = tab.page.locator("#preprocess_check")
    found.get_by_text("2 files can't be read").wait_for()
    samples = found.locator(".traintab-samples > li")
    assert samples.count() >= 4
    text = samples.filter(has_text="disc0.png").inner_text()
    assert "64 × 64" in text and "a disc, on the left" in text
    tab.picture("preprocess-check")


def check_result(tab: Tab) -> None:
    """The job view tells what came of each file, and tells it again after a refresh."""
    skipped = tab.page.locator("#ti_skipped")
    skipped.get_by_text("2 files were skipped").wait_for()
    assert skipped.locator("dt").all_inner_texts() == ["page.jpg", "torn.png"]
    assert all(reason.strip() for reason in skipped.locator("dd").all_inner_texts())
    assert figures(tab)["Files"] == "9 of 9" and figures(tab)["Files skipped"] == "2"


def edit_caption(tab: Tab, file: Path) -> None:
    """A caption is typed and saved by hands that are faster than the network."""
    tab.click("preprocess_edit_captions")
    caption = tab.page.locator("#caption_1 textarea")

    message = tab.page.locator(".traintab-message:visible")

    def seen() -> str:
        desk = tab.page.locator("#captions_desk")
        shown = desk.inner_text() if desk.is_visible() else "no folder is open"
        return (
            f"The file: {file.read_bytes()!r}. The message: {message.all_inner_texts()}. The editor: {shown}"
        )

    wait_until(lambda: caption.is_visible() and caption.input_value() == "a disc, on the left", SOON, seen)
    network = tab.page.context.new_cdp_session(tab.page)
    slow = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", slow)
    caption.click()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.type(", round")
    tab.page.keyboard.press("Control+s")
    wait_until(lambda: file.read_text(encoding="utf-8") == "a disc, on the left, round", SOON, seen)
    tab.read("1 caption saved")
    network.send("Network.emulateNetworkConditions", {**slow, "latency": 0})


def test_a_folder_is_checked_preprocessed_its_captions_edited_and_it_is_used_in_train(
    tiny_server: Server, new_tab: Callable[[Server], Tab], anything: Path, tmp_path: Path
) -> None:
    before = contents(anything)
    ready = tmp_path / "ready"
    tab = new_tab(tiny_server)
    tab.page.set_default_timeout(1000 * SOON)
    tab.go_to("Preprocess images")
    check_switches(tab)
    tab.fill_in(
        {
            "preprocess_source": str(anything),
            "preprocess_destination": str(ready),
            "preprocess_width": "64",
            "preprocess_height": "64",
        }
    )
    choose(tab, "preprocess_flip", "horizontal")
    tab.picture("preprocess-panel")
    check_folder(tab)
    assert not ready.exists() and contents(anything) == before
    assert not is_shown(tab, "preprocess_use_in_train")
    tab.click("train_run_preprocess")
    wait_until(lambda: tab.job("status") == "finished", SOON, tab.page.locator("#ti_output").inner_text)
    tab.read("Wrote [0-9]+ training pictures")
    made = sorted(path.name for path in ready.glob("*.png"))
    assert int(figures(tab)["Pictures written"]) == len(made) > 14
    check_result(tab)
    tab.picture("preprocess-report")

    tab.page.reload()
    check_result(tab)
    edit_caption(tab, (ready / made[0]).with_suffix(".txt"))

    tab.click("preprocess_use_in_train")
    tab.page.locator("#train_embedding input").wait_for()
    wait_until(lambda: tab.value("train_dataset_directory") == str(ready), SOON)
    wait_until(lambda: (tab.value("train_width"), tab.value("train_height")) == ("64", "64"), SOON)
    tab.read("Train uses .* at 64 × 64 pixels")

    tab.go_to("Preprocess images")
    tab.go_to("Pictures", "preprocess_tabs")
    tab.click("train_run_preprocess")
    wait_until(lambda: figures(tab).get("Files unchanged") == "7" and tab.job("status") == "finished", SOON)
    assert (ready / made[0]).with_suffix(".txt").read_text(encoding="utf-8") == "a disc, on the left, round"
    assert contents(anything) == before


def contents(folder: Path) -> dict[str, Any]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_pictures_of_another_device_are_added_preprocessed_and_used_in_train(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    torn = pictures / "torn.png"
    torn.write_bytes((pictures / "disc1.png").read_bytes()[:200])
    tab = new_tab(tiny_server)
    tab.page.set_default_timeout(1000 * SOON)
    tab.go_to("Preprocess images")
    with tab.page.expect_file_chooser() as chooser:
        tab.click("preprocess_add_pictures")
    assert chooser.value.is_multiple()
    chooser.value.set_files([pictures / "disc0.png", torn, pictures / "disc2.png"])
    tab.read("Pictures added: 2; captions: 0")
    tab.read("torn.png is broken")
    wait_until(lambda: tab.value("preprocess_source") != "", SOON)
    source = Path(tab.value("preprocess_source"))
    assert source.parent == tiny_server.data_dir / "pictures"
    ready = f"{source}-prepared"
    assert tab.value("preprocess_destination") == ready
    tab.picture("preprocess-added")

    (pictures / "disc0.txt").write_text("a disc", encoding="utf-8")
    network = tab.page.context.new_cdp_session(tab.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500}
    network.send("Network.emulateNetworkConditions", slow)
    with tab.page.expect_file_chooser() as chooser:
        tab.click("preprocess_add_pictures")
    chooser.value.set_files([pictures / "disc0.txt", pictures / "disc2.png"])
    tab.page.get_by_role("status").filter(has_text="Files being sent: 2, together 0.1 MB").wait_for()
    network.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    tab.read("Pictures added: 1; captions: 1")
    assert sorted(contents(source)) == ["disc0.png", "disc0.txt", "disc2-2.png", "disc2.png"]
    assert contents(source)["disc0.png"] == (pictures / "disc0.png").read_bytes()

    tab.page.reload()
    tab.go_to("Preprocess images")
    assert tab.value("preprocess_source") == str(source), "it is remembered"
    tab.fill_in({"preprocess_width": "64", "preprocess_height": "64"})
    tab.click("train_run_preprocess")
    wait_until(lambda: tab.job("status") == "finished", SOON, tab.page.locator("#ti_output").inner_text)
    assert len(list(Path(ready).glob("*.png"))) == 3
    tab.click("preprocess_use_in_train")
    wait_until(lambda: tab.value("train_dataset_directory") == ready, SOON)
