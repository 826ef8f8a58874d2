from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from traintab.configs import GenerationConfig
from traintab.embeddings.embedding import Embedding
from traintab.models.lora_files import lora_hash
from traintab.models.model import Model
from traintab.sampling.networks import networks_at_work
from traintab.sampling.txt2img import txt2img

CONFIG = GenerationConfig(
    prompt="a cat", num_inference_steps=2, guidance_scale=3.0, seed=1, width=64, height=64, sampler="Euler"
)


@pytest.fixture
def model(tiny_model: Model, tmp_path: Path) -> Model:
    """The tiny model, with a LoRA called `ink` for its text encoder and its UNet."""
    layers = {
        "lora_te_text_model_encoder_layers_0_self_attn_q_proj": (32, 32),
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_v": (16, 32),
    }
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for layer, (rows, columns) in layers.items():
        tensors[f"{layer}.lora_down.weight"] = torch.randn(4, columns, generator=generator)
        tensors[f"{layer}.lora_up.weight"] = torch.randn(rows, 4, generator=generator)
    save_file(tensors, tmp_path / "ink.safetensors")
    return replace(tiny_model, lora_dirs=(tmp_path,))


def drawn(model: Model, prompt: str, notes: list[str] | None = None) -> tuple[np.ndarray, str]:
    (image,) = txt2img(
        model, replace(CONFIG, prompt=prompt), {}, on_note=None if notes is None else notes.append
    )
    return np.asarray(image.image).astype(int), image.infotext


def test_a_lora_changes_the_picture_and_the_next_one_is_as_before(model: Model) -> None:
    before, _ = drawn(model, "a cat")

    with_ink, infotext = drawn(model, "a cat<lora:ink:1>")

    assert abs(with_ink - before).max() > 4
    assert np.array_equal(drawn(model, "a cat")[0], before)
    assert infotext.startswith("a cat<lora:ink:1>\n")
    assert f'Lora hashes: "ink: {lora_hash(model.lora_dirs[0] / "ink.safetensors")}"' in infotext


def test_a_lora_of_no_weight_is_no_word_either(model: Model) -> None:
    assert np.array_equal(drawn(model, "a cat<lora:ink:0>")[0], drawn(model, "a cat")[0])


def test_a_network_that_is_not_there_leaves_the_picture_and_is_told_once(model: Model) -> None:
    notes: list[str] = []

    picture, infotext = drawn(model, "a cat<lora:nothing:1>", notes)

    assert np.array_equal(picture, drawn(model, "a cat")[0])
    assert len(notes) == 1
    assert "<lora:nothing>" in notes[0]
    assert "Lora hashes" not in infotext


def write_pivotal(folder: Path) -> None:
    """A LoRA that changes nothing, with the embedding `zq` inside."""
    layer = "lora_te_text_model_encoder_layers_0_self_attn_q_proj"
    tensors = {
        f"{layer}.lora_down.weight": torch.zeros(1, 32),
        f"{layer}.lora_up.weight": torch.zeros(32, 1),
        "bundle_emb.zq.string_to_param.*": torch.full((1, 32), 3.0),
    }
    save_file(tensors, folder / "pivotal.safetensors")


def test_an_embedding_that_a_lora_brings_along_is_a_word_while_the_lora_is_at_work(
    model: Model, tmp_path: Path
) -> None:
    write_pivotal(tmp_path)

    with_word, infotext = drawn(model, "a zq<lora:pivotal:1>")

    assert abs(with_word - drawn(model, "a zq")[0]).max() > 0
    assert 'TI hashes: "zq: ' in infotext


def test_the_user_s_own_embedding_counts_before_one_that_a_lora_brings_along(
    model: Model, tmp_path: Path
) -> None:
    write_pivotal(tmp_path)
    own = {"ZQ": Embedding(name="ZQ", vectors={"clip_l": torch.full((1, 32), -2.0)})}

    alone, beside = (
        txt2img(model, replace(CONFIG, prompt=prompt), own)[0].image
        for prompt in ("a zq", "a zq<lora:pivotal:1>")
    )

    assert np.array_equal(np.asarray(beside), np.asarray(alone))


def test_an_interrupt_takes_the_lora_off_again(model: Model) -> None:
    weights = [tensor.clone() for tensor in model.unet.state_dict().values()]

    assert txt2img(model, replace(CONFIG, prompt="<lora:ink>"), {}, interrupted=lambda: True) == []

    assert all(torch.equal(*pair) for pair in zip(weights, model.unet.state_dict().values(), strict=True))


def test_a_network_in_the_negative_prompt_is_told_to_have_no_effect(model: Model) -> None:
    config = replace(CONFIG, negative_prompt="<lora:ink:1>")
    before = [tensor.clone() for tensor in model.unet.state_dict().values()]

    with networks_at_work(model, config) as networks:
        assert networks.hashes == {}
        (note,) = networks.notes
        assert "<lora:ink> in the negative prompt was not applied" in note
        assert all(torch.equal(*pair) for pair in zip(before, model.unet.state_dict().values(), strict=True))
