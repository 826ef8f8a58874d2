"""The tab is built, and asked over HTTP, under each gradio that web UIs have."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .environments import VERSIONS, python_with

HOST = Path(__file__).parent / "bare_host.py"
NEEDED = {
    *("train_new_embedding_name", "train_create_embedding", "preprocess_source", "preprocess_add_pictures"),
    *("train_run_preprocess", "train_embedding", "train_train_embedding", "train_interrupt_training"),
    "train_resume_training",
    *("ti_progress", "ti_loss", "ti_gallery", "ti_grid_start", "runs_list", "captions_folder", "train_queue"),
}
OF_THE_WEB_UI = {"txt2img_generate", "img2img_generate", "traintab_picker", "tab_settings", "tab_embeddings"}


def built(version: str, data_dir: Path) -> dict[str, Any]:
    command = [str(python_with(version)), str(HOST), str(data_dir)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=500, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.long
@pytest.mark.parametrize("version", VERSIONS)
def test_the_tab_is_built_with_all_its_parts_and_none_of_the_web_uis(version: str, tmp_path: Path) -> None:
    told = built(version, tmp_path)
    assert told["gradio"] == version
    assert set(told["ids"]) >= NEEDED
    assert not set(told["ids"]) & OF_THE_WEB_UI
    assert told["public"] == [], "a web UI's own endpoints have these names"
    if version.startswith("3."):
        assert told["queued"] == [], "its queue loses presses of a busy page without a word"
