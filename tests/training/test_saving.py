"""Embeddings with what the optimizer remembers beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.embeddings.optimizer_companion import OptimizerMoments, read_optimizer_companion
from traintab.paths import Paths
from traintab.training.events import CheckpointSaved, TrainingEvent, TrainingFinished, TrainingNotice

Trainer = Callable[..., list[TrainingEvent]]


@pytest.fixture
def saving(config: TrainingConfig) -> TrainingConfig:
    return replace_fields(config, {"save_optimizer_state": True})


def memory_of(path: Path) -> OptimizerMoments:
    found = read_optimizer_companion(path, read_embedding(path).vectors["clip_l"])
    assert found is not None
    return found


def notices(events: list[TrainingEvent]) -> str:
    return "\n".join(event.message for event in events if isinstance(event, TrainingNotice))


@pytest.mark.option("save_every", "save_optimizer_state")
def test_the_optimizer_s_memory_lies_beside_the_embedding_and_every_copy(
    saving: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    events = run_training(saving)

    copies = [event for event in events if isinstance(event, CheckpointSaved)]
    assert [memory_of(copy.path).updates for copy in copies] == [copy.step for copy in copies] == [5, 10]
    assert memory_of(paths.embeddings_dir / "zq.pt").updates == 12


def test_nothing_lies_beside_it_unless_asked(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    events = run_training(config)

    assert list(paths.embeddings_dir.glob("*.optim")) == []
    assert "optim" not in notices(events)


def test_a_later_training_goes_on_with_it(
    saving: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(saving)

    events = run_training(replace_fields(saving, {"steps": 20}))

    assert "its memory of 12 updates in zq.pt.optim" in notices(events)
    assert memory_of(paths.embeddings_dir / "zq.pt").updates == 20


def test_it_makes_a_difference_to_what_is_learned(
    saving: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(saving)
    path, companion = paths.embeddings_dir / "zq.pt", paths.embeddings_dir / "zq.pt.optim"
    kept = path.read_bytes()
    further = replace_fields(saving, {"steps": 14})
    run_training(further)
    remembered = read_embedding(path).vectors["clip_l"]

    path.write_bytes(kept)
    companion.unlink()
    run_training(further)

    assert not torch.equal(read_embedding(path).vectors["clip_l"], remembered)


def test_one_of_other_vectors_is_left_alone(
    saving: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(saving)
    path = paths.embeddings_dir / "zq.pt"
    other = (paths.embeddings_dir / "zq.pt.optim").read_bytes()
    run_training(replace_fields(saving, {"steps": 14}))
    (paths.embeddings_dir / "zq.pt.optim").write_bytes(other)

    events = run_training(replace_fields(saving, {"steps": 20}))

    assert "memory" not in notices(events)
    assert memory_of(path).updates == 6


def test_a_broken_one_is_told_of_and_training_starts_fresh(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    (paths.embeddings_dir / "zq.pt.optim").write_bytes(b"no optimizer")

    events = run_training(config)

    assert isinstance(events[-1], TrainingFinished)
    assert "The optimizer starts fresh." in notices(events) and "zq.pt.optim" in notices(events)


def test_a_resumed_run_goes_on_from_its_own_state(
    saving: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(saving)
    whole = memory_of(paths.embeddings_dir / "zq.pt")
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    (paths.embeddings_dir / "zq.pt.optim").unlink()

    run_training(saving, stop_at=7)
    run_training(saving, resume=True)

    resumed = memory_of(paths.embeddings_dir / "zq.pt")
    assert resumed.updates == whole.updates == 12
    assert torch.equal(resumed.exp_avg, whole.exp_avg)
    assert torch.equal(resumed.exp_avg_sq, whole.exp_avg_sq)


@pytest.mark.option("save_precision")
@pytest.mark.parametrize(("precision", "dtype"), [("fp16", torch.float16), ("bf16", torch.bfloat16)])
def test_files_are_rounded_and_what_is_resumed_from_is_not(
    saving: TrainingConfig, run_training: Trainer, paths: Paths, precision: str, dtype: torch.dtype
) -> None:
    path = paths.embeddings_dir / "zq.pt"
    start = path.read_bytes()
    run_training(saving)
    exact = read_embedding(path).vectors["clip_l"]
    path.write_bytes(start)
    rounded = replace_fields(saving, {"save_precision": precision})
    events = run_training(rounded, stop_at=7)
    events += run_training(rounded, resume=True)

    found = read_embedding(path).vectors["clip_l"]
    assert torch.equal(found, exact.to(dtype).float()) and not torch.equal(found, exact)
    copies = [event.path for event in events if isinstance(event, CheckpointSaved)]
    for copy in copies:
        vectors = read_embedding(copy).vectors["clip_l"]
        assert torch.equal(vectors, vectors.to(dtype).float())
        assert memory_of(copy).updates == int(copy.stem.split("-")[1])
    assert len(copies) == 2


@pytest.mark.option("comment")
def test_a_comment_is_in_the_embedding_and_its_copies(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    assert read_embedding(paths.embeddings_dir / "zq.pt").comment is None
    events = run_training(replace_fields(config, {"comment": "A hat.\nOf felt."}))
    files = [event.path for event in events if isinstance(event, (CheckpointSaved, TrainingFinished))]
    assert [read_embedding(path).comment for path in files] == ["A hat. Of felt."] * 3
