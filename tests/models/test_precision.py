"""A UNet in the precision that was asked for, and in float32 for a while."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from traintab.errors import ModelError
from traintab.models.devices import choose_device
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.models.precision import check_precision, in_float32, in_precision, is_exact
from traintab.paths import Paths


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


DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@pytest.mark.parametrize("precision", DTYPES)
def test_only_the_unet_is_loaded_in_the_precision_asked_for(tiny_model_dir: Path, precision: str) -> None:
    paths = Paths.under(tiny_model_dir.parent)
    model = load_model(str(tiny_model_dir), paths, device="cpu", precision=precision)
    assert model.dtype == DTYPES[precision]
    assert {weight.dtype for weight in model.unet.parameters()} == {DTYPES[precision]}
    for module in (model.vae, model.text_encoders[0].module):
        assert {weight.dtype for weight in module.parameters()} == {torch.float32}
    check_precision(model, precision)
    check_precision(model, "auto")


def test_the_choice_tells_a_precision_that_is_not_the_devices_own() -> None:
    usual = choose_device("cpu")
    assert in_precision(usual, "auto") is in_precision(usual, "fp32") is usual
    assert in_precision(usual, "bf16").reason.endswith("Its UNet is in bf16, as asked for.")


def test_an_unknown_precision_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match="'fp8'; choose one of auto, fp32, bf16, fp16"):
        in_precision(choose_device("cpu"), "fp8")


def test_a_model_in_another_precision_is_refused(tiny_model: Model) -> None:
    told = r"The run wants Precision bf16, but tiny-model was loaded in fp32.*precision='bf16'"
    with pytest.raises(ModelError, match=told):
        check_precision(tiny_model, "bf16")
