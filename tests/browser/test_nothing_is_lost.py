"""Training goes on, and is seen to, whatever happens to browsers and servers."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

FOREVER = "1000000"


def begin_training(tab: Tab, pictures: Path) -> None:
    """Create `mira` and train it on the pictures without an end."""
    tab.type("train_new_embedding_name", "mira")
    tab.type("train_initialization_text", "girl")
    tab.click("train_create_embedding")
    tab.read("Created mira with 1 vector")
    tab.train_panel()
    assert tab.value("train_embedding") == "mira"
    tab.fill_in(
        {
            "train_dataset_directory": str(pictures),
            "train_steps": FOREVER,
            "train_create_image_every": "25",
            "train_save_embedding_every": "10",
        }
    )
    tab.click("train_train_embedding")
    tab.wait_for_step(3)


def interrupt(tab: Tab) -> int:
    tab.click("train_interrupt_training")
    tab.wait_for_status("interrupted")
    return tab.step


def recorded_step(server: Server) -> int:
    """The step in the record of the job, which is written from time to time only."""
    (record,) = (server.data_dir / "jobs").glob("*.json")
    return int(json.loads(record.read_text())["snapshot"]["step"])


def test_refresh_second_tab_and_closed_browser(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    first = new_tab(tiny_server)
    begin_training(first, pictures)

    before = first.step
    first.open(tiny_server.url)
    first.train_panel()
    assert first.job("status") == "running" and first.step >= before
    assert first.value("train_steps") == FOREVER and first.value("train_dataset_directory") == str(pictures)
    first.wait_for_step(before + 3)
    wait_until(lambda: "mira — Train Tab" in first.page.title())

    second = new_tab(tiny_server)
    second.wait_for_step(before + 5)
    second.train_panel()
    second.click("train_train_embedding")
    second.read(r"mira was not started: Training of mira is running at step \d+ of 1000000")

    first.page.context.close()
    second.page.locator("#ti_gallery_stage .traintab-large img").first.wait_for()
    second.page.locator("#ti_loss svg .traintab-loss-smooth").first.wait_for()
    step = second.step
    second.page.context.close()

    third = new_tab(tiny_server)
    third.wait_for_step(step + 3)
    saved = interrupt(third)
    third.click("train_resume_training")
    third.wait_for_step(saved + 2)
    interrupt(third)


def test_a_killed_and_restarted_server(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    begin_training(tab, pictures)
    tab.page.locator("#ti_gallery_stage .traintab-large img").first.wait_for()
    wait_until(lambda: list(tiny_server.data_dir.glob("textual_inversion/*/mira/state/state-*.pt")))
    wait_until(lambda: recorded_step(tiny_server) > 0)
    killed_at = tab.step
    tiny_server.end(signal.SIGKILL)
    tiny_server.start()

    # The tab that stayed open finds the new server by itself, as does a new one.
    tab.wait_for_status("interrupted")
    fresh = new_tab(tiny_server)
    assert fresh.job("status") == "interrupted" and fresh.step > 0
    fresh.page.locator("#ti_gallery_stage .traintab-large img").first.wait_for()
    fresh.train_panel()
    assert fresh.value("train_steps") == FOREVER and fresh.value("train_embedding") == "mira"

    fresh.click("train_resume_training")
    fresh.wait_for_status("running")
    wait_until(lambda: fresh.step > killed_at)
    assert interrupt(fresh) > killed_at
    (run,) = tiny_server.data_dir.glob("textual_inversion/*/*/run.yaml")
    assert run.parent.name == "mira"


def test_a_server_asked_to_stop_saves_first(
    tiny_server: Server, new_tab: Callable[[Server], Tab], pictures: Path
) -> None:
    tab = new_tab(tiny_server)
    begin_training(tab, pictures)
    assert tiny_server.end(signal.SIGTERM) == 130
    record = max((tiny_server.data_dir / "jobs").glob("*.json"))
    snapshot = json.loads(record.read_text())["snapshot"]
    assert snapshot["status"] == "interrupted" and snapshot["step"] >= 3
    (states,) = tiny_server.data_dir.glob("textual_inversion/*/mira/state")
    assert (states / f"state-{snapshot['step']}.pt").is_file()
