from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from traintab.models.discovery import Checkpoint
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.models.weights import check_text_files, half_variant, missing_file, unet_weights
from traintab.paths import Paths


def folder_checkpoint(folder: Path) -> Checkpoint:
    return Checkpoint(name=folder.name, path=folder, kind="folder")


def test_a_whole_folder_lacks_nothing(tiny_model_dir: Path) -> None:
    assert missing_file(tiny_model_dir) is None


def test_old_bin_weights_count_as_weights(tiny_model_dir: Path, tmp_path: Path) -> None:
    for part in ("tokenizer", "text_encoder", "vae", "unet", "scheduler"):
        (tmp_path / part).mkdir()
        for file in (tiny_model_dir / part).iterdir():
            name = file.name.replace("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin")
            (tmp_path / part / name.replace("model.safetensors", "pytorch_model.bin")).touch()

    assert missing_file(tmp_path) is None


def test_safetensors_come_before_bin(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    for suffix in ("bin", "safetensors"):
        (tmp_path / "unet" / f"diffusion_pytorch_model.{suffix}").touch()

    assert [f.suffix for f in unet_weights(folder_checkpoint(tmp_path))] == [".safetensors"]


def test_weights_in_pieces_are_all_hashed_in_order(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    index = {"weight_map": {"a": "part-2.safetensors", "b": "part-1.safetensors", "c": "part-2.safetensors"}}
    file = tmp_path / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    file.write_text(json.dumps(index), encoding="utf-8")

    names = [f.name for f in unet_weights(folder_checkpoint(tmp_path))]

    assert names == ["part-1.safetensors", "part-2.safetensors"]


def test_weights_of_a_hub_model_lie_in_the_hub_s_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    cached = tmp_path / "diffusion_pytorch_model.safetensors"
    asked = []

    def find(repository: str, name: str) -> str:
        asked.append((repository, name))
        return str(cached)

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", find)

    assert unet_weights(Checkpoint(name="owner/name", path=None, kind="hub")) == [cached]
    assert asked == [("owner/name", "unet/diffusion_pytorch_model.safetensors")]


def test_a_folder_without_weights_has_none(tmp_path: Path) -> None:
    assert unet_weights(folder_checkpoint(tmp_path)) == []


def test_a_broken_json_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")

    with pytest.raises(ValueError, match=r"config\.json is no valid JSON"):
        check_text_files(tmp_path)


def test_merges_that_are_cut_off_are_told_by_their_line(tmp_path: Path) -> None:
    (tmp_path / "merges.txt").write_text("#version: 0.2\na b\nab\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"merges\.txt has no two parts in line 3"):
        check_text_files(tmp_path)


def test_whole_text_files_pass(tiny_model_dir: Path) -> None:
    for part in ("tokenizer", "unet", "scheduler"):
        check_text_files(tiny_model_dir / part)


def test_a_single_file_is_hashed_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"

    assert unet_weights(Checkpoint(name="model.safetensors", path=file, kind="file")) == [file]


@pytest.fixture
def half_folder(tiny_model_dir: Path, tmp_path: Path) -> Path:
    """A model downloaded in its half-precision variant alone, as most SDXL models are."""
    folder = Path(shutil.copytree(tiny_model_dir, tmp_path / "half"))
    for part in ("text_encoder", "unet", "vae"):
        (file,) = (folder / part).glob("*.safetensors")
        halves = {name: tensor.half() for name, tensor in load_file(file).items()}
        save_file(halves, file.with_suffix(".fp16.safetensors"), metadata={"format": "pt"})
        file.unlink()
    return folder


def test_a_folder_in_half_precision_alone_is_whole(half_folder: Path, tiny_model_dir: Path) -> None:
    assert missing_file(half_folder) is None
    assert [half_variant(half_folder, part) for part in ("unet", "vae", "text_encoder")] == ["fp16"] * 3
    assert half_variant(tiny_model_dir, "unet") is None


def test_it_is_hashed_and_loaded(half_folder: Path, tiny_model: Model) -> None:
    model = load_model(str(half_folder), Paths.under(half_folder.parent), device="cpu")

    (file,) = (half_folder / "unet").glob("*.safetensors")
    assert model.checkpoint_hash == hashlib.sha256(file.read_bytes()).hexdigest()[:10]
    for mine, original in ((model.unet, tiny_model.unet), (model.vae, tiny_model.vae)):
        expected = original.state_dict()
        assert all(torch.equal(t, expected[name].half().float()) for name, t in mine.state_dict().items())


def test_the_full_weights_come_before_the_half_ones(half_folder: Path) -> None:
    (half,) = (half_folder / "unet").glob("*.safetensors")
    full = shutil.copy(half, half.with_name("diffusion_pytorch_model.safetensors"))

    assert half_variant(half_folder, "unet") is None
    assert unet_weights(folder_checkpoint(half_folder)) == [Path(full)]
