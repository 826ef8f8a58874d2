from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from traintab.configs import GenerationConfig, LoadingConfig
from traintab.errors import ModelError
from traintab.models import single_file
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.models.single_file_adapter import make_tokenizer
from traintab.models.single_file_configs import CONFIGS_DIR
from traintab.paths import Paths

FAMILIES = ("sd1", "sd2", "sdxl", "sd1-inpainting", "sdxl-inpainting")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a single file must load without network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def small_vocabulary(tiny_families: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny models' own tokenizer in place of the 49,408 tokens that real ones have a row for."""
    monkeypatch.setattr(single_file, "TOKENIZER_DIR", tiny_families.folder("sd1") / "tokenizer")


def load(file: Path, **options: Any) -> Model:
    return load_model(str(file), Paths.under(file.parent), device="cpu", **options)


def picture(model: Model) -> list[int]:
    from traintab.sampling.txt2img import txt2img

    config = GenerationConfig(
        prompt="a photo of a (red:1.2) cat", num_inference_steps=2, seed=3, width=64, height=64
    )
    return list(txt2img(model, config, {})[0].image.tobytes())


@pytest.mark.parametrize("name", FAMILIES)
def test_folder_safetensors_and_ckpt_give_the_same_picture(
    tiny_families: Any, original_layout: Any, small_vocabulary: None, tmp_path: Path, name: str
) -> None:
    folder = tiny_families.folder(name)
    expected = picture(tiny_families.model(name))

    for suffix in ("safetensors", "ckpt"):
        file = original_layout.write_single_file(folder, tmp_path / f"model.{suffix}")
        model = load(file)
        assert model.prediction_type == ("v_prediction" if name == "sd2" else "epsilon")
        assert picture(model) == expected


@pytest.fixture
def sd1_file(tiny_families: Any, original_layout: Any, small_vocabulary: None, tmp_path: Path) -> Path:
    return Path(
        original_layout.write_single_file(tiny_families.folder("sd1"), tmp_path / "model.safetensors")
    )


def rewritten(file: Path, change: Callable[[dict[str, torch.Tensor]], None], **metadata: str) -> Path:
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file, metadata={f"modelspec.{key}": value for key, value in metadata.items()})
    return file


def test_the_model_is_named_and_hashed_as_the_web_ui_does(sd1_file: Path) -> None:
    model = load(sd1_file)

    assert model.name == "model"
    assert model.checkpoint_hash == hashlib.sha256(sd1_file.read_bytes()).hexdigest()[:10]
    assert (model.family, model.default_size) == ("sd1", 512)


def test_what_the_file_says_of_itself_is_believed(sd1_file: Path) -> None:
    model = load(rewritten(sd1_file, lambda _: None, prediction_type="v", resolution="768x640"))

    assert (model.prediction_type, model.default_size) == ("v_prediction", 768)
    assert "modelspec.prediction_type" in model.prediction_source


def test_marks_of_zero_terminal_snr_end_in_pure_noise(sd1_file: Path) -> None:
    def mark(tensors: dict[str, torch.Tensor]) -> None:
        tensors.update({"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)})

    model = load(rewritten(sd1_file, mark))

    assert model.prediction_type == "v_prediction"
    assert float(model.noise_scheduler.alphas_cumprod[-1]) < 1e-6


def test_the_user_s_choice_comes_first(sd1_file: Path) -> None:
    rewritten(sd1_file, lambda _: None, prediction_type="v")

    assert load(sd1_file, choices=LoadingConfig(prediction_type="epsilon")).prediction_type == "epsilon"


def test_half_precision_and_leftovers_of_training_are_taken_as_they_are(sd1_file: Path) -> None:
    def halve(tensors: dict[str, torch.Tensor]) -> None:
        for name in list(tensors):
            tensors[name] = tensors[name].half()
        tensors["model_ema.decay"] = torch.tensor(0.99)
        tensors["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.arange(77)[None]

    model = load(rewritten(sd1_file, halve))

    for module in (model.unet, model.vae, model.text_encoders[0].module):
        assert {parameter.dtype for parameter in module.parameters()} == {torch.float32}
        assert not any(buffer.is_meta for buffer in module.buffers())


def test_the_file_can_be_deleted_once_the_model_is_loaded(sd1_file: Path) -> None:
    model = load(sd1_file)
    expected = picture(model)
    sd1_file.write_bytes(b"gone")
    sd1_file.unlink()

    assert picture(model) == expected


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "model.diffusion_model.middle_block.0.in_layers.0.weight",
            "its unet is broken: the file lacks 1 weights",
        ),
        ("first_stage_model.decoder.mid.attn_1.q.bias", "its vae is broken: the file lacks 1 weights"),
        (
            "cond_stage_model.transformer.text_model.encoder.layers.1.layer_norm1.bias",
            "its text_encoder is broken: the file lacks 1 weights",
        ),
    ],
)
def test_a_weight_that_is_missing_is_told_with_its_part(sd1_file: Path, name: str, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        load(rewritten(sd1_file, lambda tensors: tensors.pop(name)))


def test_a_token_table_that_is_too_small_is_told(sd1_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_file, "TOKENIZER_DIR", CONFIGS_DIR / "tokenizer")

    with pytest.raises(
        ModelError, match=r"text_encoder is broken: CLIP has 49408 tokens and its table \d+ rows"
    ):
        load(sd1_file)


def test_a_weight_of_the_wrong_shape_is_told_with_its_part(sd1_file: Path) -> None:
    name = "model.diffusion_model.time_embed.0.bias"

    with pytest.raises(ModelError, match="because its unet is broken"):
        load(rewritten(sd1_file, lambda tensors: tensors.update({name: torch.zeros(3)})))


def test_a_weight_that_no_unet_has_is_told(sd1_file: Path) -> None:
    name = "model.diffusion_model.extra.weight"

    with pytest.raises(ModelError, match=r"1 of its weights have no place, extra\.weight first"):
        load(rewritten(sd1_file, lambda tensors: tensors.update({name: torch.zeros(3)})))


def without_vae(tensors: dict[str, torch.Tensor]) -> None:
    for name in [name for name in tensors if name.startswith("first_stage_model.")]:
        del tensors[name]


def test_a_checkpoint_without_a_vae_says_where_to_put_one(sd1_file: Path) -> None:
    with pytest.raises(ModelError, match=r"can't be loaded\. The checkpoint holds no VAE.*named like it"):
        load(rewritten(sd1_file, without_vae))


@pytest.mark.parametrize("layout", ["original", "bare", "diffusers", "ckpt"])
def test_a_vae_beside_the_checkpoint_is_its_vae(sd1_file: Path, tiny_families: Any, layout: str) -> None:
    expected = picture(tiny_families.model("sd1"))
    prefix = "first_stage_model."
    vae = {name: tensor for name, tensor in load_file(sd1_file).items() if name.startswith(prefix)}
    rewritten(sd1_file, without_vae)
    if layout == "diffusers":
        folder = tiny_families.folder("sd1") / "vae"
        vae = load_file(folder / "diffusion_pytorch_model.safetensors")
        old = "mid_block.attentions.0."
        vae = {
            n.replace(f"{old}to_q", f"{old}query").replace(f"{old}to_out.0", f"{old}proj_attn"): t
            for n, t in vae.items()
        }
    elif layout == "bare":
        vae = {name.removeprefix(prefix): tensor for name, tensor in vae.items()}
    if layout == "ckpt":
        torch.save({"state_dict": vae}, sd1_file.with_name("model.vae.pt"))
    else:
        save_file(vae, sd1_file.with_name("model.vae.safetensors"))

    assert picture(load(sd1_file)) == expected


def test_a_vae_can_be_chosen_for_a_folder(sd1_file: Path, tiny_families: Any, tmp_path: Path) -> None:
    prefix = "first_stage_model."
    vae = {name: torch.zeros_like(t) for name, t in load_file(sd1_file).items() if name.startswith(prefix)}
    save_file(vae, tmp_path / "black.safetensors")

    choices = LoadingConfig(vae=str(tmp_path / "black.safetensors"))
    model = load_model(str(tiny_families.folder("sd1")), Paths.under(tmp_path), device="cpu", choices=choices)

    assert not any(bool(parameter.any()) for parameter in model.vae.parameters())
    assert model.vae_name == "black.safetensors"


def test_a_file_that_is_no_vae_is_told(sd1_file: Path, tmp_path: Path) -> None:
    save_file({"emb_params": torch.ones(1, 768)}, tmp_path / "x.safetensors")

    with pytest.raises(
        ModelError, match=r"can't be used as a VAE: it has no tensor encoder\.conv_in\.weight"
    ):
        load(sd1_file, choices=LoadingConfig(vae=str(tmp_path / "x.safetensors")))


def test_loading_is_told_part_by_part(sd1_file: Path) -> None:
    lines: list[str] = []

    load(sd1_file, report=lines.append)

    assert [line.removeprefix("Loading the ") for line in lines if "Loading the" in line] == [
        "VAE",
        "text encoder",
        "UNet",
    ]


def test_a_lora_is_refused_by_its_name_before_anything_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    save_file({"lora_unet_mid_block.lora_up.weight": torch.ones(2, 2)}, file)

    with pytest.raises(ModelError, match="it is a LoRA; put it into models/Lora"):
        load(file)


@pytest.fixture(scope="module")
def packaged_tokenizers() -> tuple[Any, Any]:
    folder = CONFIGS_DIR / "tokenizer"
    return make_tokenizer(folder, pad_token="<|endoftext|>"), make_tokenizer(folder, pad_token="!")


def test_the_packaged_vocabulary_is_clip_s(packaged_tokenizers: tuple[Any, Any]) -> None:
    tokenizer, _ = packaged_tokenizers

    assert len(tokenizer) == 49408
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id) == (49406, 49407, 49407)
    ids = tokenizer("A photo of a CAT", add_special_tokens=False).input_ids
    assert ids == [320, 1125, 539, 320, 2368]


def test_open_clip_pads_with_token_zero(packaged_tokenizers: tuple[Any, Any]) -> None:
    _, tokenizer = packaged_tokenizers

    assert (tokenizer.pad_token_id, tokenizer.eos_token_id) == (0, 49407)


def test_the_vocabulary_s_licence_lies_beside_it() -> None:
    text = (CONFIGS_DIR / "tokenizer" / "LICENSE").read_text(encoding="utf-8")

    assert "Permission is hereby granted, free of charge" in text
