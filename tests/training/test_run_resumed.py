"""Runs that were interrupted, killed or torn, and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.events import (
    StepCompleted,
    TrainingEvent,
    TrainingFinished,
    TrainingInterrupted,
    TrainingNotice,
    TrainingStarted,
)
from traintab.training.run import start_training
from traintab.training.state_files import read_newest_state, state_paths
from traintab.training.unfinished import config_to_resume, find_unfinished

Trainer = Callable[..., list[TrainingEvent]]


def vectors_of(paths: Paths, name: str = "zq") -> torch.Tensor:
    return read_embedding(paths.embeddings_dir / f"{name}.pt").vectors["clip_l"]


def run_dir(events: list[TrainingEvent]) -> Path:
    return next(event.run_dir for event in events if isinstance(event, TrainingStarted))


def with_fields(config: TrainingConfig, **fields: Any) -> TrainingConfig:
    return replace_fields(config, fields)


@pytest.mark.parametrize("pause", [0, 1, 4, 5, 7, 11])
def test_interrupted_and_resumed_ends_bit_identical_to_uninterrupted(
    config: TrainingConfig, run_training: Trainer, paths: Paths, pause: int
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(config)
    uninterrupted = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)

    first = run_training(config, stop_at=pause)
    interrupted = first[-1]
    assert isinstance(interrupted, TrainingInterrupted)
    assert interrupted.step == pause
    assert read_embedding(paths.embeddings_dir / "zq.pt").step == pause
    second = run_training(config_to_resume("zq", paths), resume=True)
    assert run_dir(second) == run_dir(first)
    assert [e.step for e in second if isinstance(e, StepCompleted)] == list(range(pause + 1, 13))
    assert torch.equal(vectors_of(paths), uninterrupted)


@pytest.mark.parametrize(
    "fields",
    [
        {"shuffle_tags": True, "tag_drop_out": 0.5},
        {"latent_sampling_method": "random"},
        {"latent_sampling_method": "deterministic", "gradient_accumulation_steps": 2},
        {"clip_grad_mode": "norm", "clip_grad_value": "0.001"},
    ],
)
def test_resuming_is_exact_with_every_kind_of_randomness(
    config: TrainingConfig,
    run_training: Trainer,
    paths: Paths,
    fields: dict[str, Any],
) -> None:
    for picture in Path(config.dataset.data_dir).glob("*.png"):
        picture.with_suffix(".txt").write_text("red, hat, of cat, blue", encoding="utf-8")
    config = with_fields(config, **fields)
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(config)
    uninterrupted = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(config, stop_at=7)
    assert not torch.equal(vectors_of(paths), uninterrupted)
    run_training(config_to_resume("zq", paths), resume=True)
    assert torch.equal(vectors_of(paths), uninterrupted)


def test_interrupted_twice_is_still_exact(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(config)
    uninterrupted = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(config, stop_at=4)
    run_training(config_to_resume("zq", paths), resume=True, stop_at=8)
    events = run_training(config_to_resume("zq", paths), resume=True)
    assert torch.equal(vectors_of(paths), uninterrupted)
    rows = (run_dir(events) / "textual_inversion_loss.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[0] for row in rows] == ["step", *(str(step) for step in range(1, 13))]


def test_a_killed_run_is_resumed_from_its_newest_state(
    config: TrainingConfig, run_training: Trainer, paths: Paths, model: Model
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(config)
    uninterrupted = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    events = start_training(config, model=model, paths=paths, should_stop=lambda: False)
    for event in events:
        if isinstance(event, StepCompleted) and event.step == 8:
            break
    run = find_unfinished("zq", paths)
    assert run is not None
    kept = {path: path.read_bytes() for path in state_paths(run)}
    events.close()  # saves, as an orderly end does ...
    for path in state_paths(run):
        path.unlink()
    for path, data in kept.items():  # ... so put back what a killed process had left behind
        path.write_bytes(data)
    resumed = run_training(config_to_resume("zq", paths), resume=True)
    assert next(e.step for e in resumed if isinstance(e, StepCompleted)) == 6
    assert torch.equal(vectors_of(paths), uninterrupted)


def test_a_torn_state_falls_back_to_the_one_before_and_says_so(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(config)
    uninterrupted = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(config, stop_at=7)
    run = find_unfinished("zq", paths)
    assert run is not None
    newest, before, *_ = state_paths(run)
    assert (newest.name, before.name) == ("state-7.pt", "state-5.pt")
    newest.write_bytes(newest.read_bytes()[:-100])
    events = run_training(config_to_resume("zq", paths), resume=True)
    notices = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert "state-7.pt is damaged; going on from step 5." in notices
    assert torch.equal(vectors_of(paths), uninterrupted)


def test_a_run_is_resumed_with_more_steps_than_it_was_meant_for(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(config, stop_at=4)
    events = run_training(config_to_resume("zq", paths, steps=15), resume=True)
    assert isinstance(events[-1], TrainingFinished)
    assert events[-1].step == 15
    assert "steps: 15" in (run_dir(events) / "run.yaml").read_text(encoding="utf-8")


def test_changed_pictures_are_said_and_training_goes_on(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(config, stop_at=4)
    folder = Path(config.dataset.data_dir)
    (folder / "red hat.png").unlink()
    (folder / "blue hat.png").write_bytes((folder / "green hat.png").read_bytes())
    (folder / "green hat.png").rename(folder / "new hat.png")
    events = run_training(config_to_resume("zq", paths), resume=True)
    notices = "\n".join(event.message for event in events if isinstance(event, TrainingNotice))
    assert "Pictures: 5 → 4 (added: new hat.png; removed: " in notices
    assert "changed: blue hat.png" in notices
    assert "go on from step 4; the order of the pictures and their prompts begin anew" in notices
    assert isinstance(events[-1], TrainingFinished)


def test_a_new_learning_rate_is_told_and_honoured_at_once(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(config, stop_at=4)
    changed = with_fields(config_to_resume("zq", paths), learning_rate="0.02", batch_size=3)
    events = run_training(changed, resume=True)
    steps = [event for event in events if isinstance(event, StepCompleted)]
    assert steps[0].step == 5
    assert {event.learning_rate for event in steps} == {0.02}
    notices = "\n".join(event.message for event in events if isinstance(event, TrainingNotice))
    assert "Embedding Learning rate: 0.05:6, 0.01 → 0.02; Batch size: 2 → 3." in notices
    assert "the order of the pictures begins anew" in notices
    assert "learning_rate: '0.02'" in (run_dir(events) / "run.yaml").read_text(encoding="utf-8")


def test_without_changes_nothing_is_told_to_differ(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(config, stop_at=4)
    events = run_training(config_to_resume("zq", paths), resume=True, stop_at=5)
    notices = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert not any("Not as it was" in notice or "anew" in notice for notice in notices)


def test_a_new_run_keeps_the_unfinished_one_and_names_it(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    first = run_dir(run_training(config, stop_at=4))
    events = run_training(config)
    assert next(e.step for e in events if isinstance(e, StepCompleted)) == 5
    assert any(str(first) in e.message for e in events if isinstance(e, TrainingNotice))
    run = find_unfinished("zq", paths)
    assert run is not None
    assert run.path == first
    assert read_newest_state(run)[0]["step"] == 4


def test_after_an_error_a_resumed_run_ends_as_if_nothing_had_happened(
    config: TrainingConfig, run_training: Trainer, paths: Paths, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = with_fields(config, evaluate_every=0)  # so that each prediction is a step's
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(config)
    uninterrupted = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    calls: list[None] = []
    predict = type(model).predict

    def shortage(*arguments: Any) -> torch.Tensor:
        calls.append(None)
        if len(calls) == 9:
            raise torch.OutOfMemoryError("out of memory")
        return predict(*arguments)

    with monkeypatch.context() as patch, pytest.raises(Exception, match="ran out of memory; the last good"):
        patch.setattr(type(model), "predict", shortage)
        run_training(config)
    assert read_embedding(paths.embeddings_dir / "zq.pt").step == 8
    run_training(config_to_resume("zq", paths), resume=True)
    assert torch.equal(vectors_of(paths), uninterrupted)


def test_resuming_an_old_run_keeps_what_a_later_one_has_learned(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    first = run_dir(run_training(config, stop_at=4))
    run_training(config)
    later = vectors_of(paths)
    events = run_training(config_to_resume("zq", paths), resume=True, stop_at=5)
    kept = first / "embeddings" / "zq-12-before-resuming.pt"
    assert torch.equal(read_embedding(kept).vectors["clip_l"], later)
    assert any(str(kept) in event.message for event in events if isinstance(event, TrainingNotice))
