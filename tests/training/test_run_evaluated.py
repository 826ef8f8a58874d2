"""Whole runs that are evaluated: the table, the best copy, the automatic stop, and going on after a pause."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.errors import BusyError, EmbeddingNameError, NothingToDoError
from traintab.paths import Paths
from traintab.training.best import read_best, use_best
from traintab.training.copies import copies_of
from traintab.training.events import BestStep, Evaluated, TrainingEvent, TrainingFinished, TrainingStarted
from traintab.training.lock import embedding_lock
from traintab.training.run_folder import RunFolder
from traintab.training.unfinished import config_to_resume

Trainer = Callable[..., list[TrainingEvent]]


def run_of(events: list[TrainingEvent]) -> RunFolder:
    started = next(event for event in events if isinstance(event, TrainingStarted))
    return RunFolder(path=started.run_dir, embedding_name="zq")


def table(run: RunFolder) -> list[tuple[int, float]]:
    with run.evaluation_table.open(encoding="utf-8", newline="") as stream:
        return [(int(row["step"]), float(row["loss"])) for row in csv.DictReader(stream)]


def vectors_in(path: Path) -> torch.Tensor:
    return read_embedding(path).vectors["clip_l"]


@pytest.fixture
def evaluated(config: TrainingConfig) -> TrainingConfig:
    """Evaluated every two steps of 10, of which the sixth is the best."""
    wanted = {"steps": 10, "seed": 1, "learning_rate": "0.05", "evaluate_every": 2, "evaluation_samples": 4}
    return replace_fields(config, wanted)


def test_a_run_keeps_its_curve_and_its_best_copy(evaluated: TrainingConfig, run_training: Trainer) -> None:
    events = run_training(evaluated)
    run = run_of(events)
    points = table(run)
    assert [step for step, _ in points] == [0, 2, 4, 6, 8, 10]
    told = [(e.step, e.loss) for e in events if isinstance(e, Evaluated)]
    assert [(step, pytest.approx(loss, abs=1e-8)) for step, loss in told] == points
    step, loss = min(told, key=lambda point: point[1])
    assert step not in (0, 5, 10), "choose settings by which the best is no regular copy"
    best = read_best(run)
    assert best is not None and (best.step, best.loss) == (step, loss)
    assert best.path == run.checkpoint(step)
    assert read_embedding(best.path).step == step
    copies = sorted(path.name for path in best.path.parent.iterdir() if path.suffix == ".pt")
    assert copies == sorted(["zq-5.pt", "zq-10.pt", f"zq-{step}.pt"])
    assert run.state(step).is_file(), "a copy can be gone on from"
    last = events[-1]
    assert isinstance(last, TrainingFinished)
    assert (last.reason, last.best_step, last.best_path) == ("steps", step, best.path)
    assert f"Its best evaluation was at step {step}: {best.path}." in last.message


def test_resumed_after_any_step_the_curve_and_the_best_are_the_same(
    evaluated: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    whole = run_of(run_training(evaluated))
    for pause in (1, 4, 7):
        (paths.embeddings_dir / "zq.pt").write_bytes(start)
        run = run_of(run_training(evaluated, stop_at=pause))
        events = run_training(config_to_resume("zq", paths), resume=True)
        assert table(run) == table(whole)
        best, whole_best = read_best(run), read_best(whole)
        assert best is not None and whole_best is not None
        assert (best.step, best.loss) == (whole_best.step, whole_best.loss)
        assert torch.equal(vectors_in(best.path), vectors_in(whole_best.path))
        begun = next(event for event in events if isinstance(event, TrainingStarted))
        assert [step for step, _ in begun.evaluations] == [step for step in (0, 2, 4, 6) if step <= pause]


def test_a_best_copy_that_was_lost_is_there_again_after_resuming(
    evaluated: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run = run_of(run_training(evaluated, stop_at=3))
    best = read_best(run)
    assert best is not None
    kept = vectors_in(best.path)
    best.path.unlink()
    run.best_file.unlink()
    events = run_training(config_to_resume("zq", paths), resume=True, stop_at=3)
    assert not any(isinstance(event, BestStep) for event in events)
    assert torch.equal(vectors_in(best.path), kept)
    assert read_best(run) == best


def test_the_automatic_stop_says_why_and_where(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    rest: dict[str, Any] = {
        "learning_rate": "0.05:6, 1e-9",
        "steps": 200,
        "evaluate_every": 2,
        "automatic_stop": True,
        "automatic_stop_window": 4,
    }
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    events = run_training(replace_fields(config, rest))
    last = events[-1]
    assert isinstance(last, TrainingFinished) and last.reason == "automatic_stop"
    assert 8 <= last.step < 30
    assert (
        f"zq is finished at step {last.step}, where it stopped because nothing more is learned: the newest"
        " 4 evaluations" in last.message
    )
    assert "less than the 15 % asked for" in last.message
    assert read_embedding(paths.embeddings_dir / "zq.pt").step == last.step
    assert not run_of(events).is_unfinished
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(replace_fields(config, rest), stop_at=5)
    again = run_training(config_to_resume("zq", paths), resume=True)[-1]
    assert isinstance(again, TrainingFinished)
    assert (again.step, again.reason) == (last.step, "automatic_stop")


def test_other_pictures_begin_a_new_curve(
    evaluated: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run = run_of(run_training(evaluated, stop_at=5))
    assert [step for step, _ in table(run)] == [0, 2, 4]
    before = read_best(run)
    assert before is not None
    next(Path(evaluated.dataset.data_dir).glob("*.png")).unlink()
    run_training(config_to_resume("zq", paths), resume=True)
    assert [step for step, _ in table(run)] == [5, 6, 8, 10]
    best = read_best(run)
    assert best is not None and best.step >= 5
    assert before.path.is_file(), "nobody knows whether it is outdone"


def test_without_evaluations_there_is_neither_table_nor_best(
    config: TrainingConfig, run_training: Trainer
) -> None:
    events = run_training(replace_fields(config, {"evaluate_every": 0}))
    run = run_of(events)
    assert not run.evaluation_table.exists() and read_best(run) is None
    assert not any(isinstance(event, (Evaluated, BestStep)) for event in events)
    last = events[-1]
    assert isinstance(last, TrainingFinished) and last.best_step is None


def test_using_the_best_step_keeps_what_the_embedding_held(
    evaluated: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run = run_of(run_training(evaluated))
    best, target = read_best(run), paths.embeddings_dir / "zq.pt"
    assert best is not None
    last = read_embedding(target)
    used = use_best(run.path, paths)
    now = read_embedding(target)
    assert (used.name, used.step, used.path, now.name, now.step) == ("zq", best.step, target, "zq", best.step)
    assert torch.equal(now.vectors["clip_l"], vectors_in(best.path))
    assert used.kept == run.checkpoint(10)
    assert torch.equal(vectors_in(used.kept), last.vectors["clip_l"])
    with pytest.raises(NothingToDoError, match=f"holds step {best.step} already"):
        use_best(run.path, paths)


def test_other_vectors_of_the_same_step_are_kept_beside_the_copy(
    evaluated: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run = run_of(run_training(evaluated))
    copy, target = run.checkpoint(10), paths.embeddings_dir / "zq.pt"
    before, other = copy.read_bytes(), read_embedding(copy)
    other.vectors["clip_l"].add_(1)
    write_embedding(other, target)
    used = use_best(run.path, paths)
    assert used.kept == copy.with_name("zq-10-replaced.pt")
    assert torch.equal(vectors_in(used.kept), other.vectors["clip_l"])
    assert copy.read_bytes() == before

    first, third = used.kept.read_bytes(), read_embedding(copy)
    third.vectors["clip_l"].add_(2)
    for _ in range(2):
        write_embedding(third, target)
        again = use_best(run.path, paths)
        assert again.kept == copy.with_name("zq-10-replaced-2.pt") and used.kept.read_bytes() == first
        assert torch.equal(vectors_in(again.kept), third.vectors["clip_l"])


def test_vectors_of_another_run_do_not_become_a_step_of_this_one(
    evaluated: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run = run_of(run_training(evaluated))
    target = paths.embeddings_dir / "zq.pt"
    shown = dict(copies_of(run))
    other = dataclasses.replace(read_embedding(target), step=7)
    other.vectors["clip_l"].add_(1)
    write_embedding(other, target)
    used = use_best(run.path, paths)
    assert used.kept == run.checkpoint(7).with_name("zq-7-replaced.pt")
    assert torch.equal(vectors_in(used.kept), other.vectors["clip_l"])
    assert dict(copies_of(run)) == shown and 7 not in shown


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_the_end_of_a_run_that_kept_no_copy_of_it_becomes_one(
    evaluated: TrainingConfig, run_training: Trainer, paths: Paths, decay: float
) -> None:
    run = run_of(run_training(replace_fields(evaluated, {"ema_decay": decay})))
    end = vectors_in(paths.embeddings_dir / "zq.pt")
    run.checkpoint(10).unlink()
    used = use_best(run.path, paths)
    assert used.kept == run.checkpoint(10) and torch.equal(vectors_in(used.kept), end)


def test_the_best_step_is_not_used_while_the_embedding_is_trained(
    evaluated: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run = run_of(run_training(evaluated))
    with embedding_lock("zq", paths), pytest.raises(BusyError, match="is being trained"):
        use_best(run.path, paths)


@pytest.mark.parametrize(
    "facts",
    [
        "{",
        "[]",
        '{"embedding_name": "zq", "step": "x", "loss": 1, "path": "embeddings/zq-5.pt"}',
        '{"embedding_name": "zq", "step": 5, "loss": NaN, "path": "embeddings/zq-5.pt"}',
        '{"embedding_name": "zq", "step": 1e999, "loss": 1, "path": "embeddings/zq-5.pt"}',
        '{"embedding_name": "zq", "step": 5, "loss": 1, "path": "embeddings/' + "long" * 100 + '"}',
        '{"embedding_name": "zq", "step": 5, "loss": 1, "path": "../../zq.pt"}',
        '{"embedding_name": "zq", "step": 5, "loss": 1, "path": "embeddings/gone.pt"}',
        '{"embedding_name": "../zq", "step": 5, "loss": 1, "path": "embeddings/zq-5.pt"}',
    ],
)
def test_a_file_that_is_not_ours_is_no_best(tmp_path: Path, paths: Paths, facts: str) -> None:
    run = RunFolder(path=tmp_path, embedding_name="zq")
    run.checkpoint(5).parent.mkdir()
    run.checkpoint(5).write_bytes(b"")
    run.best_file.write_text(facts, encoding="utf-8")
    assert read_best(run) is None
    with pytest.raises((NothingToDoError, EmbeddingNameError)):
        use_best(tmp_path, paths)


def test_json_lines_have_every_field_of_an_evaluation(
    evaluated: TrainingConfig, run_training: Trainer
) -> None:
    from traintab.commands.training_report import training_answer

    answers: list[dict[str, Any]] = [training_answer(event) for event in run_training(evaluated)]
    first = next(answer for answer in answers if answer["event"] == "evaluated")
    assert {"event", "step", "loss", "is_best", "variance_share"} == set(first)
    assert "evaluations" not in next(answer for answer in answers if answer["event"] == "training_started")
    assert {"event", "step", "loss", "path"} == set(
        next(answer for answer in answers if answer["event"] == "best_step")
    )
    assert json.dumps(answers)
