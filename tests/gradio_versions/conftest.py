"""The tab in a bare web UI, in a real Chromium, under each gradio that web UIs have."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..browser.conftest import SECONDS, browser, wait_until
from .environments import VERSIONS, python_with

__all__ = ["HostTab", "browser", "host_tab", "wait_until"]

HOST = Path(__file__).parent / "bare_host.py"


class HostTab:
    """The tab as a user sees it; gradio 3 gives the id of HTML to what is within too, so the first counts."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        page.set_default_timeout(SECONDS * 1000)
        self.url = url
        self.open()

    def open(self) -> None:
        self.page.goto(self.url)
        self.tab("tabs", "Train Tab")
        self.page.locator("#ti_progress .traintab-job").first.wait_for()
        self.page.wait_for_timeout(1500)

    def tab(self, tabs: str, name: str) -> None:
        """gradio 6 has each button a second time, unseen: it measures how many have room."""
        rows = f"#{tabs} > .tab-nav, #{tabs} > .tab-wrapper > [role=tablist]"
        buttons = self.page.locator(rows).locator("button")
        buttons.filter(has_text=re.compile(rf"^\s*{name}\s*$")).first.click()

    def panel(self, name: str) -> None:
        self.tab("train_tabs", name)
        self.page.wait_for_timeout(1000)

    def box(self, elem_id: str) -> Any:
        return self.page.locator(f"#{elem_id} textarea, #{elem_id} input").first

    def type(self, elem_id: str, text: str) -> None:
        self.box(elem_id).fill(text)
        self.box(elem_id).press("Tab")
        self.page.wait_for_timeout(300)

    def click(self, elem_id: str) -> None:
        self.page.locator(f"#{elem_id}").first.click()

    def read(self, within: str, text: str) -> None:
        """Wait for a sentence below the element `within`."""
        found = self.page.locator(f"#{within} .traintab-message").filter(has_text=re.compile(text))
        found.first.wait_for()

    def job(self, attribute: str) -> str:
        found = self.page.locator("#ti_progress .traintab-job").first
        return str(found.get_attribute(f"data-{attribute}"))

    def wait_for(self, status: str, step: int = 0) -> None:
        def told() -> str:
            return f"The job is {self.job('status')} at step {self.job('step')}."

        wait_until(lambda: self.job("status") == status and int(self.job("step")) >= step, told=told)


@pytest.fixture(params=VERSIONS)
def host_tab(request: pytest.FixtureRequest, browser: Any, tmp_path: Path) -> Iterator[HostTab]:
    """The page of a web UI with this gradio, opened at our tab; an error in its scripts fails the test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "server.log"
    command = [str(python_with(request.param)), str(HOST), str(tmp_path / "data"), str(port), "demo"]
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        wait_until(lambda: "ready" in log.read_text() or process.poll() is not None, told=log.read_text)
        assert process.poll() is None, log.read_text()
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield HostTab(page, f"http://127.0.0.1:{port}")
    finally:
        context.close()
        process.terminate()
        process.wait(SECONDS)
    assert complaints == []
