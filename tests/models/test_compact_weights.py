"""Text encoders with weights in half the memory."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from traintab.models.compact_weights import compact_on_card, keep_compact
from traintab.models.devices import DeviceChoice
from traintab.models.model import Model


def size(module: nn.Module) -> int:
    return sum(weight.nbytes for weight in module.parameters())


@pytest.fixture
def encoder(tiny_model: Model) -> nn.Module:
    """With weights as a float16 file has them."""
    return copy.deepcopy(tiny_model.text_encoders[0].module).half().float().requires_grad_(False)


def outcome(module: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """The states, and the gradient of a vector in the place of a token."""
    vector = torch.full((32,), 0.1, requires_grad=True)

    def put(_module: nn.Module, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        return torch.cat([output[:, :5], vector.expand(len(output), 1, -1), output[:, 6:]], dim=1)

    handle = module.get_input_embeddings().register_forward_hook(put)  # type: ignore[operator]
    states = module(torch.arange(2 * 77).reshape(2, 77) % 40).last_hidden_state
    handle.remove()
    (states**2).mean().backward()
    assert vector.grad is not None
    return states.detach(), vector.grad


def test_weights_of_a_float16_file_give_the_very_same_states_and_gradient_in_half_the_memory(
    encoder: nn.Module,
) -> None:
    states, gradient = outcome(encoder)
    whole = size(encoder)
    saved = keep_compact(encoder)
    compact_states, compact_gradient = outcome(encoder)
    assert torch.equal(compact_states, states)
    assert torch.equal(compact_gradient, gradient)
    assert gradient.abs().max() > 0
    assert size(encoder) == whole - saved < 0.55 * whole


def test_a_weight_that_float16_cannot_hold_stays_as_it_is(encoder: nn.Module) -> None:
    linear = next(part for part in encoder.modules() if isinstance(part, nn.Linear))
    linear.weight.data[0, 0] = 1 + 2**-20
    keep_compact(encoder)
    others = [part for part in encoder.modules() if isinstance(part, nn.Linear) and part is not linear]
    assert linear.weight.dtype is torch.float32
    assert {part.weight.dtype for part in others} == {torch.float16}
    assert keep_compact(encoder) == 0


def test_the_names_of_the_weights_stay(encoder: nn.Module) -> None:
    names = list(encoder.state_dict())
    keep_compact(encoder)
    assert list(encoder.state_dict()) == names
    assert not any(weight.requires_grad for weight in encoder.parameters())


@pytest.mark.parametrize(
    ("encoders", "device", "dtype", "is_compact"),
    [
        (2, "cuda", torch.bfloat16, True),
        (1, "cuda", torch.bfloat16, False),
        (2, "cpu", torch.bfloat16, False),
        (2, "cuda", torch.float32, False),
    ],
)
def test_only_sdxl_on_a_card_in_half_precision_is_kept_compact(
    encoder: nn.Module, encoders: int, device: str, dtype: torch.dtype, is_compact: bool
) -> None:
    modules = [copy.deepcopy(encoder) for _ in range(encoders)]
    compact_on_card(modules, DeviceChoice(device=torch.device(device), dtype=dtype, reason="a test"))
    assert all((keep_compact(module) == 0) is is_compact for module in modules)
