"""What tells one VAE's way of encoding from another's."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import nn

from traintab.models import model as model_module
from traintab.models.model import Model
from traintab.models.vae_fingerprint import vae_fingerprint


def changed(vae: nn.Module, part: str) -> nn.Module:
    """A copy with one weight of a part a little greater."""
    other = copy.deepcopy(vae)
    next(other.get_submodule(part).parameters()).view(-1)[0] += 1e-3
    return other


def test_equal_weights_have_equal_fingerprints(tiny_model: Model) -> None:
    fingerprint = vae_fingerprint(tiny_model.vae)
    assert fingerprint == vae_fingerprint(copy.deepcopy(tiny_model.vae))
    assert len(fingerprint) == 16


@pytest.mark.parametrize("part", ["encoder.conv_in", "encoder.mid_block", "quant_conv"])
def test_any_weight_of_the_encoder_counts(tiny_model: Model, part: str) -> None:
    assert vae_fingerprint(changed(tiny_model.vae, part)) != vae_fingerprint(tiny_model.vae)


@pytest.mark.parametrize("part", ["decoder", "post_quant_conv"])
def test_the_decoder_does_not(tiny_model: Model, part: str) -> None:
    assert vae_fingerprint(changed(tiny_model.vae, part)) == vae_fingerprint(tiny_model.vae)


Change = Callable[[nn.Module], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda vae: vae.register_to_config(scaling_factor=0.13),
        lambda vae: vae.register_to_config(norm_num_groups=2),
        lambda vae: vae.to(torch.bfloat16),
    ],
)
def test_scale_settings_and_precision_count(tiny_model: Model, change: Change) -> None:
    other = copy.deepcopy(tiny_model.vae)
    change(other)
    assert vae_fingerprint(other) != vae_fingerprint(tiny_model.vae)


def test_a_model_reads_its_weights_for_it_once(tiny_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[nn.Module] = []
    monkeypatch.setattr(model_module, "vae_fingerprint", lambda vae: asked.append(vae) or "f")
    model = dataclasses.replace(tiny_model)
    assert model.vae_fingerprint == model.vae_fingerprint == "f"
    assert len(asked) == 1
