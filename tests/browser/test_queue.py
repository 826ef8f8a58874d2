"""Several trainings, one after the other, ordered in the page and kept by a killed program."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until
from .test_http_api import ask

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]


def lines(tab: Tab) -> list[str]:
    return [text.strip() for text in tab.page.locator("#train_queue_entries label").all_inner_texts()]


def state(tab: Tab) -> str:
    return str(tab.page.locator("#train_queue .traintab-queue").get_attribute("data-state"))


def choose(tab: Tab, place: int) -> None:
    tab.page.locator("#train_queue_entries label").nth(place).click()
    wait_until(lambda: tab.page.locator("#train_queue_cancel").is_enabled())


def test_trainings_wait_in_order_and_survive_a_killed_program(
    tiny_server: Server, pictures: Path, new_tab: Callable[[Server], Tab]
) -> None:
    for name in ("mira", "ben"):
        assert ask(tiny_server, "create_embedding", name=name)["status"] == "ok"
    run = {"embedding_name": "mira", "data_dir": str(pictures), "steps": 1_000_000}
    tab = new_tab(tiny_server)
    tab.train_panel()
    assert not tab.page.locator("#train_queue").is_visible()
    tab.choose("train_embedding", "ben")
    tab.fill_in({"train_dataset_directory": str(pictures), "train_steps": "3"})
    ask(tiny_server, "train", **run)
    tab.wait_for_step(1)

    tab.click("train_train_embedding")
    tab.read("mira is running at step .* press Add to queue")
    tab.click("train_add_to_queue")
    tab.read("Training of ben is in the queue")
    tab.click("train_queue_hold_all")
    wait_until(lambda: state(tab) == "held")
    tab.click("train_interrupt_training")
    tab.wait_for_status("interrupted")
    later = {**run, "embedding_name": "ben", "steps": 5}
    answer = ask(tiny_server, "queue", action="add", **later)
    assert [entry["status"] for entry in answer["entries"]] == ["waiting", "waiting"] and answer["held"]
    wait_until(lambda: len(lines(tab)) == 2)
    assert [line[:2] for line in lines(tab)] == ["1.", "2."] and "to step 5" in lines(tab)[1]

    choose(tab, 1)
    tab.click("train_queue_up")
    wait_until(lambda: "to step 5" in lines(tab)[0])
    tab.click("train_queue_hold")
    wait_until(lambda: "held" in lines(tab)[0])
    tab.picture("queue")

    tiny_server.end(signal.SIGKILL)
    tiny_server.start()
    tab = new_tab(tiny_server)
    wait_until(lambda: len(lines(tab)) == 2 and state(tab) == "held")
    assert "to step 5" in lines(tab)[0] and "held" in lines(tab)[0]
    tab.click("train_queue_hold_all")
    wait_until(lambda: any("to step 3" in line and "finished" in line for line in lines(tab)))
    assert state(tab) == "open" and "held" in lines(tab)[0]
    choose(tab, 0)
    tab.click("train_queue_cancel")
    wait_until(lambda: len(lines(tab)) == 1)
