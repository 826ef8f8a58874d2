"""What the queue shows when its training is interrupted and resumed in the job view."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Server, Tab, wait_until
from .test_http_api import ask
from .test_queue import choose, lines

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]


def line_of(tab: Tab, name: str) -> str:
    return next((line for line in lines(tab) if f"Training of {name}" in line), "")


def test_an_interrupted_training_is_resumed_in_the_job_view(
    tiny_server: Server, pictures: Path, new_tab: Callable[[Server], Tab]
) -> None:
    tab = new_tab(tiny_server)
    tab.train_panel()
    for name in ("mira", "ben"):
        assert ask(tiny_server, "create_embedding", name=name)["status"] == "ok"
        run = {"embedding_name": name, "data_dir": str(pictures), "steps": 1_000_000}
        ask(tiny_server, "queue", action="add", **run)
    tab.wait_for_step(1)
    tab.click("train_interrupt_training")
    went_on = tab.page.locator("#train_queue_state").get_by_role("status")
    wait_until(lambda: went_on.count() == 1)
    said = r"Training of mira was interrupted at step [\d,]+; the queue goes on with Training of ben\."
    assert re.match(said, went_on.inner_text()) and "Hold the queue" in went_on.inner_text()
    tab.picture("queue-went-on")

    tab.click("train_queue_hold_all")
    wait_until(lambda: went_on.count() == 0)
    wait_until(lambda: "running, step" in line_of(tab, "ben"))
    tab.click("train_interrupt_training")
    wait_until(lambda: "interrupted" in line_of(tab, "ben"))
    tab.click("train_resume_training")
    wait_until(lambda: "running, step" in line_of(tab, "ben"))
    tab.click("train_interrupt_training")
    wait_until(lambda: "interrupted" in line_of(tab, "ben"))
    choose(tab, next(place for place, line in enumerate(lines(tab)) if "Training of ben" in line))
    wait_until(lambda: tab.page.locator("#train_queue_retry").is_enabled())

    left = ask(tiny_server, "train_status")["step"]
    ask(tiny_server, "resume", steps=left + 3)
    wait_until(lambda: "finished" in line_of(tab, "ben"))
    wait_until(lambda: not tab.page.locator("#train_queue_retry").is_enabled())
    assert "interrupted" in line_of(tab, "mira")
    tab.picture("queue-resumed")
