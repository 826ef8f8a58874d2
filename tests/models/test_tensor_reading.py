"""Tensors read one at a time, into memory of their own."""

from __future__ import annotations

import io
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file
from torch import nn

from traintab.models.tensor_reading import TensorReader, filled

KINDS = [
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool),
]


def empty_linear() -> nn.Module:
    with torch.device("meta"):
        return nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))


def tensors() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        name: torch.randn(tensor.shape, generator=generator)
        for name, tensor in empty_linear().state_dict().items()
    }


@pytest.mark.parametrize("dtype", KINDS, ids=str)
@pytest.mark.parametrize("shape", [(2, 3), (), (0, 4)], ids=str)
def test_every_kind_of_number_is_read_bit_by_bit(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    wanted = torch.randint(2, shape).to(dtype)
    stream = io.BytesIO(save({"before": torch.ones(1), "wanted": wanted}))
    found = TensorReader.of(stream).read("wanted")
    assert (found.dtype, found.shape) == (dtype, wanted.shape)
    assert torch.equal(found.flatten().view(torch.uint8), wanted.flatten().view(torch.uint8))


def test_a_file_that_has_become_shorter_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    save_file({"wanted": torch.ones(8)}, file)
    with file.open("r+b") as stream:
        reader = TensorReader.of(stream)
        stream.truncate(file.stat().st_size - 1)
        with pytest.raises(OSError, match="wanted is cut off"):
            reader.read("wanted")


def test_a_kind_of_number_that_torch_lacks_is_told() -> None:
    reader = TensorReader(io.BytesIO(), {"a": {"dtype": "F4", "shape": [2], "data_offsets": [0, 1]}}, 0)
    with pytest.raises(ValueError, match="a consists of F4"):
        reader.read("a")


def test_a_file_of_another_dtype_is_never_in_memory_as_a_whole() -> None:
    alive: list[weakref.ref[torch.Tensor]] = []

    def one_by_one() -> Iterator[tuple[str, torch.Tensor]]:
        for name in tensors():
            assert [held() for held in alive[:-1]] == [None] * len(alive[:-1])
            tensor = tensors()[name]
            alive.append(weakref.ref(tensor))
            yield name, tensor

    module = filled(empty_linear(), one_by_one(), torch.bfloat16)
    for name, tensor in tensors().items():
        assert torch.equal(module.state_dict()[name], tensor.bfloat16())
    assert len(alive) == 4 and not module.training


def test_tensors_without_a_place_are_left_out_and_a_missing_one_is_told() -> None:
    some = {**tensors(), "other": torch.ones(1)}
    assert "other" not in filled(empty_linear(), some.items(), torch.float32).state_dict()
    del some["1.bias"]
    with pytest.raises(ValueError, match=r"the file lacks 1 weights, 1\.bias first"):
        filled(empty_linear(), some.items(), torch.float32)


def test_a_transposed_tensor_is_laid_out_anew() -> None:
    some = {**tensors(), "0.weight": tensors()["0.weight"].T.contiguous().T}
    module = filled(empty_linear(), some.items(), torch.float32)
    assert module.state_dict()["0.weight"].is_contiguous()
