"""What is shown as command and YAML is what the button runs."""

from __future__ import annotations

import dataclasses
import html
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from traintab.cli import _parse
from traintab.commands.train import config_of
from traintab.configs import TrainingConfig, all_options, from_yaml
from traintab.paths import ModelFolders, Paths
from traintab.training_job import with_loading
from traintab.ui.page import Page
from traintab.ui.shown_run import run_asked_for, shown_html
from traintab.ui.train_panel import train

DEFAULTS = {name: option.default for name, option in all_options(TrainingConfig).items()}
FIELDS = {
    **DEFAULTS,
    "embedding_name": "mira",
    "data_dir": "my pictures",
    "width": "448",
    "preview_prompts": "a [name]\nb",
}


def shown(page: Page, values: dict[str, Any]) -> tuple[str, str]:
    """The texts of command and run.yaml."""
    command, yaml = re.findall(r"<pre[^>]*>(.*?)</pre>", shown_html(page, values), re.DOTALL)
    return html.unescape(command), html.unescape(yaml)


def test_command_and_yaml_come_to_what_the_button_hands_to_the_studio(page: Page, studio: Any) -> None:
    page.remembered.remember("loading", {"prediction_type": "v_prediction"})
    command, yaml = shown(page, FIELDS)
    train(page, FIELDS)
    ((_, handed_over),) = studio.calls
    loading = dataclasses.replace(handed_over.loading, prediction_type="v_prediction")
    runs = with_loading(handed_over, loading, resume=False)
    assert runs.loading.prediction_type == "v_prediction" and runs.dataset.width == 448
    assert from_yaml(TrainingConfig, yaml) == runs == run_asked_for(page, FIELDS)
    arguments = _parse(shlex.split(command)[2:])
    assert config_of(arguments, studio.paths) == runs
    assert arguments.data_dir == studio.paths.data_dir


@pytest.mark.parametrize(
    ("values", "words"), [({"embedding_name": ""}, "Embedding is empty"), ({"steps": -5}, "Max steps is -5")]
)
def test_what_the_button_would_refuse_is_told_in_its_words(
    page: Page, values: dict[str, Any], words: str
) -> None:
    text = shown_html(page, {**FIELDS, **values})
    assert words in text and "<pre" not in text


def test_what_was_typed_is_text(page: Page) -> None:
    assert "<script>" not in shown_html(page, {**FIELDS, "comment": "<script>", "embedding_name": "<script>"})


def test_a_model_of_another_program_is_named_by_its_path(page: Page, studio: Any, tmp_path: Path) -> None:
    borrowed = tmp_path / "webui"
    borrowed.mkdir()
    (borrowed / "anime.safetensors").write_bytes(b"")
    folders = (ModelFolders(checkpoints=(borrowed,)),)
    studio.paths = dataclasses.replace(Paths.under(tmp_path / "data"), borrowed=folders)
    studio.model_status = dataclasses.replace(studio.model_status, spec="anime.safetensors")
    command, yaml = shown(page, FIELDS)
    assert f"--model {borrowed / 'anime.safetensors'}" in command
    assert "model: anime.safetensors" in yaml


def test_a_vae_of_another_program_is_named_by_its_path(page: Page, studio: Any, tmp_path: Path) -> None:
    (tmp_path / "webui").mkdir()
    for name in ("webui/theirs.pt", "data/models/VAE/mine.pt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    folders = (ModelFolders(vaes=(tmp_path / "webui",)),)
    studio.paths = dataclasses.replace(Paths.under(tmp_path / "data"), borrowed=folders)
    page.remembered.remember("loading", {"vae": "theirs.pt"})
    assert f"--vae {tmp_path / 'webui' / 'theirs.pt'}" in shown(page, FIELDS)[0]
    page.remembered.remember("loading", {"vae": "mine.pt"})
    assert "--vae mine.pt" in shown(page, FIELDS)[0]
