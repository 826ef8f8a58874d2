"""Training on checkpoints in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from traintab.models import single_file


def test_a_single_file_is_trained_on_and_run_yaml_names_it_and_its_vae_by_full_paths(
    line: Any,
    pictures: Path,
    tiny_families: Any,
    original_layout: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tiny_families.folder("sd1")
    monkeypatch.setattr(single_file, "TOKENIZER_DIR", folder / "tokenizer")
    original_layout.write_single_file(folder, tmp_path / "mine.ckpt")
    vae = folder / "vae" / "diffusion_pytorch_model.safetensors"
    (tmp_path / "own.safetensors").write_bytes(vae.read_bytes())
    monkeypatch.chdir(tmp_path)
    quick = ("--save-every", 0, "--preview-every", 0, "--steps", 2, "--width", 64, "--height", 64)
    assert line("create", "cat", "--init-text", "girl", "--model", "mine.ckpt").status == 0

    answer = line(
        "train", "cat", "--data", pictures, "--model", "mine.ckpt", "--vae", "own.safetensors", *quick
    )

    assert answer.status == 0, answer.err
    (run,) = line.data_dir.glob("textual_inversion/*/cat/run.yaml")
    told = yaml.safe_load(run.read_text(encoding="utf-8"))
    assert told["model"] == str(tmp_path / "mine.ckpt")
    assert told["loading"]["vae"] == str(tmp_path / "own.safetensors")
