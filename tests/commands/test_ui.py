from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from traintab.models import installations
from traintab.models.installations import comfy_installation


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `serve` was called with; gradio stays out of it, and so do this machine's installations."""
    monkeypatch.setattr(installations, "find_installations", list)
    calls: dict[str, Any] = {}

    def serve(studio: Any, **details: Any) -> None:
        calls.update(details, studio=studio)
        details["ready"]("http://127.0.0.1:7860")
        if "signal" in calls:
            os.kill(os.getpid(), calls["signal"])

    module = ModuleType("traintab.ui.app")
    module.serve = serve  # type: ignore[attr-defined]
    module.Access = SimpleNamespace  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "traintab.ui.app", module)
    return calls


def test_no_command_opens_the_page_on_this_machine_alone(line: Any, served: dict[str, Any]) -> None:
    answer = line()
    assert answer.status == 0
    assert (served["host"], served["port"], served["access"].auth) == ("127.0.0.1", None, None)
    assert "open http://127.0.0.1:7860 in a browser" in answer.out
    assert served["studio"].model_status.spec == "demo"
    assert served["studio"].paths.data_dir == line.data_dir


def test_the_demo_s_own_judge_knows_the_demo_s_pictures(line: Any, served: dict[str, Any]) -> None:
    line()
    judge = served["studio"].grid_scoring.judges["demo"]()
    assert judge.asked("a red hoodie") == {"clothes": ["hoodie"], "clothes color": ["red"]}


def test_the_page_can_be_shared_with_a_password(line: Any, served: dict[str, Any]) -> None:
    answer = line("ui", "--listen", "--port", 7999, "--auth", "ann:a:b", "--model", "x/y", "--json")
    assert (served["host"], served["port"], served["access"].auth) == ("0.0.0.0", 7999, ("ann", "a:b"))
    assert served["studio"].model_status.spec == "x/y"
    assert answer.objects == [{"event": "page_ready", "address": "http://127.0.0.1:7860"}]


def test_a_model_s_file_is_found_from_anywhere_and_a_name_stays(
    line: Any, served: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.safetensors").touch()
    monkeypatch.chdir(tmp_path)
    for spec, wanted in (("own.safetensors", str(tmp_path / "own.safetensors")), ("demo", "demo")):
        line("ui", "--model", spec)
        assert served["studio"].model_status.spec == wanted


def test_who_may_come_and_what_they_may_use_is_told_to_the_server(
    line: Any, served: dict[str, Any], tmp_path: Path
) -> None:
    line("--share", "--mcp", "--auth", "a:b", "--allow-host", "studio.lan", "--allow-dir", tmp_path)
    access = served["access"]
    assert (access.share, access.mcp) == (True, True)
    assert (access.hosts, access.folders) == (("studio.lan",), (tmp_path,))


@pytest.fixture
def comfy(tmp_path: Path) -> Path:
    root = tmp_path / "ComfyUI"
    for folder in ("comfy", "models/checkpoints", "models/loras"):
        (root / folder).mkdir(parents=True)
    (root / "models" / "checkpoints" / "theirs.safetensors").touch()
    return root


def test_another_program_s_models_can_be_chosen(line: Any, served: dict[str, Any], comfy: Path) -> None:
    webui = comfy.parent / "webui"
    (webui / "models" / "Stable-diffusion").mkdir(parents=True)
    (webui / "models" / "Stable-diffusion" / "mine.ckpt").touch()

    assert line("--comfy-dir", comfy, "--webui-dir", webui).status == 0

    assert served["studio"].list_models() == ["demo", "mine.ckpt", "theirs.safetensors"]
    assert served["studio"].paths.lora_dirs[-1] == comfy / "models" / "loras"


def test_an_installation_is_offered_until_there_are_models(
    line: Any, served: dict[str, Any], comfy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = comfy_installation(comfy)
    monkeypatch.setattr(installations, "find_installations", lambda: [found])

    assert f'start with --comfy-dir "{comfy}"' in line().out
    assert "--comfy-dir" not in line("--comfy-dir", comfy).out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_page_with_130(line: Any, served: dict[str, Any], number: int) -> None:
    served["signal"] = number
    assert line("ui").status == 130


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--port", "0"), "from 1 to 65535"),
        (("--port", "http"), "'http'"),
        (("--auth", "ann"), "ann:secret"),
        (("--allow-dir", "gone-folder"), "there is no such folder"),
        (("--webui-dir", "gone-folder"), "there is no such folder; give the folder of a web UI"),
        (("--comfy-dir", "gone-folder"), "there is no such folder; give the folder of ComfyUI"),
        (("--prot", "80"), "did you mean --port?"),
    ],
    ids=str,
)
def test_bad_input_is_refused_in_one_line(
    line: Any, served: dict[str, Any], arguments: tuple[str, ...], words: str
) -> None:
    answer = line(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert words in answer.err
    assert len(answer.err.splitlines()) == 1
    assert served == {}
