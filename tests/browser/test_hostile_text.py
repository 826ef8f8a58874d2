"""Names, captions and files from outside are text on the page, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SOON = 60.0
# No slash, so that it can be a file's name; `onerror` runs as soon as a page takes it for HTML.
EVIL = "<img src=x onerror=window.taken=1>"


@pytest.fixture
def evil_pictures(tmp_path: Path) -> Path:
    folder = tmp_path / f"pictures {EVIL}"
    folder.mkdir()
    for number in range(2):
        name = f"{number} {EVIL}"
        Image.new("RGB", (96, 96), (90 * number, 120, 200)).save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(f"a disc, {EVIL} {number}", encoding="utf-8")
    (folder / f"torn {EVIL}.png").write_bytes(b"no picture")
    return folder


def is_text(tab: Tab, words: str) -> None:
    """The words can be read on the page, and did nothing."""
    wait_until(lambda: words in tab.page.locator("body").inner_text(), SOON)
    assert tab.page.evaluate("window.taken") is None


def test_what_comes_from_files_does_nothing_on_the_page(
    tiny_server: Server, new_tab: Callable[[Server], Tab], evil_pictures: Path, tmp_path: Path
) -> None:
    folder = tiny_server.data_dir / "embeddings"
    folder.mkdir(parents=True, exist_ok=True)
    vectors = {"clip_l": torch.zeros(1, 32)}
    write_embedding(Embedding(name="odd", vectors=vectors, sd_checkpoint_name=EVIL), folder / f"{EVIL}.pt")
    (folder / f"broken {EVIL}.pt").write_bytes(b"nothing")
    tab = new_tab(tiny_server)

    tab.go_to("Preprocess images")
    ready = str(tmp_path / "ready")
    tab.fill_in({"preprocess_source": str(evil_pictures), "preprocess_destination": ready})
    tab.click("preprocess_check_folder")
    is_text(tab, f"torn {EVIL}.png")
    tab.go_to("Captions", "preprocess_tabs")
    tab.fill_in({"captions_folder": str(evil_pictures)})
    tab.click("captions_open")
    wait_until(lambda: EVIL in tab.value("caption_1"), SOON)
    is_text(tab, f"0 {EVIL}")

    tab.train_panel()
    tab.fill_in({"train_dataset_directory": str(evil_pictures), "train_steps": "0"})
    tab.click("train_train_embedding")
    tab.go_to("Embeddings", "tabs")
    is_text(tab, EVIL)
    tab.go_to("txt2img", "tabs")
    tab.type("txt2img_prompt", f"{EVIL} <lora:{EVIL}:1>")
    is_text(tab, "not found")
