"""`install.py` run by a web UI: it adds what is missing there and changes nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from traintab.paths import REPOSITORY_DIR

FAKE_PIP = """
import json, os, sys
from pathlib import Path
log = Path(os.environ["PIP_LOG_OF_TEST"])
with log.open("a") as stream: stream.write(json.dumps(sys.argv[1:]) + "\\n")
constraints = sys.argv[sys.argv.index("-c") + 1] if "-c" in sys.argv else None
if constraints: log.with_suffix(".constraints").write_text(Path(constraints).read_text())
sys.exit(int(os.environ.get("PIP_STATUS_OF_TEST", "0")))
"""


@pytest.fixture(scope="module")
def host_python(tmp_path_factory) -> Path:
    """A web UI's own Python: nothing is installed in it, not even pip."""
    folder = tmp_path_factory.mktemp("host") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


class Host:
    """A web UI's folder in PYTHONPATH, with a pip that only writes down what it is asked for."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.python, self.folder, self.log = python, folder, folder / "pip.log"
        self.package("launch").package("pip")
        (folder / "pip" / "__main__.py").write_text(FAKE_PIP)

    def package(self, name: str) -> Host:
        (self.folder / name).mkdir()
        (self.folder / name / "__init__.py").write_text("")
        return self

    def distribution(self, name: str, version: str) -> Host:
        info = self.folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        return self

    def start(self, pip_status: int = 0) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder),
            "PIP_LOG_OF_TEST": str(self.log),
            "PIP_STATUS_OF_TEST": str(pip_status),
        }
        command = [str(self.python), str(REPOSITORY_DIR / "install.py")]
        return subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True)

    @property
    def wanted(self) -> list[str]:
        if not self.log.exists():
            return []
        (line,) = self.log.read_text().splitlines()
        arguments: list[str] = json.loads(line)
        return arguments[arguments.index("--disable-pip-version-check") + 1 : arguments.index("-c")]


@pytest.fixture
def host(host_python: Path, tmp_path: Path) -> Host:
    host = Host(host_python, tmp_path)
    for name in ("numpy", "PIL", "yaml", "cv2"):
        host.package(name)
    return host


def test_a_web_ui_gets_only_what_it_lacks(host: Host) -> None:
    host.package("diffusers")
    assert host.start().returncode == 0
    assert host.wanted == ["safetensors>=0.4"]


def test_a_web_ui_that_has_all_is_left_alone(host: Host) -> None:
    host.package("diffusers").package("safetensors")
    done = host.start()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert host.wanted == []


def test_a_web_ui_with_transformers_4_gets_the_diffusers_that_works_with_it(host: Host) -> None:
    host.package("safetensors").distribution("transformers", "4.30.2").start()
    assert host.wanted == ["diffusers==0.31.0"]


def test_a_web_ui_with_transformers_5_gets_the_current_diffusers(host: Host) -> None:
    host.package("safetensors").distribution("transformers", "5.13.0").start()
    assert host.wanted == ["diffusers==0.42.1"]


def test_what_a_web_ui_has_installed_is_held_at_its_version(host: Host) -> None:
    host.distribution("transformers", "4.30.2").distribution("Pillow", "9.5.0").start()
    assert "pillow==9.5.0" in host.log.with_suffix(".constraints").read_text().splitlines()


def test_of_a_package_that_is_there_twice_the_imported_version_is_held(host: Host, host_python: Path) -> None:
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    asked = subprocess.run([str(host_python), "-c", query], check=True, capture_output=True, text=True)
    shadowed = Path(asked.stdout.strip()) / "pillow-12.0.0.dist-info"
    shadowed.mkdir()
    (shadowed / "METADATA").write_text("Metadata-Version: 2.1\nName: pillow\nVersion: 12.0.0\n")
    host.distribution("Pillow", "9.5.0").start()
    shutil.rmtree(shadowed)
    held = host.log.with_suffix(".constraints").read_text().splitlines()
    assert [line for line in held if line.startswith("pillow==")] == ["pillow==9.5.0"]


def test_nothing_to_add_costs_a_web_uis_start_no_half_second(host: Host) -> None:
    host.package("diffusers").package("safetensors")
    before = os.times()
    assert host.start().returncode == 0
    # Of the processor, whatever else this machine does meanwhile.
    after = os.times()
    taken = after.children_user - before.children_user + after.children_system - before.children_system
    assert taken < 0.5


def test_a_folder_named_like_a_package_is_no_package(host: Host) -> None:
    (host.folder / "safetensors").mkdir()
    host.package("diffusers").start()
    assert host.wanted == ["safetensors>=0.4"]


def test_a_web_ui_is_told_in_a_sentence_when_nothing_can_be_added(host: Host) -> None:
    done = host.start(pip_status=1)
    assert done.returncode == 1
    assert "without changing what the web UI has installed" in done.stderr
    assert "Traceback" not in done.stderr
