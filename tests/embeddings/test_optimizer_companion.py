from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.embeddings.checksum import checksum
from traintab.embeddings.optimizer_companion import (
    OptimizerMoments,
    companion_path,
    read_optimizer_companion,
    write_optimizer_companion,
)
from traintab.errors import EmbeddingFileError, NonFiniteError

VECTORS = torch.linspace(-0.3, 0.3, 64).reshape(2, 32)


def moments() -> OptimizerMoments:
    average = torch.linspace(-1e-3, 1e-3, 64).reshape(2, 32)
    return OptimizerMoments(updates=500, exp_avg=average, exp_avg_sq=average**2)


def a1111_tree(**changes: Any) -> dict[str, Any]:
    """What A1111 keeps, built from its description: hash, and the state dict of its AdamW."""
    kept = moments()
    slot = {"step": torch.tensor(500.0), "exp_avg": kept.exp_avg, "exp_avg_sq": kept.exp_avg_sq}
    group = {"lr": 0.005, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False}
    group |= {"foreach": None, "maximize": False, "capturable": False, "params": [0]}
    return {
        "hash": checksum(VECTORS),
        "optimizer_state_dict": {"state": {0: {**slot, **changes}}, "param_groups": [group]},
    }


def saved(path: Path, tree: object, *, is_zip: bool = False) -> Path:
    torch.save(tree, companion_path(path), _use_new_zipfile_serialization=is_zip)
    return path


def same(found: OptimizerMoments | None, expected: OptimizerMoments) -> bool:
    return (
        found is not None
        and found.updates == expected.updates
        and torch.equal(found.exp_avg, expected.exp_avg)
        and torch.equal(found.exp_avg_sq, expected.exp_avg_sq)
    )


def test_it_lies_beside_the_file_under_its_whole_name() -> None:
    assert companion_path(Path("a") / "mira.pt") == Path("a") / "mira.pt.optim"


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "mira.pt"
    written = write_optimizer_companion(path, VECTORS, moments(), learning_rate=0.005)
    assert written == tmp_path / "mira.pt.optim"
    assert same(read_optimizer_companion(path, VECTORS), moments())


@pytest.mark.parametrize("is_zip", [False, True], ids=["legacy", "zip"])
@pytest.mark.parametrize(
    "step", [torch.tensor(500.0), 500, torch.tensor([500])], ids=["tensor", "int", "1-d"]
)
def test_a1111s_own_file_is_read(tmp_path: Path, is_zip: bool, step: object) -> None:
    path = saved(tmp_path / "mira.pt", a1111_tree(step=step), is_zip=is_zip)
    assert same(read_optimizer_companion(path, VECTORS), moments())


def test_torchs_adamw_goes_on_from_ours(tmp_path: Path) -> None:
    """As A1111 does: the state dict is loaded into a fresh AdamW of the vectors."""
    path = tmp_path / "mira.pt"
    data = write_optimizer_companion(path, VECTORS, moments(), learning_rate=0.005).read_bytes()
    assert not data.startswith(b"PK")
    tree = torch.serialization.load(io.BytesIO(data), weights_only=True)
    assert tree["hash"] == checksum(VECTORS)
    parameter = torch.nn.Parameter(VECTORS.clone())
    optimizer = torch.optim.AdamW([parameter], lr=0.1, weight_decay=0.0)
    optimizer.load_state_dict(tree["optimizer_state_dict"])
    assert optimizer.param_groups[0]["lr"] == 0.005
    assert torch.equal(optimizer.state[parameter]["exp_avg"], moments().exp_avg)
    assert float(optimizer.state[parameter]["step"]) == 500


def test_the_given_tensors_are_left_alone(tmp_path: Path) -> None:
    leaf = VECTORS.clone().requires_grad_()
    write_optimizer_companion(tmp_path / "mira.pt", leaf, moments(), learning_rate=1.0)
    assert leaf.grad is None
    assert torch.equal(leaf.detach(), VECTORS)


def test_without_a_companion_there_is_nothing(tmp_path: Path) -> None:
    assert read_optimizer_companion(tmp_path / "mira.pt", VECTORS) is None


def test_that_of_other_vectors_is_left_alone(tmp_path: Path) -> None:
    path = saved(tmp_path / "mira.pt", a1111_tree())
    assert read_optimizer_companion(path, VECTORS + 0.01) is None


def test_broken_vectors_have_no_companion(tmp_path: Path) -> None:
    with pytest.raises(NonFiniteError):
        write_optimizer_companion(
            tmp_path / "mira.pt", torch.full((2, 32), float("nan")), moments(), learning_rate=0.005
        )
    assert list(tmp_path.iterdir()) == []


def test_broken_averages_are_not_written(tmp_path: Path) -> None:
    broken = OptimizerMoments(updates=1, exp_avg=torch.full((2, 32), float("inf")), exp_avg_sq=VECTORS**2)
    with pytest.raises(NonFiniteError, match="averages aren't finite"):
        write_optimizer_companion(tmp_path / "mira.pt", VECTORS, broken, learning_rate=0.005)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"exp_avg": torch.zeros(1, 32)},
        {"exp_avg": torch.full((2, 32), float("nan"))},
        {"exp_avg": "none"},
        {"exp_avg_sq": torch.full((2, 32), -1.0)},
        {"exp_avg_sq": torch.zeros(2, 32, dtype=torch.int64)},
        {"step": -1},
        {"step": True},
        {"step": float("nan")},
        {"step": "500"},
        {"step": torch.zeros(3)},
        {"step": torch.tensor(1j)},
        {"step": torch.tensor(True)},
        {"step": torch.tensor(float("inf"))},
    ],
    ids=str,
)
def test_a_state_that_cant_be_is_refused_in_a_sentence(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = saved(tmp_path / "mira.pt", a1111_tree(**changes))
    with pytest.raises(EmbeddingFileError, match=r"mira\.pt\.optim was refused: found .*, expected "):
        read_optimizer_companion(path, VECTORS)


@pytest.mark.parametrize(
    "tree",
    [
        {"hash": checksum(VECTORS)},
        {"hash": checksum(VECTORS), "optimizer_state_dict": {}},
        {"hash": checksum(VECTORS), "optimizer_state_dict": {"state": {}}},
        {"hash": checksum(VECTORS), "optimizer_state_dict": {"state": {0: {"momentum_buffer": VECTORS}}}},
        [1, 2],
        VECTORS,
    ],
    ids=["no state", "empty", "no parameter", "sgd", "list", "tensor"],
)
def test_anything_else_is_refused_in_a_sentence(tmp_path: Path, tree: object) -> None:
    path = saved(tmp_path / "mira.pt", tree)
    with pytest.raises(EmbeddingFileError, match=r"mira\.pt\.optim was refused: found "):
        read_optimizer_companion(path, VECTORS)


class Touches:
    """Pickles to a call of `open`."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (str(self._canary), "w")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_nothing_in_it_is_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    path = saved(tmp_path / "mira.pt", {"hash": checksum(VECTORS), "optimizer_state_dict": Touches(canary)})
    with pytest.raises(EmbeddingFileError, match="was refused"):
        read_optimizer_companion(path, VECTORS)
    assert not canary.exists()
    pickle.loads(pickle.dumps(Touches(canary))).close()
    assert canary.exists(), "the pickle wouldn't have run anyway"
