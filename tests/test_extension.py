"""`extension.py`: from nothing but Python to the command line inside `.venv`."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from traintab.paths import REPOSITORY_DIR

# Stands for the real command line: says where it runs.
FAKE_CLI = """
import json, os, signal, sys, time

def main(arguments):
    print(json.dumps({"arguments": arguments, "prefix": sys.prefix, "pid": os.getpid()}), flush=True)
    if arguments == ["wait"]:
        time.sleep(60)
    return 7
"""


class Clone:
    """A fresh clone whose requirements are empty, so that no network is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = folder / ".venv"
        package = folder / "modules" / "traintab"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "cli.py").write_text(FAKE_CLI)
        for name in ("extension.py", "install.py"):
            shutil.copy(REPOSITORY_DIR / name, folder / name)
        for name in ("requirements.txt", "requirements-dev.txt"):
            (folder / name).write_text("")

    def start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(self.folder / "extension.py"), *arguments]
        return subprocess.run(command, capture_output=True, text=True)


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    return Clone(tmp_path_factory.mktemp("clone"))


def test_the_first_start_makes_the_environment_and_goes_on_inside_it(clone: Clone) -> None:
    done = clone.start("train", "name")
    assert answer(done)["prefix"] == str(clone.environment)
    assert answer(done)["arguments"] == ["train", "name"]
    assert done.returncode == 7
    assert "Making" in done.stderr and "Installing requirements.txt" in done.stderr


def test_later_starts_install_nothing(clone: Clone) -> None:
    clone.start()
    assert clone.start().stderr == ""


def test_check_brings_its_tools_along(clone: Clone) -> None:
    clone.start()
    assert "Installing requirements-dev.txt" in clone.start("check").stderr
    assert clone.start("check").stderr == ""


def test_a_half_made_environment_is_noticed_and_completed(clone: Clone) -> None:
    clone.start()
    (clone.environment / "train-tab.json").unlink()
    (clone.environment / "bin" / "python").unlink()
    done = clone.start()
    assert "Making" in done.stderr
    assert answer(done)["prefix"] == str(clone.environment)


def test_inside_the_environment_no_second_process_is_started(clone: Clone) -> None:
    clone.start()
    inside = clone.environment / "bin" / "python"
    with subprocess.Popen(
        [str(inside), str(clone.folder / "extension.py")], stdout=subprocess.PIPE, text=True
    ) as process:
        out, _ = process.communicate()
    assert json.loads(out)["pid"] == process.pid


@pytest.mark.skipif(os.name == "nt", reason="Windows has no exec: a child takes over there")
def test_the_process_is_replaced_so_that_signals_reach_the_program(clone: Clone) -> None:
    clone.start()
    command = [sys.executable, str(clone.folder / "extension.py"), "wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["pid"] == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == -signal.SIGTERM


def test_current_env_takes_the_running_python_as_it_is(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    done = clone.start("--current-env", "train")
    assert answer(done)["prefix"] == sys.prefix
    assert answer(done)["arguments"] == ["train"]
    assert not clone.environment.exists()


def test_what_cannot_be_installed_is_one_sentence(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    (clone.folder / "requirements.txt").write_text("./no-such-folder\n")
    done = clone.start()
    assert done.returncode == 1
    assert "Check the network connection" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_an_old_python_is_told_in_one_line() -> None:
    program = (
        "import runpy, sys; sys.version_info = (3, 9, 18); sys.argv = ['extension.py'];"
        f"runpy.run_path({str(REPOSITORY_DIR / 'extension.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer" in done.stderr


def test_an_old_python_can_read_the_file_that_tells_it() -> None:
    source = (REPOSITORY_DIR / "extension.py").read_text()
    ast.parse(source, feature_version=(3, 7))
    assert len(source.splitlines()) <= 40


def test_the_installer_reads_as_the_python_3_10_of_web_uis() -> None:
    ast.parse((REPOSITORY_DIR / "install.py").read_text(), feature_version=(3, 10))
