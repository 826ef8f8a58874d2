"""Training on checkpoints in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from safetensors.torch import load_file, save_file

from traintab.embeddings.formats import read_embedding
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


@pytest.mark.long
def test_75_vectors_learn_on_an_sdxl_file(
    line: Any,
    pictures: Path,
    tiny_families: Any,
    original_layout: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tiny_families.folder("sdxl")
    monkeypatch.setattr(single_file, "TOKENIZER_DIR", folder / "tokenizer")
    file = original_layout.write_single_file(folder, tmp_path / "xl.safetensors")
    created = line("create", "cat", "--init-text", "girl", "--vectors", 75, "--model", file)
    assert created.status == 0, created.err
    untrained = read_embedding(line.data_dir / "embeddings" / "cat.safetensors").vectors
    quick = ("--save-every", 0, "--preview-every", 0, "--steps", 1, "--width", 64, "--height", 64)

    answer = line("train", "cat", "--data", pictures, "--model", file, *quick)

    assert answer.status == 0, answer.err
    trained = read_embedding(line.data_dir / "embeddings" / "cat.safetensors").vectors
    for encoder, before in untrained.items():
        assert before.shape[0] == 75
        assert bool((trained[encoder] != before).any(dim=1).all())


def test_the_vae_that_trains_is_told_and_kept(
    line: Any, pictures: Path, tiny_families: Any, tmp_path: Path
) -> None:
    folder = tiny_families.folder("sd1")
    own = load_file(folder / "vae" / "diffusion_pytorch_model.safetensors")
    save_file({name: tensor * 1.1 for name, tensor in own.items()}, tmp_path / "other.safetensors")
    assert line("create", "cat", "--init-text", "girl", "--model", folder).status == 0
    vae = ("--model", folder, "--vae", tmp_path / "other.safetensors", "--save-every", 0)
    train = ("train", "cat", "--data", pictures, *vae, "--preview-every", 0)

    usual = line(*train, "--steps", 1)
    wanted = line(*train, "--steps", 2, "--set", "train_with_selected_vae=true")

    assert (usual.status, wanted.status) == (0, 0), usual.err + wanted.err
    assert "encoded by the VAE of tiny-sd1; other.safetensors is for drawing alone" in usual.out + usual.err
    said = wanted.out + wanted.err
    assert "encoded by the selected VAE other.safetensors, which tiny-sd1 wasn't trained with" in said
    runs = line.data_dir.glob("textual_inversion/*/*/run.yaml")
    kept = [yaml.safe_load(run.read_text("utf-8"))["dataset"]["train_with_selected_vae"] for run in runs]
    assert sorted(kept) == [False, True]
