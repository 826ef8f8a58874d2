"""Curves and previews for TensorBoard, read back by its own reader."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import GenerationConfig, TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.errors import ConfigError, StorageError
from traintab.paths import Paths
from traintab.training.events import Evaluated, StepCompleted, TrainingEvent, TrainingStarted
from traintab.training.listeners.tensorboard import TensorBoard, check_tensorboard
from traintab.training.record import RunRecord
from traintab.training.run import start_training

Trainer = Callable[..., list[TrainingEvent]]
SCALARS = {"loss", "loss_smoothed", "learning_rate", "norm/clip_l", "evaluation/loss"}


def read(run_dir: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(run_dir / "tensorboard"), size_guidance={"scalars": 0, "images": 0})
    return found.Reload()


def points(found: Any, tag: str) -> list[tuple[int, float]]:
    return [(event.step, pytest.approx(event.value, rel=1e-5)) for event in found.Scalars(tag)]


def grey(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
    return Image.new("RGB", (16, 8), "grey")


def run_dir(events: list[TrainingEvent]) -> Path:
    return next(event.run_dir for event in events if isinstance(event, TrainingStarted))


@pytest.mark.option("tensorboard")
def test_every_curve_and_each_preview_of_a_run_is_there(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    wanted = {"tensorboard": True, "preview_every": 6, "preview_prompts": "a\nb", "evaluate_every": 6}
    events = run_training(replace_fields(config, wanted), render_preview=grey)
    found = read(run_dir(events))
    steps = [event for event in events if isinstance(event, StepCompleted)]
    evaluated = [event for event in events if isinstance(event, Evaluated)]
    assert set(found.Tags()["scalars"]) == SCALARS
    assert points(found, "loss") == [(step.step, step.loss) for step in steps]
    assert points(found, "learning_rate") == [(step.step, step.learning_rate) for step in steps]
    assert points(found, "evaluation/loss") == [(event.step, event.loss) for event in evaluated]
    norm = float(read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"].norm(dim=1).mean())
    assert points(found, "norm/clip_l")[-1] == (12, norm)
    assert {tag: [image.step for image in found.Images(tag)] for tag in found.Tags()["images"]} == {
        "preview/1": [6, 12],
        "preview/2": [6, 12],
    }
    (picture, _) = found.Images("preview/1")
    assert (picture.width, picture.height) == (16, 8)
    assert not any("Writer" in type(thread).__name__ for thread in threading.enumerate())


def test_it_changes_nothing_in_what_is_trained_and_is_off_by_default(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    path = paths.embeddings_dir / "zq.pt"
    start = path.read_bytes()
    without = run_training(config)
    expected = read_embedding(path).vectors["clip_l"]
    path.write_bytes(start)
    run_training(replace_fields(config, {"tensorboard": True}))
    assert torch.equal(read_embedding(path).vectors["clip_l"], expected)
    assert not (run_dir(without) / "tensorboard").exists()


def test_a_resumed_run_goes_on_with_the_curve_and_repeats_no_step(
    config: TrainingConfig, run_training: Trainer
) -> None:
    config = replace_fields(config, {"tensorboard": True})
    first = run_training(config, stop_at=5)
    second = run_training(config, resume=True)
    assert run_dir(second) == run_dir(first)
    assert [step for step, _ in points(read(run_dir(first)), "loss")] == [*range(1, 13)]


def started(record: RunRecord, step: int = 0) -> TrainingStarted:
    return TrainingStarted(
        step=step, total_steps=9, steps_per_epoch=1, num_images=1, run_dir=record.folder.path
    )


def at(step: int, loss: float | None) -> StepCompleted:
    return StepCompleted(step=step, epoch=1, loss=loss, learning_rate=0.1)


@pytest.mark.parametrize("left", [0, 2])
def test_what_was_written_beyond_the_step_that_is_resumed_from_comes_anew(
    make_record: Callable[..., RunRecord], make_state: Callable[..., Any], left: int
) -> None:
    record, state = make_record(), make_state()
    for start, steps in ((0, (1, 2, 3, 4)), (left, range(left + 1, 5))):
        board = TensorBoard(record)
        for event in (started(record, start), *(at(step, 10.0 * start + step) for step in steps)):
            assert list(board.hear(event, state)) == []
        board.close()
    losses = [(step, 10.0 * left + step if step > left else float(step)) for step in (1, 2, 3, 4)]
    assert points(read(record.folder.path), "loss") == losses


def test_the_smoothed_loss_begins_at_the_first_and_follows_slowly(
    make_record: Callable[..., RunRecord], make_state: Callable[..., Any]
) -> None:
    record = make_record()
    board = TensorBoard(record)
    losses = [1.0, None, 3.0]
    for event in (started(record), *(at(step, loss) for step, loss in enumerate(losses, start=1))):
        list(board.hear(event, make_state()))
    board.close()
    mean = (0.98 * 1.0 + 3.0) / (0.98 + 1.0)
    assert points(read(record.folder.path), "loss_smoothed") == [(1, 1.0), (3, mean)]


def test_a_folder_that_was_taken_away_is_told(
    make_record: Callable[..., RunRecord], make_state: Callable[..., Any]
) -> None:
    record = make_record()
    record.folder.path.rename(record.folder.path.with_name("elsewhere"))
    with pytest.raises(StorageError, match="is gone"):
        list(TensorBoard(record).hear(started(record), make_state()))


def test_a_disk_that_refuses_is_told(
    make_record: Callable[..., RunRecord], make_state: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch.utils.tensorboard import SummaryWriter

    def refuse(*details: Any, **more: Any) -> None:
        raise OSError(28, "No space left on device")

    record = make_record()
    board = TensorBoard(record)
    list(board.hear(started(record), make_state()))
    monkeypatch.setattr(SummaryWriter, "add_scalar", refuse)
    with pytest.raises(StorageError, match=r"TensorBoard's curves .* No space left"):
        list(board.hear(at(1, 1.0), make_state()))
    board.close()


def test_without_the_package_nothing_starts_and_the_command_is_told(
    config: TrainingConfig, model: Any, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("torch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    wanted = replace_fields(config, {"tensorboard": True})
    run = start_training(wanted, model=model, paths=paths, should_stop=lambda: False)
    with pytest.raises(ConfigError, match=r"-m pip install tensorboard`, or switch it off"):
        next(run)
    assert not paths.log_dir.exists()
    with pytest.raises(ConfigError):
        check_tensorboard()
