from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from traintab.models.lora import AppliedNetworks, applied_networks
from traintab.models.lora_files import lora_hash
from traintab.models.lora_reading import targets_of
from traintab.models.model import Model
from traintab.prompts.extra_networks import take_extra_networks

TEXT_LAYER = "encoder_layers_0_self_attn_q_proj"
UNET_LAYER = "down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def lora(layer: str, rows: int, columns: int = 32, seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        f"{layer}.lora_down.weight": torch.randn(4, columns, generator=generator),
        f"{layer}.lora_up.weight": torch.randn(rows, 4, generator=generator),
        f"{layer}.alpha": torch.tensor(2.0),
    }


def change_of(tensors: Mapping[str, torch.Tensor], layer: str) -> torch.Tensor:
    return tensors[f"{layer}.lora_up.weight"] @ tensors[f"{layer}.lora_down.weight"] * 0.5


@pytest.fixture
def ink(tmp_path: Path) -> dict[str, torch.Tensor]:
    """The tensors of `ink.safetensors`, one layer of the text encoder and one of the UNet."""
    tensors = lora(f"lora_te_text_model_{TEXT_LAYER}", 32) | lora(f"lora_unet_{UNET_LAYER}", 16, seed=1)
    save_file(tensors, tmp_path / "ink.safetensors")
    return tensors


def weights_of(model: Model) -> list[torch.Tensor]:
    modules = (model.unet, *(encoder.module for encoder in model.text_encoders))
    return [tensor.clone() for module in modules for tensor in module.state_dict().values()]


def applied(prompt: str, model: Model, folder: Path) -> Any:
    loras = {path.stem: path for path in sorted(folder.iterdir())}
    return applied_networks(model, take_extra_networks(prompt)[1], loras)


def notes(prompt: str, model: Model, folder: Path) -> tuple[str, ...]:
    with applied(prompt, model, folder) as networks:
        assert isinstance(networks, AppliedNetworks)
        return networks.notes


def test_the_weights_change_by_up_times_down_and_come_back_bit_for_bit(
    tiny_model: Model, tmp_path: Path, ink: dict[str, torch.Tensor]
) -> None:
    targets, before = targets_of(tiny_model), weights_of(tiny_model)
    text, unet = targets["te1", TEXT_LAYER], targets["unet", UNET_LAYER]
    old_text, old_unet = text.clone(), unet.clone()

    with applied("a cat <lora:ink:0.5:-2>", tiny_model, tmp_path) as networks:
        assert torch.allclose(text, old_text + 0.5 * change_of(ink, f"lora_te_text_model_{TEXT_LAYER}"))
        assert torch.allclose(unet, old_unet - 2 * change_of(ink, f"lora_unet_{UNET_LAYER}"))
        differing = [not torch.equal(*pair) for pair in zip(before, weights_of(tiny_model), strict=True)]
        assert sum(differing) == 2
        assert networks.notes == ()
        assert networks.files == {"ink": tmp_path / "ink.safetensors"}
        assert networks.hashes == {"ink": lora_hash(tmp_path / "ink.safetensors")}

    assert all(torch.equal(*pair) for pair in zip(before, weights_of(tiny_model), strict=True))
    assert not text.requires_grad


def test_the_weights_come_back_when_drawing_fails(
    tiny_model: Model, tmp_path: Path, ink: dict[str, torch.Tensor]
) -> None:
    before = weights_of(tiny_model)

    with pytest.raises(KeyboardInterrupt), applied("<lora:ink>", tiny_model, tmp_path):
        raise KeyboardInterrupt

    assert all(torch.equal(*pair) for pair in zip(before, weights_of(tiny_model), strict=True))


def test_the_weights_come_back_when_applying_fails_half_way(
    tiny_model: Model, tmp_path: Path, ink: dict[str, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    from traintab.models import lora as module

    before, done = weights_of(tiny_model), []

    def change(pieces: Mapping[str, torch.Tensor]) -> torch.Tensor:
        if done:
            raise torch.cuda.OutOfMemoryError
        done.append(True)
        return pieces["up"] @ pieces["down"]

    monkeypatch.setattr(module, "weight_change", change)
    with pytest.raises(torch.cuda.OutOfMemoryError), applied("<lora:ink>", tiny_model, tmp_path):
        pytest.fail("nothing was to be drawn")

    assert all(torch.equal(*pair) for pair in zip(before, weights_of(tiny_model), strict=True))


def test_several_loras_add_up_and_one_named_twice_counts_twice(
    tiny_model: Model, tmp_path: Path, ink: dict[str, torch.Tensor]
) -> None:
    other = lora(f"lora_unet_{UNET_LAYER}", 16, seed=5)
    save_file(other, tmp_path / "other.safetensors")
    weight = targets_of(tiny_model)["unet", UNET_LAYER]
    name, old = f"lora_unet_{UNET_LAYER}", weight.clone()

    with applied("<lora:ink:0.5> <lora:other:2> <lora:INK:0.25>", tiny_model, tmp_path) as networks:
        expected = old + 0.75 * change_of(ink, name) + 2 * change_of(other, name)
        assert torch.allclose(weight, expected, atol=1e-5)
        assert list(networks.hashes) == ["ink", "other"]


def test_a_weight_of_nothing_changes_nothing(
    tiny_model: Model, tmp_path: Path, ink: dict[str, torch.Tensor]
) -> None:
    before = weights_of(tiny_model)

    with applied("<lora:ink:0>", tiny_model, tmp_path):
        assert all(torch.equal(*pair) for pair in zip(before, weights_of(tiny_model), strict=True))


def test_half_precision_is_rounded_once_and_comes_back(
    tiny_model: Model, tmp_path: Path, ink: dict[str, torch.Tensor]
) -> None:
    weight = targets_of(tiny_model)["unet", UNET_LAYER]
    single = weight.data
    weight.data = single.to(torch.bfloat16)
    try:
        half = weight.clone()
        with applied("<lora:ink>", tiny_model, tmp_path):
            exact = half.float() + change_of(ink, f"lora_unet_{UNET_LAYER}")
            assert torch.equal(weight, exact.to(torch.bfloat16))
        assert torch.equal(weight, half)
    finally:
        weight.data = single


def test_sdxl_gets_its_file_in_the_unet_and_both_text_encoders(tiny_families: Any, tmp_path: Path) -> None:
    model = tiny_families.model("sdxl")
    targets = targets_of(model)
    text_layers = {part: targets[part, TEXT_LAYER] for part in ("te1", "te2")}
    tensors = {}
    for part, weight in text_layers.items():
        tensors |= lora(f"lora_{part}_text_model_{TEXT_LAYER}", *weight.shape)
    unet = targets["unet", "mid_block_attentions_0_transformer_blocks_0_attn1_to_q"]
    tensors |= lora("lora_unet_middle_block_1_transformer_blocks_0_attn1_to_q", *unet.shape)
    save_file(tensors, tmp_path / "x.safetensors")
    watched = [*text_layers.values(), unet]
    before = [weight.clone() for weight in watched]

    with applied("<lora:x>", model, tmp_path) as networks:
        assert networks.notes == ()
        assert not any(torch.equal(*pair) for pair in zip(before, watched, strict=True))

    assert all(torch.equal(*pair) for pair in zip(before, watched, strict=True))


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("<lora:imk:1>", "<lora:imk> was not applied: there is no file of that name; perhaps ink is meant."),
        (
            "<lora:zzz>",
            "<lora:zzz> was not applied: there is no file of that name; put the file into models/Lora.",
        ),
        (
            "<hypernet:ink:1>",
            "<hypernet:ink> was not applied: hypernetworks aren't supported, only LoRAs are.",
        ),
        (
            "<foo:ink>",
            "<foo:ink> was not applied: networks of the kind foo aren't supported, only LoRAs are.",
        ),
        ("<lora:ink:1:lbw=MIDD>", "<lora:ink> was applied without lbw=MIDD, which is no weight."),
        ("<lyco:ink>", None),
    ],
)
def test_what_cannot_be_applied_is_named(
    tag: str, told: str | None, tiny_model: Model, tmp_path: Path, ink: dict[str, torch.Tensor]
) -> None:
    assert notes(tag, tiny_model, tmp_path) == (() if told is None else (told,))


def test_tensors_that_could_not_be_applied_are_named(tiny_model: Model, tmp_path: Path) -> None:
    tensors = lora(f"lora_unet_{UNET_LAYER}", 16)
    tensors |= {name: torch.ones(1) for name in ("lora_unet_nowhere.alpha", "lora_unet_conv_in.oft_blocks")}
    save_file(tensors, tmp_path / "mixed.safetensors")

    (left_out,) = notes("<lora:mixed>", tiny_model, tmp_path)

    assert left_out.startswith("<lora:mixed> was applied without its tensor lora_unet_")
    assert "and 1 more" in left_out


def test_a_refused_file_leaves_the_others_at_work(
    tiny_model: Model, tmp_path: Path, ink: dict[str, torch.Tensor]
) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")

    with applied("<lora:broken> <lora:ink>", tiny_model, tmp_path) as networks:
        assert list(networks.hashes) == ["ink"]
        assert len(networks.notes) == 1


def test_a_prompt_without_tags_costs_nothing(tiny_model: Model) -> None:
    with applied_networks(tiny_model, [], {}) as networks:
        assert networks == AppliedNetworks()
