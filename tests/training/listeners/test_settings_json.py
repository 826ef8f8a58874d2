"""Settings under the web UI's names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from traintab.configs import TrainingConfig, replace_fields
from traintab.training.events import StepCompleted, TrainingStarted
from traintab.training.listeners.settings_json import SettingsJson
from traintab.training.record import RunRecord
from traintab.training.run_folder import new_run_folder
from traintab.training.state import TrainingState

Make = Callable[..., TrainingState]


def settings(tmp_path: Path, state: TrainingState, **fields: Any) -> dict[str, Any]:
    config = replace_fields(TrainingConfig(embedding_name="Kätzchen"), fields)
    record = RunRecord(
        config=config,
        folder=new_run_folder(tmp_path, "cat"),
        target=tmp_path / "cat.pt",
        model_name="m",
        model_hash="0123456789",
        num_images=5,
        start_step=7,
    )
    listener = SettingsJson(record)
    list(listener.hear(StepCompleted(step=1, epoch=1, loss=1.0, learning_rate=1.0), state))
    assert list(record.folder.path.glob("*.json")) == []
    started = TrainingStarted(step=0, total_steps=9, steps_per_epoch=3, num_images=5, run_dir=Path())
    list(listener.hear(started, state))
    (file,) = record.folder.path.glob("settings-*.json")
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def test_the_web_ui_s_keys_are_all_there(tmp_path: Path, make_state: Make) -> None:
    loaded = settings(tmp_path, make_state())
    assert list(loaded)[:22] == [
        "datetime",
        "model_name",
        "model_hash",
        "num_of_dataset_images",
        "num_vectors_per_token",
        "embedding_name",
        "learn_rate",
        "batch_size",
        "gradient_step",
        "data_root",
        "log_directory",
        "training_width",
        "training_height",
        "steps",
        "clip_grad_mode",
        "clip_grad_value",
        "latent_sampling_method",
        "create_image_every",
        "save_embedding_every",
        "save_image_with_stored_embedding",
        "template_file",
        "initial_step",
    ]
    assert (loaded["embedding_name"], loaded["initial_step"]) == ("Kätzchen", 7)
    assert "preview_prompt" not in loaded


def test_what_the_web_ui_forgets_is_there_too(tmp_path: Path, make_state: Make) -> None:
    loaded = settings(tmp_path, make_state(), shuffle_tags=True, tag_drop_out=0.25)
    assert (loaded["shuffle_tags"], loaded["tag_drop_out"], loaded["seed"]) == (True, 0.25, 0)


def test_a_preview_prompt_brings_the_previews_settings(tmp_path: Path, make_state: Make) -> None:
    loaded = settings(tmp_path, make_state(), preview_prompt="[name]", preview_sampler="Heun")
    assert loaded["preview_prompt"] == "[name]"
    assert loaded["preview_sampler_name"] == "Heun"
