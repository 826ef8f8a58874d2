"""Weights that wait on the disk."""

from __future__ import annotations

import copy
import errno
import io
import tempfile
from pathlib import Path

import pytest
import torch
from torch import nn

from traintab.models.model import Model
from traintab.models.parking import awake, parked


def make() -> nn.Module:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.Linear(64, 8).half())
    return module.requires_grad_(False).eval()


def bits(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def same(module: nn.Module, before: dict[str, torch.Tensor]) -> bool:
    now = module.state_dict()
    return set(now) == set(before) and all(
        now[name].dtype == before[name].dtype and torch.equal(now[name], before[name]) for name in before
    )


def memory_of(module: nn.Module) -> int:
    return sum(tensor.untyped_storage().nbytes() for tensor in module.state_dict().values())


def test_a_parked_module_takes_no_memory_and_has_its_very_bits_afterwards(tmp_path: Path) -> None:
    module = make()
    before, size = bits(module), memory_of(module)
    with parked(module, tmp_path):
        assert memory_of(module) < size / 100
        assert {name: t.shape for name, t in module.state_dict().items()} == {
            name: t.shape for name, t in before.items()
        }
        assert list(tmp_path.iterdir()) == []
    assert same(module, before)
    assert memory_of(module) == size


def test_a_parked_module_is_whole_while_it_is_awake(tmp_path: Path) -> None:
    module = make()
    before = bits(module)
    with parked(module, tmp_path):
        for _ in range(2):
            with awake(module), awake(module):
                assert same(module, before)
            assert memory_of(module) < 2000
    with awake(module):
        assert same(module, before)


def test_a_module_comes_back_after_an_error(tmp_path: Path) -> None:
    module = make()
    before = bits(module)
    with pytest.raises(KeyError), parked(module, tmp_path), awake(module):
        raise KeyError
    assert same(module, before)


def test_where_nothing_can_be_written_the_module_stays(tmp_path: Path) -> None:
    module = make()
    before = bits(module)
    with parked(module, tmp_path / "no such folder"):
        assert same(module, before)
        with awake(module):
            assert same(module, before)
    assert same(module, before)


def test_on_a_disk_that_fills_up_the_module_stays_and_so_does_no_part_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullDisk(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    raw, module = FullDisk(), make()
    before = bits(module)
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda dir: io.BufferedWriter(raw, 4096))
    with parked(module, tmp_path):
        assert raw.closed
        assert same(module, before)
    assert same(module, before)


def test_a_parked_vae_encodes_and_decodes_as_before(tiny_model: Model, tmp_path: Path) -> None:
    pixels = torch.rand(1, 3, 64, 64) * 2 - 1
    mean, _std = tiny_model.encode_images(pixels)
    drawn = tiny_model.decode_latents(mean)
    kept = copy.deepcopy(bits(tiny_model.vae))
    with parked(tiny_model.vae, tmp_path):
        assert torch.equal(tiny_model.encode_images(pixels)[0], mean)
        assert torch.equal(tiny_model.decode_latents(mean), drawn)
    assert same(tiny_model.vae, kept)
