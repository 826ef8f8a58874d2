"""The first screen offers the models of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from traintab.hosts.standalone import StandaloneHost
from traintab.models.installations import Installation, comfy_installation
from traintab.paths import ModelFolders, Paths
from traintab.studio import Studio
from traintab.ui import installation_offer
from traintab.ui.installation_offer import InstallationOffer, use_installation
from traintab.ui.page import Page


@pytest.fixture
def comfy(tmp_path: Path) -> Installation:
    folder = tmp_path / "ComfyUI" / "models" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "theirs.safetensors").touch()
    return comfy_installation(tmp_path / "ComfyUI")


@pytest.fixture
def page(tmp_path: Path) -> Page:
    def load(spec: str, report: Any) -> Any:
        raise AssertionError("nothing is loaded here")

    return Page(studio=Studio(StandaloneHost(Paths.under(tmp_path / "data")), load=load))


def buttons(page: Page, build: Any) -> list[str]:
    def make() -> Any:
        with gr.Blocks() as app:
            InstallationOffer(page)
        return app

    components = build(make).get_config_file()["components"]
    return [c["props"]["value"] for c in components if c["type"] == "button"]


def test_their_models_can_be_chosen_at_once(page: Page, comfy: Installation) -> None:
    message, models = use_installation(page, comfy)

    assert f"1 model of {comfy.root} can be chosen" in message
    assert models["choices"] == ["demo", "theirs.safetensors"]


def test_an_installation_is_offered_until_it_is_used(
    page: Page, comfy: Installation, build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation_offer, "find_installations", lambda: [comfy])
    assert buttons(page, build) == [f"Use the models of ComfyUI in {comfy.root}"]

    use_installation(page, comfy)

    assert buttons(page, build) == []


def test_an_installation_without_models_is_not_offered(
    page: Page, comfy: Installation, build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = Installation(program="ComfyUI", root=comfy.root, folders=ModelFolders())
    monkeypatch.setattr(installation_offer, "find_installations", lambda: [empty])

    assert buttons(page, build) == []
