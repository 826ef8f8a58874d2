"""Parts of a diffusers folder, read tensor by tensor."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from traintab.models.diffusers_adapter import load_unet, load_vae
from traintab.models.folder_weights import read_text_encoder, read_unet, read_vae, safetensors_of
from traintab.models.loading import load_model
from traintab.models.transformers_adapter import load_text_encoder
from traintab.paths import Paths

NAME = "diffusion_pytorch_model"


def same(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    ours, theirs = first.state_dict(), second.state_dict()
    return set(ours) == set(theirs) and all(
        ours[name].dtype == theirs[name].dtype and torch.equal(ours[name], theirs[name]) for name in theirs
    )


@pytest.fixture
def copy(tiny_model_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model_dir, tmp_path / "copy"))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_unet_and_vae_are_those_that_diffusers_loads(tiny_model_dir: Path, dtype: torch.dtype) -> None:
    for part, read, load in (("unet", read_unet, load_unet), ("vae", read_vae, load_vae)):
        folder = tiny_model_dir / part
        ours = read(folder, safetensors_of(folder, None), dtype)
        theirs = load(str(tiny_model_dir), dtype=dtype, local_files_only=True)
        assert same(ours, theirs)
        theirs_too = {key: value for key, value in theirs.config.items() if key != "_name_or_path"}
        assert {key: ours.config[key] for key in theirs_too} == theirs_too


def test_the_text_encoder_is_the_one_that_transformers_loads(tiny_model_dir: Path) -> None:
    folder = tiny_model_dir / "text_encoder"
    files = safetensors_of(folder, None)
    ours = read_text_encoder(folder, files, torch.float32, with_projection=False)
    theirs = load_text_encoder(
        str(tiny_model_dir), "text_encoder", dtype=torch.float32, local_files_only=True
    )
    assert same(ours, theirs)
    ids = torch.arange(77)[None] % 50
    assert torch.equal(ours(ids).last_hidden_state, theirs(ids).last_hidden_state)


def test_a_text_encoder_is_found_whichever_version_named_its_weights(copy: Path) -> None:
    folder = copy / "text_encoder"
    file = folder / "model.safetensors"
    plain = {name.removeprefix("text_model."): tensor for name, tensor in load_file(file).items()}
    expected = read_text_encoder(folder, [file], torch.float32, with_projection=False)
    for prefix in ("", "text_model."):
        save_file({prefix + name: tensor for name, tensor in plain.items()}, file)
        found = read_text_encoder(folder, [file], torch.float32, with_projection=False)
        assert same(found, expected)


def test_a_unet_in_several_files_is_read_from_all(copy: Path) -> None:
    folder = copy / "unet"
    whole = folder / f"{NAME}.safetensors"
    expected = read_unet(folder, [whole], torch.float32)
    tensors = load_file(whole)
    names = sorted(tensors)
    placed = {name: f"{NAME}-{number % 2}.safetensors" for number, name in enumerate(names)}
    for shard in set(placed.values()):
        save_file({name: tensors[name] for name in names if placed[name] == shard}, folder / shard)
    whole.unlink()
    index = {"weight_map": placed}
    (folder / f"{NAME}.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    files = safetensors_of(folder, None)
    assert [file.name for file in files] == [f"{NAME}-0.safetensors", f"{NAME}-1.safetensors"]
    assert same(read_unet(folder, files, torch.float32), expected)


def test_a_part_that_is_pickled_is_left_to_diffusers(copy: Path) -> None:
    folder = copy / "vae"
    whole = folder / f"{NAME}.safetensors"
    tensors = load_file(whole)
    whole.unlink()
    torch.save(tensors, folder / f"{NAME}.bin")
    assert safetensors_of(folder, None) == []
    vae = load_model(str(copy), Paths.under(copy.parent), device="cpu").vae
    assert all(torch.equal(weight, tensors[name]) for name, weight in vae.state_dict().items())
