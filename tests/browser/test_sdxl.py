"""An embedding for SDXL in the page: created, trained with previews, interrupted, resumed and downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from .conftest import Server, Tab, wait_until

# Each half is in the normal checks: training in the page with a small SD1, SDXL on the command line.
pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1500)]


@pytest.fixture
def sdxl_server(tiny_families: Any, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", str(tiny_families.folder("sdxl")))
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.end()


def test_both_text_encoders_learn(
    sdxl_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(sdxl_server)
    tab.type("train_new_embedding_name", "mira")
    tab.type("train_initialization_text", "girl")
    tab.click("train_create_embedding")
    tab.read("Created mira with 1 vector")
    file = sdxl_server.data_dir / "embeddings" / "mira.safetensors"
    created = load_file(file)
    assert {name: tuple(tensor.shape) for name, tensor in created.items()} == {
        "clip_l": (1, 768),
        "clip_g": (1, 1280),
    }

    tab.train_panel()
    assert tab.value("train_embedding") == "mira"
    tab.fill_in(
        {
            "train_dataset_directory": str(pictures),
            "train_steps": "1000000",
            "train_create_image_every": "2",
            "train_save_embedding_every": "2",
        }
    )
    tab.click("train_train_embedding")
    # A preview by both encoders' vectors.
    tab.page.locator("#ti_gallery_stage .traintab-large img").first.wait_for()
    tab.click("train_interrupt_training")
    tab.wait_for_status("interrupted")
    step = tab.step
    tab.click("train_resume_training")
    wait_until(lambda: tab.step > step)
    tab.click("train_interrupt_training")
    tab.wait_for_status("interrupted")

    trained = load_file(file)
    assert all((trained[name] != tensor).any() for name, tensor in created.items())
    (run,) = sdxl_server.data_dir.glob("textual_inversion/*/mira")
    assert list((run / "embeddings").glob("mira-2.safetensors"))
