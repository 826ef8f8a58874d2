"""What `python3 extension.py check` does: format, lint, types and every test, in this Python.

`install.py` has put the tools of requirements-dev.txt in place before this runs. Standard library only,
so that a broken torch can't keep the checks from saying so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import WorkError
from .paths import REPOSITORY_DIR

__all__ = ["BROWSER_VARIABLE", "CheckStep", "StepResult", "check_steps", "find_browser", "run_checks"]

BROWSER_VARIABLE = "TRAINTAB_BROWSER"

_ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_INSTALLED = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
)
_PLAYWRIGHTS_OWN = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
)
# Two processes share the tests, a file each, from the first on: the browser tests, which stay together, come
# early and take about as long as all others together.
_SHARED = ("-p", "tests.sharing", "-n", "2", "--no-loadscope-reorder")
_ONE_THREAD = {"OMP_NUM_THREADS": "1"}
_APT_GET = ("apt-get", "-o", "Acquire::Retries=2")


@dataclass(frozen=True)
class CheckStep:
    """One tool: its name for the closing table and the arguments after `python -m`."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class StepResult:
    """How a step went: its exit status and its seconds."""

    name: str
    status: int
    seconds: float


def run_checks(*, include_long: bool = False) -> int:
    """Run every step even when one fails; return 0, or 1 when any failed.

    With `include_long` the tests marked `long` run too, and the branch coverage is reported.
    Raises WorkError when no browser can be had, because the browser tests are never skipped.
    """
    started = time.monotonic()
    _say("Looking for a browser ...")
    browser = find_browser()
    _say(f"Browser: {browser}")
    environment = {**os.environ, BROWSER_VARIABLE: str(browser), **_ONE_THREAD}
    results = [_run_step(step, environment) for step in check_steps(include_long=include_long)]
    _say("")
    for result in results:
        verdict = "passed" if result.status == 0 else f"FAILED (exit status {result.status})"
        _say(f"{result.name:8} {_duration(result.seconds):>12}  {verdict}")
    failed = [result.name for result in results if result.status != 0]
    outcome = f"Failed: {', '.join(failed)}." if failed else f"All {len(results)} checks passed."
    _say(f"{outcome} {_duration(time.monotonic() - started)} in all.")
    return 1 if failed else 0


def check_steps(*, include_long: bool) -> tuple[CheckStep, ...]:
    """The steps in their order, the quick ones first."""
    tests: tuple[str, ...] = ("pytest", *_SHARED)
    if include_long:
        # The later -m wins over the one in pyproject.toml.
        tests += ("-m", "long or not long", "--cov", "--cov-report=term")
    return (
        CheckStep("format", ("ruff", "format", "--check", ".")),
        CheckStep("lint", ("ruff", "check", ".")),
        CheckStep("types", ("mypy",)),
        CheckStep("tests", tests),
    )


def find_browser() -> Path:
    """The browser for the tests: Chromium or Chrome of this machine, or one that is fetched now.

    Asked in this order: TRAINTAB_BROWSER, PATH and the usual places, Playwright's own download, and
    Debian's package where this process may install it. Raises WorkError with what to do.
    """
    for candidate in _candidates():
        if _starts(candidate):
            return candidate
    raise WorkError(
        "The browser tests need Chromium or Chrome, and none was found on PATH, from Playwright's download"
        " or from the system's packages: install Chromium (Debian, Ubuntu: sudo apt-get install chromium),"
        f" or set {BROWSER_VARIABLE} to the path of a Chrome, then start the checks again."
    )


def _candidates() -> Iterator[Path]:
    """Browsers in the order of preference; what takes a download comes last and only when asked for."""
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        yield Path(named)
    yield from (Path(found) for name in _ON_PATH if (found := shutil.which(name)))
    yield from (Path(place) for place in _INSTALLED)
    yield from _from_playwright()
    yield from _from_debian()


def _from_playwright() -> Iterator[Path]:
    """Playwright's own Chromium, downloaded when it isn't there yet."""
    for command in ((), ("install", "chromium")):
        if command:
            _say("No browser here: trying Playwright's download ...")
            _run([sys.executable, "-m", "playwright", *command])
        path = _output_of([sys.executable, "-c", _PLAYWRIGHTS_OWN]).strip()
        if path:
            yield Path(path)


def _from_debian() -> Iterator[Path]:
    """Debian's chromium, where apt-get is there and this process is root."""
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    _say("Installing the system's chromium with apt-get ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run([*_APT_GET, "update"], quiet)
    _run([*_APT_GET, "install", "-y", "--no-install-recommends", "chromium", "fonts-liberation"], quiet)
    found = shutil.which("chromium")
    if found:
        yield Path(found)


def _starts(browser: Path) -> bool:
    """Whether the program is there and runs; a stub that only points at a store doesn't."""
    if not browser.exists():
        return False
    if sys.platform == "win32":
        return True  # chrome.exe opens a window when asked for its version
    return _output_of([str(browser), "--version"]) != ""


def _run_step(step: CheckStep, environment: Mapping[str, str]) -> StepResult:
    """Run one tool in the repository root, its output shown as it comes."""
    _say(f"\n== {step.name}: {' '.join(step.arguments)}")
    started = time.monotonic()
    status = _run([sys.executable, "-m", *step.arguments], environment)
    return StepResult(step.name, status, time.monotonic() - started)


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """The command's exit status, its output shown; 127 when it is missing."""
    try:
        return subprocess.run(command, cwd=REPOSITORY_DIR, env=environment, check=False).returncode
    except OSError as error:
        _say(f"{command[0]}: {error.strerror}")
        return 127


def _output_of(command: Sequence[str]) -> str:
    """What the command prints; empty when it is missing, fails or hangs."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def _duration(seconds: float) -> str:
    """`75.2` as `1 min 15 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _say(line: str) -> None:
    print(line, flush=True)
