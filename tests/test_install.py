"""`install.py`: a virtual environment of its own, or what a web UI's Python lacks. Without network."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from traintab.paths import REPOSITORY_DIR


@pytest.fixture(scope="module")
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_tab_install", REPOSITORY_DIR / "install.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["train_tab_install"] = module
    spec.loader.exec_module(module)
    return module


class FakeTools:
    """Stands for the programs that install.py starts; every pip call is kept."""

    def __init__(self, torch_version: str = "", broken_pips: int = 0) -> None:
        self.torch_version = torch_version
        self.broken_pips = broken_pips
        self.pips: list[list[str]] = []

    def pip(self, python: Path, arguments: Sequence[str]) -> int:
        self.pips.append(list(arguments))
        self.broken_pips -= 1
        return 1 if self.broken_pips >= 0 else 0

    def output_of(self, command: Sequence[str]) -> str:
        if "version('torch')" in command[-1]:
            return self.torch_version
        return "True" if "version_info" in command[-1] else ""


@pytest.fixture
def tools(install: ModuleType, monkeypatch) -> FakeTools:
    fake = FakeTools()
    monkeypatch.setattr(install, "_pip", fake.pip)
    monkeypatch.setattr(install, "_output_of", fake.output_of)
    monkeypatch.setattr(install, "_index_offers", lambda *_: False)
    return fake


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose `.venv` has a Python and nothing else."""
    (tmp_path / "requirements.txt").write_text("torch==2.13.0\ngradio==6.31.0\n")
    (tmp_path / "requirements-dev.txt").write_text("ruff==0.17.5\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("")
    return tmp_path


def card(install: ModuleType, driver: int, capability: float) -> object:
    return install.NvidiaCard(driver, capability)


@pytest.mark.parametrize(
    ("driver", "capabilities", "tag"),
    [
        (590, [8.6], "cu130"),
        (580, [7.5], "cu130"),
        (580, [12.0], "cu130"),
        (580, [12.0, 6.1], "cu130"),
        (580, [6.1], "cu126"),
        (580, [8.6, 6.1], "cu126"),
        (550, [8.9], "cu126"),
        (525, [5.0], "cu126"),
        (570, [12.0], "cpu"),
        (520, [8.6], "cpu"),
        (470, [3.5], "cpu"),
    ],
)
def test_nvidia_cards_get_the_build_that_their_driver_and_capability_allow(
    install: ModuleType, driver: int, capabilities: list[float], tag: str
) -> None:
    cards = [card(install, driver, capability) for capability in capabilities]
    assert install.choose_torch_build("linux", cards, has_rocm=False).tag == tag


def test_a_driver_that_is_too_old_is_told_which_one_to_get(install: ModuleType) -> None:
    build = install.choose_torch_build("linux", [card(install, 570, 12.0)], has_rocm=False)
    assert "update to 580" in build.reason
    build = install.choose_torch_build("win32", [card(install, 470, 8.6)], has_rocm=False)
    assert "update to 525" in build.reason


def test_without_nvidia_linux_takes_rocm_where_it_is_and_the_small_cpu_build_else(
    install: ModuleType,
) -> None:
    assert install.choose_torch_build("linux", [], has_rocm=True).tag == "rocm7.2"
    assert install.choose_torch_build("linux", [], has_rocm=False).tag == "cpu"
    assert install.choose_torch_build("win32", [], has_rocm=True).tag == "cpu"


def test_macos_takes_the_default_build(install: ModuleType) -> None:
    assert install.choose_torch_build("darwin", [], has_rocm=False).tag == ""


def test_the_lines_of_nvidia_smi_are_understood(install: ModuleType, monkeypatch) -> None:
    monkeypatch.setattr(install, "_output_of", lambda _: "580.65.06, 8.9\n[N/A], [N/A]\n580.65.06, 12.0\n")
    assert install.nvidia_cards() == [card(install, 580, 8.9), card(install, 580, 12.0)]


def test_no_nvidia_smi_means_no_cards(install: ModuleType, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert install.nvidia_cards() == []


def test_an_index_that_cannot_be_reached_says_so_at_once(install: ModuleType, monkeypatch) -> None:
    monkeypatch.setattr(install, "TORCH_INDEX", "http://127.0.0.1:9/whl")
    assert install._index_offers("cpu", "torch==2.13.0") is False


def test_torch_goes_first_and_then_the_requirements(
    install: ModuleType, tools: FakeTools, root: Path, monkeypatch
) -> None:
    monkeypatch.setattr(install, "_index_offers", lambda *_: True)
    install.complete_environment(root, ["requirements.txt"])
    torch, requirements = tools.pips
    assert torch[0].startswith("torch==2.13.0+")
    assert torch[1] == "--index-url"
    assert requirements == ["-r", str(root / "requirements.txt")]


def test_torch_comes_from_the_default_index_when_pytorchs_own_is_silent(
    install: ModuleType, tools: FakeTools, root: Path
) -> None:
    install.complete_environment(root, ["requirements.txt"])
    assert tools.pips[0] == ["torch==2.13.0"]


def test_torch_comes_from_the_default_index_when_pytorchs_own_fails_midway(
    install: ModuleType, tools: FakeTools, root: Path, monkeypatch
) -> None:
    monkeypatch.setattr(install, "_index_offers", lambda *_: True)
    tools.broken_pips = 1
    install.complete_environment(root, ["requirements.txt"])
    assert tools.pips[1] == ["torch==2.13.0"]


def test_a_torch_of_the_right_version_is_kept_whatever_its_build(
    install: ModuleType, tools: FakeTools, root: Path
) -> None:
    tools.torch_version = "2.13.0+cu126\n"
    install.complete_environment(root, ["requirements.txt"])
    assert tools.pips == [["-r", str(root / "requirements.txt")]]


def test_nothing_is_done_when_the_stamp_fits(install: ModuleType, tools: FakeTools, root: Path) -> None:
    install.complete_environment(root, ["requirements.txt"])
    tools.pips.clear()
    install.complete_environment(root, ["requirements.txt"])
    assert tools.pips == []


def test_changed_requirements_are_installed_again_and_only_those(
    install: ModuleType, tools: FakeTools, root: Path
) -> None:
    names = ["requirements.txt", "requirements-dev.txt"]
    install.complete_environment(root, names)
    tools.pips.clear()
    (root / "requirements-dev.txt").write_text("ruff==0.18.0\n")
    install.complete_environment(root, names)
    assert tools.pips == [["-r", str(root / "requirements-dev.txt")]]


def test_a_failed_installation_is_one_sentence_and_goes_on_next_time(
    install: ModuleType, tools: FakeTools, root: Path
) -> None:
    names = ["requirements.txt", "requirements-dev.txt"]
    tools.torch_version, tools.broken_pips = "2.13.0", 1
    with pytest.raises(install.InstallError, match="Check the network connection"):
        install.complete_environment(root, names)
    install.complete_environment(root, names)
    assert [arguments[1] for arguments in tools.pips] == [str(root / name) for name in [names[0], *names]]


def test_a_failed_torch_is_one_sentence_too(install: ModuleType, tools: FakeTools, root: Path) -> None:
    tools.broken_pips = 2
    with pytest.raises(install.InstallError, match=r"Installing torch==2\.13\.0 failed"):
        install.complete_environment(root, ["requirements.txt"])


def test_a_stamp_that_cannot_be_read_counts_as_none(
    install: ModuleType, tools: FakeTools, root: Path
) -> None:
    (root / ".venv" / "train-tab.json").write_text("{broken")
    install.complete_environment(root, ["requirements.txt"])
    assert tools.pips


def test_every_requirement_is_pinned_and_torch_is_among_them() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (REPOSITORY_DIR / name).read_text().splitlines()
        wanted = [line.partition("#")[0].strip() for line in lines]
        assert all("==" in line for line in wanted if line), name
    assert any(
        line.startswith("torch==") for line in (REPOSITORY_DIR / "requirements.txt").read_text().split()
    )
