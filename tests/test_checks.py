"""What `check` runs, and how it comes by a browser. The tools themselves are fakes here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from traintab import checks
from traintab.errors import WorkError

if sys.platform == "win32":
    pytest.skip("the fake programs are shell scripts", allow_module_level=True)


def program(path: Path, *lines: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


class Machine:
    """A machine with nothing but what a test puts there; what is run on it is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commands: list[list[str]] = []
        self.environments: list[Mapping[str, str] | None] = []
        self.status: dict[str, int] = {}
        self.playwright_brings = False
        self.apt_brings = False

    @property
    def own_browser(self) -> Path:
        return self.folder / "playwright" / "chrome"

    def browser(self, name: str) -> Path:
        return program(self.folder / "bin" / name, "echo Chromium 140")

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
        self.commands.append(list(command))
        self.environments.append(environment)
        if "playwright" in command and self.playwright_brings:
            program(self.own_browser, "echo Chromium 140")
        if "install" in command and command[0] == "apt-get" and self.apt_brings:
            self.browser("chromium")
        return self.status.get(command[2], 0)

    def output_of(self, command: Sequence[str]) -> str:
        if command[0] == sys.executable:
            return f"{self.own_browser}\n"
        return subprocess.run(command, capture_output=True, text=True).stdout


@pytest.fixture
def machine(tmp_path: Path, monkeypatch) -> Machine:
    fake = Machine(tmp_path)
    monkeypatch.setattr(checks, "_run", fake.run)
    monkeypatch.setattr(checks, "_output_of", fake.output_of)
    monkeypatch.setattr(checks, "_INSTALLED", ())
    monkeypatch.setattr(checks.os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv(checks.BROWSER_VARIABLE, raising=False)
    return fake


def test_the_browser_on_path_is_taken_and_nothing_fetched(machine: Machine) -> None:
    chrome = machine.browser("google-chrome")
    assert checks.find_browser() == chrome
    assert machine.commands == []


def test_a_named_browser_goes_before_the_one_on_path(machine: Machine, monkeypatch) -> None:
    machine.browser("chromium")
    mine = program(machine.folder / "mine", "echo Chrome 150")
    monkeypatch.setenv(checks.BROWSER_VARIABLE, str(mine))
    assert checks.find_browser() == mine


def test_a_stub_that_does_not_start_is_passed_by(machine: Machine) -> None:
    program(machine.folder / "bin" / "chromium-browser", "echo Install the snap >&2", "exit 1")
    chrome = machine.browser("chrome")
    assert checks.find_browser() == chrome


def test_playwrights_browser_of_an_earlier_time_is_taken_without_a_download(machine: Machine) -> None:
    program(machine.own_browser, "echo Chromium 140")
    assert checks.find_browser() == machine.own_browser
    assert machine.commands == []


def test_playwright_downloads_one_when_the_machine_has_none(machine: Machine) -> None:
    machine.playwright_brings = True
    assert checks.find_browser() == machine.own_browser
    assert machine.commands == [[sys.executable, "-m", "playwright", "install", "chromium"]]


def test_root_on_debian_installs_the_package_when_playwright_brings_none(
    machine: Machine, monkeypatch
) -> None:
    program(machine.folder / "bin" / "apt-get")
    monkeypatch.setattr(checks.os, "geteuid", lambda: 0)
    machine.apt_brings = True
    assert checks.find_browser() == machine.folder / "bin" / "chromium"
    assert ["update" in command for command in machine.commands] == [False, True, False]


def test_someone_who_is_not_root_installs_no_packages(machine: Machine) -> None:
    program(machine.folder / "bin" / "apt-get")
    with pytest.raises(WorkError):
        checks.find_browser()
    assert not any(command[0] == "apt-get" for command in machine.commands)


def test_no_browser_at_all_is_a_failure_with_a_sentence(machine: Machine) -> None:
    with pytest.raises(WorkError, match=r"install Chromium .* or set TRAINTAB_BROWSER"):
        checks.run_checks()
    assert not any("pytest" in command for command in machine.commands)


def test_all_four_tools_run_and_the_tests_know_the_browser(machine: Machine, capsys) -> None:
    browser = machine.browser("chromium")
    assert checks.run_checks() == 0
    assert [command[2] for command in machine.commands] == ["ruff", "ruff", "mypy", "pytest"]
    assert all(each and each[checks.BROWSER_VARIABLE] == str(browser) for each in machine.environments)
    assert "All 4 checks passed." in capsys.readouterr().out.splitlines()[-1]


def test_a_failing_tool_does_not_stop_the_others(machine: Machine, capsys) -> None:
    machine.browser("chromium")
    machine.status = {"mypy": 2}
    assert checks.run_checks() == 1
    assert [command[2] for command in machine.commands][-1] == "pytest"
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("Failed: types.")
    assert any("FAILED (exit status 2)" in line for line in lines)


def test_all_adds_the_long_tests_and_the_coverage(machine: Machine) -> None:
    machine.browser("chromium")
    checks.run_checks(include_long=True)
    assert "long or not long" in machine.commands[-1]
    assert "--cov" in machine.commands[-1]


def test_a_tool_that_is_missing_is_a_failed_step(capsys) -> None:
    assert checks._run(["/no/such/program"]) == 127
    assert "No such file" in capsys.readouterr().out


def test_a_program_that_fails_has_no_output(tmp_path: Path) -> None:
    assert checks._output_of([str(program(tmp_path / "fails", "echo text", "exit 3"))]) == ""
    assert checks._output_of([str(program(tmp_path / "works", "echo text"))]) == "text\n"
    assert checks._output_of([str(tmp_path / "missing")]) == ""


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s")])
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert checks._duration(seconds) == text
