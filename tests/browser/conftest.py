"""The page in a real Chromium, served by a process of its own as a user starts it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from traintab.paths import REPOSITORY_DIR

SECONDS = 400.0
MILLISECONDS = SECONDS * 1000
BROWSER_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path() -> str:
    """Chromium or Chrome; without one these tests fail, because a skipped test holds nothing."""
    names = [os.environ.get("TRAINTAB_BROWSER"), "chromium", "google-chrome"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("The browser tests need Chromium or Chrome; install one or name it in TRAINTAB_BROWSER.")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One a file: while Playwright runs, its event loop keeps other tests from running theirs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(), args=BROWSER_ARGUMENTS, timeout=MILLISECONDS
        )
        yield browser
        browser.close()


class Server:
    """`extension.py ui` on a port and a data directory that stay the same when it is restarted.

    `options` are more of what the command line takes.
    """

    def __init__(self, data_dir: Path, model: str, options: Sequence[str] = ()) -> None:
        self.data_dir = data_dir
        self.model = model
        self.options = options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait for the line that tells the address."""
        command = [sys.executable, "extension.py", "ui", "--current-env", "--port", str(self.port)]
        command += ["--data-dir", str(self.data_dir), "--model", self.model]
        command += self.options
        log = self.data_dir / "server.log"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        # As many threads as a user's has, whatever the tests themselves run with.
        environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
        with log.open("a") as output:
            self.process = subprocess.Popen(
                command,
                cwd=REPOSITORY_DIR,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        seen = log.read_text().count(self.url)
        wait_until(lambda: log.read_text().count(self.url) > seen or self.process.poll() is not None)
        assert self.process.poll() is None, log.read_text()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send the signal, wait for the process, and give its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


def wait_until(
    condition: Callable[[], object], seconds: float = SECONDS, told: Callable[[], object] | None = None
) -> None:
    """Look again and again until the condition holds; where it never does, `told` says what is there."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            pytest.fail(f"It did not happen within {seconds:.0f} seconds. {told() if told else ''}")
        time.sleep(0.1)


class Tab:
    """A browser tab with the page: what a user does and reads, by the element ids."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        page.set_default_timeout(MILLISECONDS)
        self.open(url)

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.page.locator("#ti_progress .traintab-job").wait_for()
        self.page.locator("#traintab_model [data-state]").wait_for()
        self.page.locator("#traintab_filled [data-filled]").wait_for(state="attached")

    def train_panel(self) -> None:
        self.go_to("Train")
        self.page.locator("#train_embedding input").wait_for()

    def go_to(self, name: str, tabs: str = "train_tabs") -> None:
        """Open a tab and wait as long as a hand needs to reach its first field.

        gradio builds a panel when it is first opened, in two goes; what a script types between them is lost.
        """
        self.page.locator(f"#{tabs}").get_by_role("tab", name=name, exact=True).first.click()
        self.page.wait_for_timeout(1000)

    def type(self, elem_id: str, text: str) -> None:
        box = self.page.locator(f"#{elem_id} input, #{elem_id} textarea").first
        box.fill(text)
        box.press("Tab")

    def fill_in(self, texts: Mapping[str, str]) -> None:
        """Type into the fields of a panel that has just been opened.

        On a busy machine gradio may still be building it, and what is typed meanwhile can get lost: so look
        again until every field holds its text.
        """

        def is_kept() -> bool:
            lost = [elem_id for elem_id, text in texts.items() if self.value(elem_id) != text]
            for elem_id in lost:
                self.type(elem_id, texts[elem_id])
            return not lost

        wait_until(is_kept)

    def choose(self, elem_id: str, text: str) -> None:
        """Open a dropdown and take one of what it offers."""
        dropdown = self.page.locator(f"#{elem_id}")
        dropdown.locator("input").first.click()
        dropdown.get_by_role("option", name=text, exact=True).click()

    def value(self, elem_id: str) -> str:
        return str(self.page.locator(f"#{elem_id} input, #{elem_id} textarea").first.input_value())

    def click(self, elem_id: str) -> None:
        self.page.locator(f"#{elem_id}").click()

    def read(self, text: str) -> None:
        """Wait for a sentence in a panel or in the job view; `text` is a regular expression."""
        self.page.locator(".traintab-message:visible").filter(has_text=re.compile(text)).first.wait_for()

    def picture(self, name: str) -> None:
        """A picture of the page for the documentation, where TRAINTAB_SCREENSHOTS names a folder for it."""
        folder = os.environ.get("TRAINTAB_SCREENSHOTS")
        if folder:
            self.page.mouse.move(0, 0)
            self.page.evaluate("window.scrollTo(0, 0)")
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))

    def job(self, attribute: str) -> str:
        found = self.page.locator("#ti_progress .traintab-job").get_attribute(f"data-{attribute}")
        return str(found)

    @property
    def step(self) -> int:
        return int(self.job("step"))

    def wait_for_step(self, step: int) -> None:
        wait_until(lambda: self.step >= step)

    def wait_for_status(self, status: str) -> None:
        wait_until(lambda: self.job("status") == status)


@pytest.fixture
def new_tab(browser: Any) -> Iterator[Callable[[Server], Tab]]:
    """Opens the page as a browser does that was never here; what it complained about fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def make(server: Server) -> Tab:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return Tab(page, server.url)

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def tiny_server(tiny_model_dir: Path, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", str(tiny_model_dir))
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.end()


@pytest.fixture
def demo_server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", "demo")
    server.start()
    yield server
    server.end()


@pytest.fixture
def opened_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A desktop whose file manager only notes what it is asked to show; to be named before the server."""
    programs, notes = tmp_path / "programs", tmp_path / "opened.txt"
    programs.mkdir()
    (programs / "xdg-open").write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> "{notes}"\n')
    (programs / "xdg-open").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":99")
    return lambda: notes.read_text().splitlines() if notes.exists() else []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Six pictures of a disc, in several sizes."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(6):
        picture = Image.new("RGB", (150 + 10 * number, 160), (30 * number, 90, 200))
        ImageDraw.Draw(picture).ellipse((40, 40, 120, 120), fill=(250, 200, 20 * number))
        picture.save(folder / f"disc{number}.png")
    return folder
