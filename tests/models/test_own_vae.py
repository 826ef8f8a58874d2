"""A checkpoint's own VAE can be had while another one stands in for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from traintab.configs import LoadingConfig
from traintab.errors import ModelError
from traintab.models import single_file
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths


@pytest.fixture
def other_vae(tiny_families: Any, tmp_path: Path) -> Path:
    """A VAE of other numbers in a file of its own."""
    own = load_file(tiny_families.folder("sd1") / "vae" / "diffusion_pytorch_model.safetensors")
    save_file({name: tensor * 1.1 for name, tensor in own.items()}, tmp_path / "other.safetensors")
    return tmp_path / "other.safetensors"


def loaded(spec: Path, vae: Path | str) -> Model:
    choices = LoadingConfig(vae=str(vae))
    return load_model(str(spec), Paths.under(spec.parent), device="cpu", choices=choices)


def single(tiny_families: Any, original_layout: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tiny_families.folder("sd1")
    monkeypatch.setattr(single_file, "TOKENIZER_DIR", folder / "tokenizer")
    path: Path = original_layout.write_single_file(folder, file)
    return path


def weights(vae: Any) -> torch.Tensor:
    return torch.cat([tensor.flatten() for _name, tensor in sorted(vae.state_dict().items())])


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_it_is_what_the_checkpoint_has(
    tiny_families: Any,
    original_layout: Any,
    other_vae: Path,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = tiny_families.folder("sd1")
    if kind == "file":
        spec = single(tiny_families, original_layout, tmp_path / "mine.safetensors", monkeypatch)

    model = loaded(spec, other_vae)

    assert model.load_own_vae is not None
    own = model.load_own_vae()
    assert own is not None
    assert torch.equal(weights(own), weights(tiny_families.model("sd1").vae))
    assert not torch.equal(weights(own), weights(model.vae))
    assert not any(parameter.requires_grad for parameter in own.parameters())
    assert model.scaling_factor == float(own.config["scaling_factor"])


def test_a_model_with_its_own_vae_has_no_second_one(tiny_families: Any) -> None:
    assert tiny_families.model("sd1").load_own_vae is None


def test_a_file_without_a_vae_says_so(
    tiny_families: Any,
    original_layout: Any,
    other_vae: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = single(tiny_families, original_layout, tmp_path / "mine.safetensors", monkeypatch)
    kept = {name: tensor for name, tensor in load_file(whole).items() if not name.startswith("first_stage")}
    save_file(kept, tmp_path / "pruned.safetensors")

    model = loaded(tmp_path / "pruned.safetensors", other_vae)

    assert model.load_own_vae is not None and model.load_own_vae() is None


def test_one_that_has_gone_meanwhile_is_told(
    tiny_families: Any,
    original_layout: Any,
    other_vae: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = single(tiny_families, original_layout, tmp_path / "mine.safetensors", monkeypatch)
    model = loaded(file, other_vae)
    file.unlink()

    assert model.load_own_vae is not None
    with pytest.raises(ModelError, match="There is no file"):
        model.load_own_vae()
