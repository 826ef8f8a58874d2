"""What a web UI gets of the script in `scripts/`: tab, settings, routes; and a sentence when it can't."""

from __future__ import annotations

import asyncio
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from traintab import registration
from traintab.paths import REPOSITORY_DIR

SCRIPT = REPOSITORY_DIR / "scripts" / "traintab_tab.py"
HOST = """
import sys
sys.path.insert(0, {root!r})
import {imported}
host_modules = set(sys.modules["modules"].__path__)
import runpy
runpy.run_path({script!r})
from modules import script_callbacks, shared
assert set(script_callbacks.CALLED) == {{"on_ui_tabs", "on_ui_settings", "on_app_started"}}
script_callbacks.CALLED["on_ui_settings"]()
print(*sorted(shared.opts.data_labels))
import modules.late
assert modules.late.WHOSE == "the host"
assert set(sys.modules["modules"].__path__) == host_modules
assert not set(sys.modules) & {{"torch", "gradio", "diffusers", "transformers"}}
"""
SHARED = """
class Opts:
    data = {}
    data_labels = {"save_optimizer_state": None}
    def add_option(self, key, info): self.data_labels[key] = info
class OptionInfo:
    def __init__(self, default, label, section): self.default = default
opts, cmd_opts, state = Opts(), object(), None
"""
CALLBACKS = """
CALLED = {}
def on_ui_tabs(callback): CALLED["on_ui_tabs"] = callback
def on_ui_settings(callback): CALLED["on_ui_settings"] = callback
def on_app_started(callback): CALLED["on_app_started"] = callback
"""


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """The host and the studio that were made for a test are not those of the next one."""
    yield
    if registration._studio.cache_info().currsize:
        registration._studio().close(20)
    registration._studio.cache_clear()
    registration._host.cache_clear()


def build(make: Callable[[], Any]) -> Any:
    """Call what makes a `gr.Blocks`: without a running event loop gradio leaves one open."""

    async def inside() -> Any:
        return make()

    return asyncio.run(inside())


def test_the_tab_has_the_hosts_label_and_an_id_of_its_own(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import traintab.ui.host_page as host_page

    monkeypatch.setattr(host_page, "build_host_tab", lambda studio: studio)
    runpy.run_path(str(SCRIPT))
    ((page, label, tab_id),) = host.tabs[0]()
    assert (label, tab_id) == (host.label, "traintab")
    assert page.paths.embeddings_dir == host.embeddings_dir


def test_reload_ui_keeps_the_studio_and_what_runs_in_it(enter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import traintab.ui.host_page as host_page

    host = enter("forge")
    monkeypatch.setattr(host_page, "build_host_tab", lambda studio: studio)
    for _ in range(2):
        runpy.run_path(str(SCRIPT))
    first, second = (build()[0][0] for build in host.tabs)
    assert first is second


def test_the_tab_is_built(enter: Any) -> None:
    import gradio

    host = enter("a1111")
    runpy.run_path(str(SCRIPT))
    ((page, label, _tab_id),) = build(host.tabs[0])
    assert isinstance(page, gradio.Blocks) and label == "Train Tab"
    labels = {getattr(block, "label", "") for block in page.blocks.values()}
    assert "Embedding Learning rate" in labels and "Sampling steps" not in labels


def test_what_goes_wrong_becomes_a_line_in_the_log_and_a_tab_that_tells_it(
    enter: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import gradio

    def lacking() -> None:
        raise ModuleNotFoundError("No module named 'diffusers'")

    host = enter("sdnext")
    monkeypatch.setattr(registration, "train_tab", lacking)
    runpy.run_path(str(SCRIPT))
    ((page, label, tab_id),) = build(host.tabs[0])
    assert isinstance(page, gradio.Blocks) and (label, tab_id) == ("Train Tab", "traintab")
    text = next(block.value for block in page.blocks.values() if isinstance(block, gradio.Markdown))
    assert "No module named 'diffusers'" in text and "Traceback" in text
    sentence = "Train Tab could not start (ModuleNotFoundError: No module named 'diffusers')."
    assert capsys.readouterr().err.splitlines() == [sentence]


def test_settings_that_the_host_has_are_not_added_again_and_ours_stand_in_a_section(
    enter: Any,
) -> None:
    host = enter("forge")
    shared = host.modules["shared"]
    its_own = shared.OptionInfo(False, "Saves Optimizer state as separate *.optim file.")
    shared.opts.add_option("save_optimizer_state", its_own)
    runpy.run_path(str(SCRIPT))
    host.sections[0]()
    labels = shared.opts.data_labels
    assert labels["save_optimizer_state"] is its_own
    added = {key: info for key, info in labels.items() if info is not its_own}
    assert {info.section for info in added.values()} == {("traintab", "Train Tab")}
    assert {"training_write_csv_every", "traintab_log_dir"} <= set(added)


@pytest.mark.parametrize("is_package", [True, False], ids=["a package, as in SD.Next", "a namespace"])
def test_the_script_runs_beside_a_host_that_owns_the_name_modules(tmp_path: Path, is_package: bool) -> None:
    folder = tmp_path / "modules"
    folder.mkdir()
    sources = {
        **dict.fromkeys(("sd_models", "call_queue", "devices"), "queue_lock = None"),
        "paths": f"data_path = {str(tmp_path)!r}\nmodels_path = {str(tmp_path / 'models')!r}",
        "late": "WHOSE = 'the host'",
        "shared": SHARED,
        "script_callbacks": CALLBACKS,
    }
    sources["sd_models"] = "model_path = 'models'"
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    if is_package:
        (folder / "__init__.py").write_text("")
    imported = "modules.script_callbacks, modules.shared"
    program = HOST.format(root=str(tmp_path), script=str(SCRIPT), imported=imported)
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "traintab_log_dir" in done.stdout.split()


def test_the_routes_ask_for_the_hosts_own_password(enter: Any) -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    host, app = enter("a1111"), FastAPI()
    host.modules["shared"].cmd_opts.has("read: modules/cmd_args.py", api_auth="ann:secret")
    runpy.run_path(str(SCRIPT))
    host.started[0](None, app)
    client = TestClient(app)
    assert client.get("/traintab/v1/status").status_code == 401
    assert client.get("/traintab/v1/status", auth=("ann", "secret")).json()["status"] == "idle"
    listed = client.post("/traintab/v1/list_embeddings", auth=("ann", "secret"))
    assert (listed.status_code, listed.json()) == (200, [])
