"""The same bits each time, as far as that can be told without a card."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch

from traintab.errors import ModelError
from traintab.models.determinism import deterministic

CARD = torch.device("cuda")


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    before = settings()
    yield
    assert settings() == before


def settings() -> tuple[bool, bool, bool]:
    cudnn = torch.backends.cudnn
    return torch.are_deterministic_algorithms_enabled(), cudnn.deterministic, cudnn.benchmark


def test_on_a_card_all_is_deterministic_inside_and_as_before_afterwards() -> None:
    torch.backends.cudnn.benchmark = True
    try:
        with deterministic(CARD):
            assert settings() == (True, True, False)
            assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
        assert settings() == (False, False, True)
    finally:
        torch.backends.cudnn.benchmark = False


def test_the_users_own_workspace_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    with deterministic(CARD):
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


def test_nothing_is_changed_for_the_processor() -> None:
    with deterministic(torch.device("cpu")):
        assert settings()[0] is False
        assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ


def test_what_has_no_deterministic_way_is_told_with_what_to_switch_off() -> None:
    told = r"on cuda: put_ does not have a deterministic implementation.*Switch Deterministic on"
    with pytest.raises(ModelError, match=told), deterministic(CARD):
        raise RuntimeError("put_ does not have a deterministic implementation, but you set\nmore")


def test_another_error_passes() -> None:
    with pytest.raises(RuntimeError, match="shapes differ"), deterministic(CARD):
        raise RuntimeError("shapes differ")
