"""The queue's other buttons: later, try again, interrupt, remove what is finished."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until
from .test_http_api import ask
from .test_queue import choose, lines, state

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1500)]


def place(tab: Tab, status: str) -> int:
    """Which line has this status, less than 0 for none: what runs stands first, what has ended last."""
    return next((number for number, line in enumerate(lines(tab)) if f"· {status}" in line), -1)


def test_what_fails_is_tried_again_what_runs_is_interrupted_and_what_ended_is_removed(
    tiny_server: Server, pictures: Path, new_tab: Callable[[Server], Tab]
) -> None:
    assert ask(tiny_server, "create_embedding", name="mira")["status"] == "ok"
    assert ask(tiny_server, "queue", action="hold")["held"]
    lost = pictures.with_name("lost")
    lost.mkdir()
    for picture in pictures.iterdir():
        (lost / picture.name).write_bytes(picture.read_bytes())
    for folder, steps in ((pictures, 3), (lost, 4), (pictures, 1_000_000)):
        added = ask(
            tiny_server, "queue", action="add", embedding_name="mira", data_dir=str(folder), steps=steps
        )
    assert [entry["status"] for entry in added["entries"]] == ["waiting"] * 3
    tab = new_tab(tiny_server)

    wait_until(lambda: len(lines(tab)) == 3)
    choose(tab, 0)
    tab.click("train_queue_down")
    wait_until(lambda: "to step 4" in lines(tab)[0] and "to step 3" in lines(tab)[1], told=lambda: lines(tab))
    tab.click("train_queue_up")
    wait_until(lambda: "to step 3" in lines(tab)[0], told=lambda: lines(tab))
    taken = lost.rename(lost.with_name("taken"))
    tab.click("train_queue_hold_all")
    wait_until(lambda: place(tab, "running") == 0 and place(tab, "failed") > 0, told=lambda: lines(tab))
    assert "lost" in lines(tab)[place(tab, "failed")] and place(tab, "finished") > 0

    # "Remove" interrupts what runs; the queue is held first, or what failed would be next to begin.
    tab.wait_for_step(5)
    choose(tab, 0)
    wait_until(lambda: tab.page.locator("#train_queue_cancel").inner_text() == "Interrupt")
    tab.click("train_queue_cancel")
    tab.wait_for_status("interrupted")
    wait_until(lambda: place(tab, "interrupted") >= 0, told=lambda: lines(tab))
    tab.click("train_queue_clear")
    wait_until(lambda: len(lines(tab)) == 2, told=lambda: lines(tab))
    tab.page.locator("#train_queue_clear").wait_for(state="hidden")
    taken.rename(lost)
    choose(tab, place(tab, "failed"))
    tab.click("train_queue_retry")
    wait_until(lambda: "can't be reached" not in " ".join(lines(tab)), told=lambda: lines(tab))
    assert state(tab) in ("open", "held")
