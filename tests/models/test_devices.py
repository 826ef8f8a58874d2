from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from traintab.errors import ModelError
from traintab.models.devices import choose_device, reason_of


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with one card of capability 8.6 and a torch that was built for it."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Test Card")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 6))
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_75", "sm_80", "sm_90"])
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.xpu, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    return monkeypatch


def without_card(monkeypatch: pytest.MonkeyPatch, *, xpu: bool = False, mps: bool = False) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.xpu, "is_available", lambda: xpu)
    monkeypatch.setattr(torch.xpu, "device_count", lambda: 1)
    monkeypatch.setattr(torch.xpu, "get_device_name", lambda device: "Test Arc")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


def test_without_a_card_the_processor_computes_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    without_card(monkeypatch)

    choice = choose_device()

    assert (choice.device.type, choice.dtype) == ("cpu", torch.float32)
    assert "no graphics card" in choice.reason


def test_a_card_with_bfloat16_uses_it(card: pytest.MonkeyPatch) -> None:
    choice = choose_device()

    assert (choice.device.type, choice.dtype) == ("cuda", torch.bfloat16)
    assert choice.reason.startswith("Test Card in bfloat16")


def test_an_older_card_uses_float16(card: pytest.MonkeyPatch) -> None:
    card.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))

    assert choose_device("cuda").dtype is torch.float16


def test_an_older_card_whose_float16_gives_black_pictures_uses_float32(card: pytest.MonkeyPatch) -> None:
    card.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    card.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA GeForce GTX 1660 Ti")

    choice = choose_device()

    assert choice.dtype is torch.float32
    assert "because its float16 gives black pictures" in choice.reason


@pytest.mark.parametrize(
    ("architecture", "dtype"),
    [
        ("gfx1100", torch.bfloat16),
        ("gfx90a:sramecc+:xnack-", torch.bfloat16),
        ("gfx1030", torch.float16),
        ("gfx906", torch.float16),
    ],
)
def test_an_amd_card_is_judged_by_its_architecture(
    card: pytest.MonkeyPatch, architecture: str, dtype: torch.dtype
) -> None:
    card.setattr(torch.version, "hip", "6.2")
    card.setattr(torch.cuda, "get_arch_list", lambda: ["gfx1100"])
    properties = SimpleNamespace(gcnArchName=architecture)
    card.setattr(torch.cuda, "get_device_properties", lambda device: properties)

    choice = choose_device()

    assert (choice.device.type, choice.dtype) == ("cuda", dtype)


def test_intel_s_graphics_are_used_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    without_card(monkeypatch, xpu=True, mps=True)

    choice = choose_device()

    assert (choice.device.type, choice.dtype) == ("xpu", torch.bfloat16)
    assert choice.reason.startswith("Test Arc in bfloat16")
    assert choose_device("xpu:0").device == torch.device("xpu:0")


def test_an_intel_card_beyond_the_last_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    without_card(monkeypatch, xpu=True)

    with pytest.raises(ModelError, match="there are only 1 Intel cards"):
        choose_device("xpu:2")


def test_a_torch_that_does_not_know_intel_s_graphics_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    without_card(monkeypatch)
    monkeypatch.delattr(torch, "xpu")

    assert choose_device().device.type == "cpu"
    with pytest.raises(ModelError, match="no Intel graphics"):
        choose_device("xpu")


def test_a_card_that_torch_was_not_built_for_means_the_processor_and_a_reason(
    card: pytest.MonkeyPatch,
) -> None:
    card.setattr(torch.cuda, "get_device_capability", lambda device: (6, 1))

    choice = choose_device()

    assert choice.device.type == "cpu"
    assert "built for sm_75, sm_80, sm_90 and not for Test Card (sm_61)" in choice.reason


def test_a_card_that_was_asked_for_and_does_not_fit_is_an_error(card: pytest.MonkeyPatch) -> None:
    card.setattr(torch.cuda, "get_device_capability", lambda device: (12, 0))

    with pytest.raises(ModelError, match=r"sm_120.*install the build that fits"):
        choose_device("cuda")


def test_intermediate_code_runs_on_newer_cards(card: pytest.MonkeyPatch) -> None:
    card.setattr(torch.cuda, "get_device_capability", lambda device: (12, 0))
    card.setattr(torch.cuda, "get_arch_list", lambda: ["sm_90a", "compute_90", "odd"])

    assert choose_device("cuda").device.type == "cuda"


def test_a_card_beyond_the_last_is_an_error(card: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="there are only 1 cards"):
        choose_device("cuda:3")


def test_apple_s_graphics_are_used_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    without_card(monkeypatch, mps=True)

    assert choose_device().device.type == "mps"
    assert choose_device("mps").dtype is torch.float32
    assert "float32" in choose_device("mps").reason


@pytest.mark.parametrize(
    ("requested", "told"),
    [
        ("cuda", "no graphics card"),
        ("mps", "has none"),
        ("xpu", "no Intel graphics"),
        ("meta", "can't be trained on"),
        ("toaster", "no device"),
    ],
)
def test_a_device_that_is_not_there_is_an_error(
    monkeypatch: pytest.MonkeyPatch, requested: str, told: str
) -> None:
    without_card(monkeypatch)

    with pytest.raises(ModelError, match=told):
        choose_device(requested)


def test_the_processor_can_be_asked_for(card: pytest.MonkeyPatch) -> None:
    assert choose_device("cpu").device.type == "cpu"


def test_the_reason_of_a_device_is_that_of_its_choice(card: pytest.MonkeyPatch) -> None:
    assert reason_of(torch.device("cuda")) == choose_device().reason
    assert reason_of(torch.device("cpu")) == "cpu was asked for; float32 is exact."
