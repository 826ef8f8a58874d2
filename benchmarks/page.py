"""What an open page costs a training, how often an idle one asks, and the server's memory over a long run.

    .venv/bin/python benchmarks/page.py [--tabs 3] [--rounds 60] [--seconds 3] [--browser]
    .venv/bin/python benchmarks/page.py --idle 60
    .venv/bin/python benchmarks/page.py --soak 30 --browser

A server of its own trains the demo model on the example character. In turns nobody looks, and `--tabs` pages
follow it; the ratio is steps a second with pages ÷ without, of the rounds before and after: lower quartile,
median, upper quartile. A page is what `/config` describes, asked exactly as the browser asks: the timer's
question, then a look at each part that has news; the pictures stay where they are. With `--browser` they are
tabs of a real Chromium (Playwright's, or TRAINTAB_BROWSER) that draw everything on the same processors.
`--idle` counts the requests of a browser's tab while nothing goes on. `--soak` trains for so many minutes
with the pages open and prints the resident memory of the server every half minute.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "modules" / "traintab" / "demo" / "examples" / "character"
PORT = 7959
URL = f"http://127.0.0.1:{PORT}"
LONG = 10_000_000
_PATIENCE_MILLISECONDS = 300_000
Turns = Callable[[], AbstractContextManager[None]]


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tabs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--idle", type=float, metavar="SECONDS")
    parser.add_argument("--soak", type=float, metavar="MINUTES")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        if options.idle:
            print(json.dumps(idle(options.idle)))
            return
        start_training()
        if options.soak:
            soak(server.pid, options)
            return
        print(json.dumps(compared(options)))


def compared(options: argparse.Namespace) -> dict[str, Any]:
    """Steps a second without and with pages, in turns."""
    alone, followed = [pace(options.seconds)], []
    with in_turns(options) as following:
        for _ in range(options.rounds):
            with following():
                followed.append(pace(options.seconds))
            alone.append(pace(options.seconds))
    # The machine's own pace drifts: each round is held against the mean of the two beside it.
    beside = [statistics.mean(pair) for pair in pairwise(alone)]
    ratios = [with_pages / without for with_pages, without in zip(followed, beside, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {
        "tabs": options.tabs,
        "in_a_browser": options.browser,
        "steps_a_second_alone": statistics.median(alone),
        "steps_a_second_followed": statistics.median(followed),
        "ratio": [round(value, 4) for value in (low, middle, high)],
        "ratio_of_sums": round(sum(followed) / sum(beside), 4),
        "standard_error": round(statistics.stdev(ratios) / len(ratios) ** 0.5, 4),
    }


def soak(pid: int, options: argparse.Namespace) -> None:
    """The server's memory while it trains and pages are open."""
    with in_turns(options) as following, following():
        began = time.monotonic()
        while time.monotonic() - began < 60 * options.soak:
            lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
            kib = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
            seconds = time.monotonic() - began
            print(
                json.dumps({"seconds": round(seconds), "step": step(), "MiB": round(kib / 1024, 1)}),
                flush=True,
            )
            time.sleep(30)


def idle(seconds: float) -> dict[str, float]:
    """Requests a second of a browser's tab that has been open for a while."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        page = browser_of(playwright).new_page()
        page.goto(URL)
        page.wait_for_timeout(20_000)
        asked: list[float] = []
        page.on("request", lambda _: asked.append(time.monotonic()))
        page.wait_for_timeout(1000 * seconds)
        return {"seconds": seconds, "requests": len(asked), "requests_in_5_seconds": 5 * len(asked) / seconds}


@contextmanager
def serving(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program with a data directory of its own."""
    command = [sys.executable, "extension.py", "ui", "--current-env", "--port", str(PORT)]
    command += ["--data-dir", str(folder), "--model", "demo"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            while URL not in (folder / "server.log").read_text():
                if server.poll() is not None:
                    raise SystemExit((folder / "server.log").read_text())
                time.sleep(0.2)
            yield server
        finally:
            server.terminate()
            server.wait()


def start_training() -> None:
    """A run that outlasts every measurement; it is measured after it has warmed up."""
    call("create_embedding", name="mira", initialization_text="girl")
    dataset = {"data_dir": str(EXAMPLE), "template": "subject.txt"}
    call("train", embedding_name="mira", dataset=dataset, optimization={"steps": LONG})
    while step() < 30:
        time.sleep(0.5)


def pace(seconds: float) -> float:
    """Steps a second from now on."""
    began, first = time.monotonic(), step()
    time.sleep(seconds)
    return (step() - first) / (time.monotonic() - began)


def step() -> int:
    return int(call("train_status")["step"] or 0)


def call(endpoint: str, **request: Any) -> Any:
    # One session for all: gradio keeps more than a megabyte for each.
    body = {"data": [request], "session_hash": "benchmark"}
    event = post(f"/gradio_api/call/{endpoint}", body)["event_id"]
    with urlopen(f"{URL}/gradio_api/call/{endpoint}/{event}") as stream:
        lines = stream.read().decode().splitlines()
    return json.loads(next(line for line in lines if line.startswith("data: ["))[6:])[0]


def post(path: str, body: Any) -> Any:
    request = Request(URL + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        return json.load(answer)


def in_turns(options: argparse.Namespace) -> AbstractContextManager[Turns]:
    """The pages that the command line asks for."""
    turns = in_turns_of_real_pages if options.browser else in_turns_of_asked_pages
    return turns(options.tabs)


@contextmanager
def in_turns_of_asked_pages(count: int) -> Iterator[Turns]:
    """Pages without a browser, opened once: they ask only while the block of a turn runs."""
    following = threading.Event()

    @contextmanager
    def turn() -> Iterator[None]:
        following.set()
        yield
        following.clear()

    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(AskedPage(following))
        yield turn


@contextmanager
def in_turns_of_real_pages(count: int) -> Iterator[Turns]:
    """Tabs of a real browser, opened for each turn before it is counted."""
    yield lambda: real_pages(count)


@contextmanager
def real_pages(count: int) -> Iterator[None]:
    """So many tabs of a real browser that follow the training while the block runs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = browser_of(playwright)
        for _ in range(count):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(_PATIENCE_MILLISECONDS)
            page.goto(URL)
            page.locator("#ti_progress .traintab-job").wait_for()
        time.sleep(10)
        yield


def browser_of(playwright: Any) -> Any:
    path = os.environ.get("TRAINTAB_BROWSER")
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


class AskedPage:
    """A page without a browser: what `/config` says of timer and followers, asked in the same way, while
    `following` is set.
    """

    def __init__(self, following: threading.Event) -> None:
        self._following = following
        with urlopen(f"{URL}/config") as answer:
            config = json.load(answer)
        self._components = {one["id"]: one for one in config["components"]}
        self._session = uuid.uuid4().hex[:10]
        events = [(each, tuple(target)) for each in config["dependencies"] for target in each["targets"]]
        self._tick = next(each for each, (_, name) in events if name == "tick")
        laid_out = next(
            each for each, (box, _) in events if box == self._tick["outputs"][0] and not each["backend_fn"]
        )
        self._places = laid_out["outputs"]
        self._looks = {box: each for each, (box, name) in events if name == "change" and each["backend_fn"]}
        self._seen, self._pace = "", 1.0
        self._ended = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> AskedPage:
        # What a page asks while it is being opened is no part of what following costs.
        self._pace = self._news()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._failure:
            raise SystemExit(f"A page could not follow the training: {self._failure}")

    def _follow(self) -> None:
        try:
            while not self._ended.wait(self._pace):
                if self._following.is_set():
                    self._pace = self._news()
        except OSError as failure:
            self._failure = failure

    def _news(self) -> float:
        """Ask what is new, look at it, and give the seconds until the next question."""
        (answer,) = self._ask(self._tick, [self._seen])
        news = json.loads(answer or "{}")
        self._seen = news.get("0", self._seen)
        for look in (self._looks.get(self._places[int(place)]) for place in news):
            if look:
                self._ask(look)
        return float(news["1"]["value"]) if "1" in news else self._pace

    def _ask(self, event: Any, values: list[Any] | None = None) -> list[Any]:
        if values is None:
            values = [self._value(self._components[one]) for one in event["inputs"]]
        body = {"data": values, "fn_index": event["id"], "session_hash": self._session}
        return list(post("/gradio_api/run/predict", body)["data"])

    def _value(self, component: Any) -> Any:
        """What a browser sends for it: a text is never nothing."""
        value = component["props"].get("value")
        return "" if value is None and component["type"] == "textbox" else value


if __name__ == "__main__":
    main()
