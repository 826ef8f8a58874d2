from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from traintab.models.lora_reading import LoraFile, LoraRefused, read_lora, targets_of
from traintab.models.model import Model

LAYER = "lora_te_text_model_encoder_layers_0_self_attn_q_proj"
ATTENTION = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def lora(layer: str = LAYER, rows: int = 32, columns: int = 32) -> dict[str, torch.Tensor]:
    return {
        f"{layer}.lora_down.weight": torch.ones(4, columns),
        f"{layer}.lora_up.weight": torch.ones(rows, 4),
    }


def read(tensors: dict[str, torch.Tensor], model: Model, folder: Path) -> LoraFile:
    save_file(tensors, folder / "x.safetensors")
    return read_lora(folder / "x.safetensors", model, targets_of(model))


def refusal(tensors: dict[str, torch.Tensor], model: Model, folder: Path) -> str:
    with pytest.raises(LoraRefused) as caught:
        read(tensors, model, folder)
    return str(caught.value)


def test_a_file_s_layers_are_found_in_the_model(tiny_model: Model, tmp_path: Path) -> None:
    file = read(lora() | lora(ATTENTION, rows=16), tiny_model, tmp_path)

    targets = targets_of(tiny_model)
    assert {(layer.part, id(layer.weight)) for layer in file.layers} == {
        ("te1", id(targets["te1", "encoder_layers_0_self_attn_q_proj"])),
        ("unet", id(targets["unet", ATTENTION.removeprefix("lora_unet_")])),
    }
    assert file.left_out == ()


def test_layers_that_the_model_lacks_are_left_out_and_told(tiny_model: Model, tmp_path: Path) -> None:
    file = read(
        lora() | {"lora_te_text_model_encoder_layers_99_mlp_fc1.alpha": torch.ones(1)}, tiny_model, tmp_path
    )

    assert len(file.layers) == 1
    assert file.left_out == ("lora_te_text_model_encoder_layers_99_mlp_fc1.alpha",)


def test_embeddings_that_the_file_brings_along_are_no_layers(tiny_model: Model, tmp_path: Path) -> None:
    bundled = {"bundle_emb.cat.string_to_param.*": torch.ones(1, 32)}

    file = read(lora() | bundled, tiny_model, tmp_path)

    assert len(file.layers) == 1
    assert file.left_out == ()


def test_all_layers_of_both_text_encoders_and_the_unet_can_be_reached(tiny_families: Any) -> None:
    model = tiny_families.model("sdxl")

    targets = targets_of(model)

    assert {part for part, _ in targets} == {"unet", "te1", "te2"}
    layers = [
        layer
        for module in (model.unet, *(encoder.module for encoder in model.text_encoders))
        for layer in module.modules()
        if isinstance(layer, torch.nn.Linear | torch.nn.Conv2d)
    ]
    assert {id(weight) for weight in targets.values()} == {id(layer.weight) for layer in layers}


def test_a_file_for_sdxl_is_refused_by_name(tiny_model: Model, tmp_path: Path) -> None:
    reason = refusal(lora(ATTENTION, rows=640, columns=2048), tiny_model, tmp_path)

    assert reason == f"it is made for SDXL, and {tiny_model.name} is another kind of model"


def test_a_file_of_other_sizes_is_refused(tiny_model: Model, tmp_path: Path) -> None:
    assert "other sizes" in refusal(lora(rows=33), tiny_model, tmp_path)


@pytest.mark.parametrize(
    "tensors",
    [
        {f"{LAYER}.lora_down.weight": torch.ones(4, 32), f"{LAYER}.lora_up.weight": torch.ones(32, 5)},
        {f"{LAYER}.lora_down.weight": torch.ones(4, 32)},
        {f"{LAYER}.lora_down.weight": torch.ones(()), f"{LAYER}.lora_up.weight": torch.ones(())},
        {f"{LAYER}.lora_down.weight": torch.ones(0, 32), f"{LAYER}.lora_up.weight": torch.ones(32, 0)},
        lora() | {f"{LAYER}.alpha": torch.ones(32, 32)},
        {f"{LAYER}.diff": torch.ones(32 * 32, 1)},
    ],
)
def test_factors_that_make_no_change_of_the_weight_s_size_are_refused(
    tensors: dict[str, torch.Tensor], tiny_model: Model, tmp_path: Path
) -> None:
    assert "other sizes" in refusal(tensors, tiny_model, tmp_path)


def test_small_factors_of_a_huge_product_are_refused_before_it_is_computed(
    tiny_model: Model, tmp_path: Path
) -> None:
    side = 2_000_000
    tensors = {
        f"{LAYER}.lora_down.weight": torch.ones(1, side),
        f"{LAYER}.lora_up.weight": torch.ones(side, 1),
    }

    assert "other sizes" in refusal(tensors, tiny_model, tmp_path)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_would_spoil_every_picture_are_refused(
    number: float, tiny_model: Model, tmp_path: Path
) -> None:
    tensors = lora() | {f"{LAYER}.alpha": torch.tensor(number)}

    assert f"{LAYER}.alpha" in refusal(tensors, tiny_model, tmp_path)


def test_whole_numbers_are_no_factors(tiny_model: Model, tmp_path: Path) -> None:
    tensors = {name: tensor.to(torch.int32) for name, tensor in lora().items()}

    assert "finite numbers" in refusal(tensors, tiny_model, tmp_path)


def test_a_dora_is_refused_because_half_of_it_would_be_wrong(tiny_model: Model, tmp_path: Path) -> None:
    assert "DoRA" in refusal(lora() | {f"{LAYER}.dora_scale": torch.ones(32)}, tiny_model, tmp_path)


def test_a_file_of_another_kind_is_refused(tiny_model: Model, tmp_path: Path) -> None:
    assert "none of its tensors" in refusal({"emb_params": torch.ones(1, 32)}, tiny_model, tmp_path)


def test_a_broken_file_is_refused(tiny_model: Model, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"nothing")

    with pytest.raises(LoraRefused, match=r"x\.safetensors"):
        read_lora(tmp_path / "x.safetensors", tiny_model, targets_of(tiny_model))


def test_a_pickled_file_is_read_as_data(tiny_model: Model, tmp_path: Path) -> None:
    torch.save(lora(), tmp_path / "x.pt")

    assert len(read_lora(tmp_path / "x.pt", tiny_model, targets_of(tiny_model)).layers) == 1
