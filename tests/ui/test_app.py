import socket
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import StateHolder

from traintab.configs import (
    CreateConfig,
    GenerationConfig,
    PreprocessConfig,
    SavingConfig,
    TrainingConfig,
    all_options,
)
from traintab.errors import InputError, WorkError
from traintab.ui.app import Access, _wanted, build_app, choose_port, guard_rules, serve
from traintab.ui.gradio_compat import launch_keywords

# The page chooses the model at the top, for all tabs.
NOT_A_FIELD = {"model"}


@pytest.fixture(scope="module")
def made_for(fake_studio: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The studio of the page; its fields are to start with the built-in defaults."""
    studio = fake_studio(tmp_path_factory.mktemp("data"))
    studio.remembered.remember("starting", {"start_with": "built-in"})
    studio.remembered.remember("train", {"steps": 77, "data_dir": "/pictures"})
    return studio


@pytest.fixture(scope="module")
def config(build: Any, made_for: Any) -> dict[str, Any]:
    """The page as gradio sends it to browsers."""
    return dict(build(lambda: build_app(made_for)).get_config_file())


@pytest.mark.usefixtures("config")
def test_fields_start_as_was_chosen_in_the_settings(made_for: Any) -> None:
    assert made_for.remembered.values("train") == {"data_dir": "/pictures"}


@pytest.fixture(scope="module")
def components(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The page's components by element id."""
    found = {}
    for component in config["components"]:
        elem_id = component["props"].get("elem_id")
        if elem_id:
            assert elem_id not in found, f"{elem_id} stands twice on the page"
            found[elem_id] = component
    return found


def test_the_log_stands_below_everything_that_follows_a_job(config: dict[str, Any]) -> None:
    elem_ids = {one["id"]: one["props"].get("elem_id") for one in config["components"]}

    def in_order(node: dict[str, Any]) -> list[str]:
        below = [one for child in node.get("children") or [] for one in in_order(child)]
        return [elem_ids.get(node["id"]) or "", *below]

    order = in_order(config["layout"])
    assert order.index("ti_loss") < order.index("ti_compare") < order.index("ti_log_fold")
    assert order.index("ti_log_fold") + 1 == order.index("ti_log")


def test_no_field_is_called_by_what_gradio_calls_its_kind(config: dict[str, Any]) -> None:
    kinds = ("checkbox", "dropdown", "number", "radio", "slider", "textbox")
    fields = [one["props"] for one in config["components"] if one["type"] in kinds]
    unnamed = [one for one in fields if one["show_label"] and one["visible"] and not one["label"]]
    assert len(fields) > 100 and unnamed == []


@pytest.mark.parametrize(
    "config_type", [CreateConfig, PreprocessConfig, TrainingConfig, GenerationConfig, SavingConfig]
)
def test_every_option_stands_on_the_page_once(components: dict[str, Any], config_type: type) -> None:
    for name, declared in all_options(config_type).items():
        if name not in NOT_A_FIELD:
            assert components[declared.elem_id or f"traintab_{name}"]["props"]["label"] == declared.label


@pytest.mark.parametrize(
    "elem_id",
    [
        "train_tabs",
        "create_embedding",
        "preprocess_images",
        "train",
        "train_create_embedding",
        "refresh_train_embedding_name",
        "train_run_preprocess",
        "train_train_embedding",
        "train_interrupt_training",
        "train_new_embedding_name",
        "train_initialization_text",
        "train_nvpt",
        "train_overwrite_old_embedding",
        "train_embedding",
        "train_embedding_learn_rate",
        "train_dataset_directory",
        "train_template_file",
        "train_steps",
        "train_create_image_every",
        "train_save_embedding_every",
        "train_preview_from_txt2img",
        "ti_gallery_container",
        "ti_output",
        "ti_gallery",
        "ti_progress",
        "setting_sd_model_checkpoint",
        "refresh_sd_model_checkpoint",
        "txt2img_generate",
        "txt2img_interrupt",
        "txt2img_skip",
        "txt2img_token_counter",
        "txt2img_negative_token_counter",
        "txt2img_random_seed",
        "txt2img_reuse_seed",
        "txt2img_gallery",
        "html_info_txt2img",
        "paste",
        "img2img_prompt",
        "img2img_neg_prompt",
        "img2img_generate",
        "img2img_steps",
        "img2img_denoising_strength",
        "img2img_gallery",
        "html_info_img2img",
        "pnginfo_image",
    ],
)
def test_the_element_ids_of_the_web_ui_are_there(components: dict[str, Any], elem_id: str) -> None:
    assert elem_id in components


def test_no_event_has_two_listeners_that_want_the_latest(config: dict[str, Any]) -> None:
    """In gradio 6 what waited for the one repeats the event for both, and so they would go on for ever."""
    eager: dict[tuple[object, str], list[int]] = {}
    for each in config["dependencies"]:
        for target, event in each["targets"]:
            if each["trigger_mode"] == "always_last" and each["backend_fn"]:
                eager.setdefault((target, event), []).append(each["id"])
    assert [listeners for listeners in eager.values() if len(listeners) > 1] == []


def test_the_documented_endpoints_alone_are_public(config: dict[str, Any]) -> None:
    public = {each["api_name"] for each in config["dependencies"] if each["api_visibility"] == "public"}
    contract = {"create_embedding", "preprocess", "train", "train_status", "interrupt", "resume", "queue"}
    assert public == contract | {"txt2img", "img2img", "list_embeddings", "sample_now", "save_now"}
    told = {each["api_name"]: each["api_description"] for each in config["dependencies"]}
    assert all(told[name] for name in public)


def test_a_port_is_found_and_a_taken_one_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} is taken"):
            choose_port("127.0.0.1", port)
    assert choose_port("127.0.0.1", port) == port
    assert 7860 <= choose_port("127.0.0.1", None) < 7960


def test_pages_of_long_ago_cost_no_memory(build: Any, studio: Any) -> None:
    wanted = _wanted(guard_rules("127.0.0.1", Access(), studio.paths), Access(), studio.paths)
    sessions = StateHolder()
    page = build(gr.Blocks)
    page.state_session_capacity = launch_keywords({}, **wanted)["state_session_capacity"]
    sessions.set_blocks(page)
    for visitor in range(200):
        assert sessions[str(visitor)] is not None
    assert len(sessions.session_data) <= 50


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_tools_are_not_offered_where_a_password_is_asked_for(made_for: Any, host: str) -> None:
    with pytest.raises(InputError, match="leave out --mcp"):
        serve(made_for, host=host, port=0, access=Access(auth=("ann", "secret"), mcp=True))


def test_standard_output_is_left_to_the_program(
    made_for: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Talkative:
        share_url = None

        def queue(self) -> Any:
            return self

        def launch(self, **_: Any) -> None:
            print("Could not create share link.")

        def close(self) -> None:
            print("Closing server.")

    monkeypatch.setattr("traintab.ui.app.build_app", lambda _: Talkative())
    monkeypatch.chdir(".")
    monkeypatch.setattr(made_for, "close", lambda _: None, raising=False)
    with pytest.raises(WorkError, match="leave --share out"):
        serve(made_for, access=Access(auth=("ann", "secret"), share=True))
    said = capsys.readouterr()
    assert said.out == "" and "share link" in said.err and "Closing" in said.err
