"""The tab for web UIs: the panels of the page, and nothing that a web UI has itself."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from traintab.ui.host_page import build_host_tab

OF_THE_WEB_UI = {"txt2img_generate", "img2img_generate", "traintab_picker", "tab_settings", "tab_embeddings"}


@pytest.fixture(scope="module")
def config(build: Any, fake_studio: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    studio = fake_studio(tmp_path_factory.mktemp("data"))

    def host() -> Any:
        tab = build_host_tab(studio)
        with gr.Blocks() as page, gr.Tabs(), gr.Tab("Train", elem_id="tab_traintab"):
            tab.render()
        return page

    return dict(build(host).get_config_file())


def test_every_panel_is_there_once_and_nothing_of_the_web_uis_own(config: dict[str, Any]) -> None:
    ids = [one["props"].get("elem_id") for one in config["components"]]
    named = [elem_id for elem_id in ids if elem_id]
    assert len(named) == len(set(named))
    assert {"create_embedding", "preprocess_images", "train", "past_runs", "ti_progress"} <= set(named)
    assert not OF_THE_WEB_UI & set(named)


def test_no_event_is_public_because_web_uis_have_endpoints_of_these_names(config: dict[str, Any]) -> None:
    assert {one["api_visibility"] for one in config["dependencies"]} == {"private"}


def test_the_tab_brings_its_own_styles_and_looks_when_the_web_ui_is_opened(config: dict[str, Any]) -> None:
    (style,) = [
        one["props"]["value"]
        for one in config["components"]
        if str(one["props"].get("value", "")).startswith("<style>")
    ]
    assert "#tab_traintab" in style and "<script" not in style
    events = [kind for one in config["dependencies"] for _, kind in one["targets"]]
    assert "load" in events and "tick" in events


def test_reading_and_using_txt2img_are_the_web_uis_own_script(config: dict[str, Any]) -> None:
    scripts = [one["js"] for one in config["dependencies"] if one["js"]]
    assert any("trainTabHost.read" in script for script in scripts)
    assert any("trainTabHost.use" in script for script in scripts)
