from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.errors import MemoryShortageError, ModelError
from traintab.models import parts
from traintab.models.discovery import resolve
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.models.parts import load_parts
from traintab.paths import Paths


@pytest.fixture
def model_copy(tiny_model_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model_dir, tmp_path / "copy"))


def load(folder: Path) -> Model:
    return load_model(str(folder), Paths.under(folder.parent), device="cpu")


def test_the_model_knows_its_sizes_and_names(tiny_model: Model) -> None:
    assert tiny_model.name == "tiny-model"
    assert tiny_model.default_size == 64
    assert tiny_model.widths == {"clip_l": 32}
    assert (tiny_model.latent_channels, tiny_model.vae_scale) == (4, 8)
    assert tiny_model.prediction_type == "epsilon"
    assert tiny_model.scaling_factor == pytest.approx(0.18215)


def test_everything_is_frozen_and_in_evaluation_mode(tiny_model: Model) -> None:
    for module in (tiny_model.unet, tiny_model.vae, tiny_model.text_encoders[0].module):
        assert not module.training
        assert not any(parameter.requires_grad for parameter in module.parameters())


def test_on_the_cpu_every_weight_is_float32(tiny_model: Model) -> None:
    for module in (tiny_model.unet, tiny_model.vae, tiny_model.text_encoders[0].module):
        assert {parameter.dtype for parameter in module.parameters()} == {torch.float32}
    assert (tiny_model.device.type, tiny_model.dtype) == ("cpu", torch.float32)


def test_half_precision_files_are_read_as_float32(model_copy: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = model_copy / "text_encoder" / "model.safetensors"
    save_file({key: t.half() for key, t in load_file(file).items()}, file, metadata={"format": "pt"})

    assert load(model_copy).text_encoders[0].embedding_layer.weight.dtype is torch.float32


def test_the_hash_is_of_the_unet_weights(tiny_model: Model, tiny_model_dir: Path) -> None:
    weights = (tiny_model_dir / "unet" / "diffusion_pytorch_model.safetensors").read_bytes()

    assert tiny_model.checkpoint_hash == hashlib.sha256(weights).hexdigest()[:10]


def test_loading_says_what_it_is_doing(tiny_model_dir: Path) -> None:
    lines: list[str] = []

    load_model(str(tiny_model_dir), Paths.under(tiny_model_dir.parent), device="cpu", report=lines.append)

    assert lines[0].startswith("Loading tiny-model: cpu was asked for")
    assert [line for line in lines if "UNet" in line] == ["Loading the UNet"]
    assert lines[-1] == "Moving it to the device"


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        ("unet", "the folder unet/"),
        ("vae/config.json", "vae/config.json"),
        ("text_encoder/model.safetensors", "text_encoder/model.safetensors"),
        ("unet/diffusion_pytorch_model.safetensors", "unet/diffusion_pytorch_model.safetensors"),
        ("scheduler/scheduler_config.json", "scheduler/scheduler_config.json"),
        ("tokenizer/vocab.json", "tokenizer/vocab.json"),
    ],
)
def test_a_missing_part_is_named(model_copy: Path, gone: str, named: str) -> None:
    path = model_copy / gone
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()

    with pytest.raises(ModelError, match=f"is incomplete: {named} is missing"):
        load(model_copy)


@pytest.mark.parametrize(
    "broken",
    [
        "text_encoder/model.safetensors",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    ],
)
def test_weights_that_are_cut_off_are_named(model_copy: Path, broken: str) -> None:
    file = model_copy / broken
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    with pytest.raises(ModelError, match=f"because {broken.split('/')[0]}/ is broken"):
        load(model_copy)


@pytest.mark.parametrize(
    "config", ["vae/config.json", "scheduler/scheduler_config.json", "tokenizer/vocab.json"]
)
def test_a_config_that_is_no_json_is_named(model_copy: Path, config: str) -> None:
    (model_copy / config).write_text("{", encoding="utf-8")

    with pytest.raises(ModelError, match=f"because {config.split('/')[0]}/ is broken"):
        load(model_copy)


@pytest.mark.parametrize(
    ("file", "part"),
    [("text_encoder/model.safetensors", "text_encoder"), ("vae/diffusion_pytorch_model.safetensors", "vae")],
)
def test_weights_that_the_file_lacks_are_not_drawn_at_random(model_copy: Path, file: str, part: str) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(model_copy / file)
    weights.pop(sorted(weights)[0])
    save_file(weights, model_copy / file, metadata={"format": "pt"})

    with pytest.raises(ModelError, match=f"because {part}/ is broken"):
        load(model_copy)


def test_a_unet_for_another_task_is_refused(model_copy: Path) -> None:
    from diffusers import UNet2DConditionModel

    config = json.loads((model_copy / "unet" / "config.json").read_text(encoding="utf-8"))
    UNet2DConditionModel.from_config({**config, "in_channels": 5}).save_pretrained(model_copy / "unet")

    with pytest.raises(ModelError, match="takes 5 channels and its VAE gives 4"):
        load(model_copy)


@pytest.mark.parametrize(
    ("name", "family", "widths", "prediction_type"),
    [
        ("sd1", "sd1", {"clip_l": 768}, "epsilon"),
        ("sd1-inpainting", "sd1", {"clip_l": 768}, "epsilon"),
        ("sd2", "sd2", {"clip_h": 1024}, "v_prediction"),
        ("sdxl", "sdxl", {"clip_l": 768, "clip_g": 1280}, "epsilon"),
    ],
)
def test_a_folder_of_every_family_is_loaded(
    tiny_families: Any, name: str, family: str, widths: dict[str, int], prediction_type: str
) -> None:
    model = tiny_families.model(name)

    assert (model.family, model.widths, model.prediction_type) == (family, widths, prediction_type)
    assert model.is_inpainting == name.endswith("inpainting")
    assert model.prediction_source == "The model's own scheduler_config.json says so."


def test_sdxl_folders_are_found_by_name(tiny_families: Any) -> None:
    folder = tiny_families.folder("sdxl")

    assert resolve(str(folder), Paths.under(folder.parent)).kind == "folder"


def test_an_sdxl_folder_without_its_second_text_encoder_is_named(tiny_families: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_families.folder("sdxl"), tmp_path / "copy"))
    shutil.rmtree(copy / "text_encoder_2")

    with pytest.raises(ModelError, match="is incomplete: the folder text_encoder_2/ is missing"):
        load(copy)


def test_a_broken_second_text_encoder_is_named(tiny_families: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_families.folder("sdxl"), tmp_path / "copy"))
    (copy / "text_encoder_2" / "model.safetensors").write_bytes(b"no weights")

    with pytest.raises(ModelError, match="because text_encoder_2/ is broken"):
        load(copy)


def test_sdxl_parts_of_different_models_are_refused(tiny_families: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_families.folder("sdxl"), tmp_path / "copy"))
    shutil.rmtree(copy / "unet")
    shutil.copytree(tiny_families.folder("sd2") / "unet", copy / "unet")

    with pytest.raises(ModelError, match="have the widths 768 and 1280, but its UNet expects 1024"):
        load(copy)


def test_a_unet_that_wants_other_added_conditions_is_refused(tiny_families: Any, tmp_path: Path) -> None:
    from diffusers import UNet2DConditionModel

    copy = Path(shutil.copytree(tiny_families.folder("sdxl"), tmp_path / "copy"))
    config = json.loads((copy / "unet" / "config.json").read_text(encoding="utf-8"))
    five_numbers = {**config, "projection_class_embeddings_input_dim": 5 * 256 + 1280}
    UNet2DConditionModel.from_config(five_numbers).save_pretrained(copy / "unet")

    with pytest.raises(ModelError, match=r"expects 2560 numbers beside .* give 2816: it is an SDXL refiner"):
        load(copy)


def test_a_half_precision_unet_leaves_the_vae_and_text_encoders_in_float32(tiny_families: Any) -> None:
    folder, lines = tiny_families.folder("sdxl"), []
    checkpoint = resolve(str(folder), Paths.under(folder.parent))

    parts = load_parts(checkpoint, unet_dtype=torch.float16, say=lines.append)

    dtypes = {next(module.parameters()).dtype for module in parts.modules if module is not parts.unet}
    assert (dtypes, next(parts.unet.parameters()).dtype) == ({torch.float32}, torch.float16)
    assert "Loading the VAE, in float32: half precision can make its pictures black" in lines


def test_parts_of_different_models_are_refused(model_copy: Path) -> None:
    from diffusers import UNet2DConditionModel

    config = json.loads((model_copy / "unet" / "config.json").read_text(encoding="utf-8"))
    UNet2DConditionModel.from_config({**config, "cross_attention_dim": 48}).save_pretrained(
        model_copy / "unet"
    )

    with pytest.raises(ModelError, match="has width 32, but its UNet expects 48"):
        load(model_copy)


@pytest.mark.parametrize("told", ["CUDA out of memory", "DefaultCPUAllocator: can't allocate memory"])
def test_a_device_that_is_too_small_is_told_in_a_sentence(
    tiny_model_dir: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    def run_out(*_arguments: object, **_options: object) -> None:
        raise RuntimeError(told)

    monkeypatch.setattr(parts, "read_vae", run_out)

    with pytest.raises(
        MemoryShortageError, match=r"Loading tiny-model to cpu ran out of memory.*smaller model"
    ):
        load(tiny_model_dir)


def test_weights_that_do_not_fit_are_told_with_their_size(
    tiny_model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_out(*_arguments: object, **_options: object) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch.nn.Module, "to", run_out)

    with pytest.raises(MemoryShortageError, match=r"Moving tiny-model, \d+ MiB of weights, to cpu ran out"):
        load(tiny_model_dir)


def test_the_library_s_progress_bar_stays_as_it_was(tiny_model_dir: Path) -> None:
    from transformers.utils import logging

    load(tiny_model_dir)

    assert logging.is_progress_bar_enabled()


def test_attention_is_torch_s_own_fused_one(tiny_model: Model) -> None:
    processors = {type(p).__name__ for p in tiny_model.unet.attn_processors.values()}

    assert processors == {"AttnProcessor2_0"}
    # transformers before 4.36 has one way only.
    assert getattr(tiny_model.text_encoders[0].module.config, "_attn_implementation", "sdpa") == "sdpa"
