from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from PIL import Image

from traintab.errors import BusyError
from traintab.ui.api import Endpoints, add_endpoints, answered

NAMES = {
    "create_embedding",
    "preprocess",
    "train",
    "train_status",
    "interrupt",
    "resume",
    "queue",
    "sample_now",
    "save_now",
    "txt2img",
    "img2img",
    "list_embeddings",
}


def ask(studio: Any, name: str, request: Any = None) -> Any:
    return answered(getattr(Endpoints(studio), name))(request)


def test_the_endpoints_are_those_of_the_contract(studio: Any, build: Any) -> None:
    def make() -> Any:
        with gr.Blocks() as app:
            add_endpoints(studio)
        return app

    app = build(make)
    assert {name.strip("/") for name in app.get_api_info()["named_endpoints"]} == NAMES


def test_the_view_of_the_api_shows_requests_that_can_be_sent(studio: Any, build: Any, tmp_path: Path) -> None:
    def make() -> Any:
        with gr.Blocks() as app:
            add_endpoints(studio)
        return app

    shown = build(make).get_api_info()["named_endpoints"]
    examples = {name.strip("/"): one["parameters"][0] for name, one in shown.items()}
    assert examples["txt2img"]["example_input"] == {"prompt": "a photo of mira", "seed": 1}
    assert (
        not examples["train"]["parameter_has_default"] and examples["train_status"]["parameter_has_default"]
    )
    Image.new("RGB", (8, 8)).save(tmp_path / "mira.png")
    for name in ("create_embedding", "preprocess", "train", "train_status", "txt2img", "img2img"):
        request = dict(examples[name]["example_input"])
        answer = ask(
            studio, name, {**request, "image": str(tmp_path / "mira.png")} if "image" in request else request
        )
        assert "error" not in str(answer), name


def test_tools_of_language_models_are_told_a_valid_schema_of_every_request(studio: Any, build: Any) -> None:
    def make() -> Any:
        with gr.Blocks() as app:
            add_endpoints(studio)
        return app

    shown = build(make).get_api_info()["named_endpoints"]
    schemas = {name.strip("/"): one["parameters"][0]["type"] for name, one in shown.items()}
    types = {"string", "integer", "number", "boolean"}
    for name, schema in schemas.items():
        assert schema["type"] == "object", name
        assert {field["type"] for field in schema["properties"].values()} <= types, name
    fields = schemas["train"]["properties"]
    assert fields["steps"] == {"type": "integer", "minimum": 1, "maximum": 10_000_000}
    assert fields["latent_sampling_method"]["enum"] == ["once", "deterministic", "random"]
    assert {"image", "prompt", "seed"} <= set(schemas["img2img"]["properties"])
    assert "from_step" in schemas["resume"]["properties"] and "add" in str(schemas["queue"])


def test_train_takes_the_fields_of_run_yaml_nested_or_flat(studio: Any) -> None:
    flat = ask(studio, "train", {"embedding_name": "mira", "data_dir": "in", "steps": 5})
    nested = {"embedding_name": "mira", "dataset": {"data_dir": "in"}, "optimization": {"steps": 5}}
    assert ask(studio, "train", nested) == flat
    first, second = (config for _, config in studio.calls)
    assert first == second and first.optimization.steps == 5 and first.model == "demo"
    assert (flat["event"], flat["status"]) == ("training_started", "running")


def test_an_unknown_field_is_refused_with_the_nearest_one(studio: Any) -> None:
    answer = ask(studio, "train", {"embedding_name": "mira", "data_dir": "in", "stepz": 5})
    assert answer["event"] == "error" and "steps" in answer["message"] and studio.calls == []


@pytest.mark.parametrize("request_value", [[1, 2], "text", 5])
def test_a_request_that_is_no_object_is_refused(studio: Any, request_value: Any) -> None:
    assert "one JSON object" in ask(studio, "train", request_value)["message"]


def test_an_error_is_answered_with_its_sentence(studio: Any) -> None:
    studio.error = BusyError("Training of ben is running at step 3 of 9.")
    answer = ask(studio, "train", {"embedding_name": "mira", "data_dir": "in"})
    assert answer == {"event": "error", "message": "Training of ben is running at step 3 of 9."}


def test_created_embeddings_are_answered_as_rows(studio: Any) -> None:
    assert ask(studio, "create_embedding", {"name": "zoe"}) == {"name": "zoe", "status": "ok"}
    assert [row["name"] for row in ask(studio, "list_embeddings")] == ["ben", "mira", "zoe"]


def test_the_other_jobs_answer_with_the_job(studio: Any) -> None:
    assert ask(studio, "train_status")["status"] == "idle"
    assert ask(studio, "interrupt")["status"] == "running"
    assert ask(studio, "resume", {"embedding_name": "mira"})["status"] == "running"
    assert ask(studio, "preprocess", {"source": "in", "destination": "out"})["status"] == "running"
    assert [name for name, _ in studio.calls] == ["interrupt", "resume", "preprocess"]


def test_pictures_are_answered_with_path_seed_and_infotext(studio: Any) -> None:
    (answer,) = ask(studio, "txt2img", {"prompt": "mira", "seed": 7})
    assert answer == {"path": "7.png", "seed": 7, "infotext": "mira <b>"}


def test_a_picture_is_drawn_over_by_its_path_and_the_same_settings(studio: Any, tmp_path: Path) -> None:
    Image.new("RGB", (16, 8)).save(tmp_path / "photo.png")
    request = {"image": str(tmp_path / "photo.png"), "prompt": "mira", "denoising_strength": 0.5}
    (answer,) = ask(studio, "img2img", request)
    ((_, (config, size)),) = studio.calls
    assert answer == {"path": "img2img/8.png", "seed": 8, "infotext": "mira"}
    assert (config.prompt, config.denoising_strength, size) == ("mira", 0.5, (16, 8))


def test_without_a_picture_to_draw_over_nothing_is_drawn(studio: Any) -> None:
    assert "image is missing" in ask(studio, "img2img", {"prompt": "mira"})["message"]
    assert studio.calls == []
