"""A half-precision UNet in float32 for a while."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch

from traintab.models.model import Model
from traintab.models.precision import in_float32, is_exact


@pytest.fixture(params=[torch.float16, torch.bfloat16], ids=["float16", "bfloat16"])
def half(request: pytest.FixtureRequest, tiny_model: Model) -> Model:
    unet = copy.deepcopy(tiny_model.unet).to(request.param)
    return replace(tiny_model, unet=unet, dtype=request.param)


def weights_of(model: Model) -> dict[str, torch.Tensor]:
    return {name: weight.clone() for name, weight in model.unet.state_dict().items()}


def test_the_unet_computes_in_float32_inside_and_has_its_own_bits_afterwards(half: Model) -> None:
    before = weights_of(half)
    assert not is_exact(half)

    with in_float32(half) as exact:
        assert is_exact(exact)
        assert {weight.dtype for weight in exact.unet.state_dict().values()} == {torch.float32}
        embeds = torch.zeros(1, 77, 32)
        prediction = exact.predict(torch.ones(1, 4, 8, 8), torch.tensor(10), embeds)
        assert bool(torch.isfinite(prediction).all())

    for name, weight in half.unet.state_dict().items():
        assert weight.dtype == half.dtype
        assert torch.equal(weight, before[name])


def test_the_unet_goes_back_after_an_error(half: Model) -> None:
    before = weights_of(half)

    with pytest.raises(KeyError), in_float32(half):
        raise KeyError

    assert all(torch.equal(weight, before[name]) for name, weight in half.unet.state_dict().items())


def test_weights_that_were_float32_already_stay_so(half: Model) -> None:
    bias = next(weight for name, weight in half.unet.named_parameters() if name.endswith("bias"))
    bias.data = bias.data.float() + 1e-9

    kept = bias.data.clone()
    with in_float32(half):
        pass

    assert bias.dtype is torch.float32
    assert torch.equal(bias, kept)


def test_a_float32_model_is_exact(tiny_model: Model) -> None:
    assert is_exact(tiny_model)
