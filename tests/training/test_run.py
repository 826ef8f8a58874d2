"""Whole runs on the tiny model."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import GenerationConfig, TrainingConfig, from_yaml, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.errors import BusyError, EmbeddingFileError, NonFiniteError, StorageError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.events import (
    CheckpointSaved,
    PreviewSaved,
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


def grey(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
    """A renderer that draws next to nothing, and disturbs all of torch's global randomness."""
    torch.manual_seed(config.seed)
    torch.rand(7)
    assert embeddings
    return Image.new("RGB", (config.width or 64, config.height or 64), "grey")


def with_fields(config: TrainingConfig, **fields: Any) -> TrainingConfig:
    return replace_fields(config, fields)


def test_a_run_tells_its_story_in_order(config: TrainingConfig, run_training: Trainer, paths: Paths) -> None:
    events = run_training(config)
    kinds = [type(event) for event in events if not isinstance(event, TrainingNotice)]
    five = [StepCompleted] * 5
    expected = [TrainingStarted, *five, CheckpointSaved, *five, CheckpointSaved, *five[:2], TrainingFinished]
    assert kinds == expected
    last = events[-1]
    assert isinstance(last, TrainingFinished)
    assert (last.step, last.path) == (12, paths.embeddings_dir / "zq.pt")


def test_the_embedding_is_updated_and_knows_its_step_and_model(
    config: TrainingConfig, run_training: Trainer, paths: Paths, model: Model
) -> None:
    before = vectors_of(paths)
    run_training(config)
    embedding = read_embedding(paths.embeddings_dir / "zq.pt")
    assert embedding.step == 12
    assert (embedding.sd_checkpoint, embedding.sd_checkpoint_name) == (model.checkpoint_hash, model.name)
    assert not torch.equal(embedding.vectors["clip_l"], before)
    assert embedding.vectors["clip_l"].shape == (2, 32)


def test_the_model_is_left_as_it_was(config: TrainingConfig, run_training: Trainer, model: Model) -> None:
    parts = (model.unet, model.text_encoders[0].module, model.vae)
    before = [{name: tensor.clone() for name, tensor in part.state_dict().items()} for part in parts]
    run_training(config)
    for part, kept in zip(parts, before, strict=True):
        assert all(torch.equal(tensor, kept[name]) for name, tensor in part.state_dict().items())
        assert all(parameter.grad is None for parameter in part.parameters())


def test_copies_hold_the_step_of_their_label(config: TrainingConfig, run_training: Trainer) -> None:
    folder = run_dir(run_training(config)) / "embeddings"
    assert sorted(path.name for path in folder.iterdir()) == ["zq-10.pt", "zq-5.pt"]
    assert [read_embedding(folder / f"zq-{step}.pt").step for step in (5, 10)] == [5, 10]


def test_a_second_run_of_the_day_has_its_own_folder(config: TrainingConfig, run_training: Trainer) -> None:
    first = run_dir(run_training(config))
    second = run_dir(run_training(with_fields(config, steps=14)))
    assert (first.name, second.name) == ("zq", "zq-2")
    assert first.parent == second.parent


def test_raising_the_steps_of_a_finished_embedding_goes_on(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(config)
    events = run_training(with_fields(config, steps=15))
    assert [event.step for event in events if isinstance(event, StepCompleted)] == [13, 14, 15]
    assert read_embedding(paths.embeddings_dir / "zq.pt").step == 15


def test_run_yaml_reruns_the_run(
    config: TrainingConfig, run_training: Trainer, paths: Paths, model: Model
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    folder = run_dir(run_training(config))
    first = vectors_of(paths)
    again = from_yaml(TrainingConfig, (folder / "run.yaml").read_text(encoding="utf-8"))
    assert (again.dataset.width, again.dataset.height) == (model.default_size, model.default_size)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(again)
    assert torch.equal(vectors_of(paths), first)


def test_the_loss_table_has_the_web_ui_s_columns(config: TrainingConfig, run_training: Trainer) -> None:
    events = run_training(config)
    with (run_dir(events) / "textual_inversion_loss.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["step", "epoch", "epoch_step", "loss", "learn_rate"]
    assert [int(row["step"]) for row in rows] == list(range(1, 13))
    assert [(row["epoch"], row["epoch_step"]) for row in rows[:3]] == [("0", "0"), ("0", "1"), ("1", "0")]
    assert [row["learn_rate"] for row in rows[5:7]] == ["0.05", "0.01"]
    losses = [event.loss for event in events if isinstance(event, StepCompleted)]
    assert [row["loss"] for row in rows] == [f"{loss:.7f}" for loss in losses]


def test_settings_are_saved_under_the_web_ui_s_names(
    config: TrainingConfig, run_training: Trainer, model: Model, pictures: Path
) -> None:
    (file,) = run_dir(run_training(config)).glob("settings-*.json")
    settings = json.loads(file.read_text(encoding="utf-8"))
    expected = {
        "model_name": model.name,
        "num_of_dataset_images": 5,
        "num_vectors_per_token": 2,
        "embedding_name": "zq",
        "learn_rate": "0.05:6, 0.01",
        "batch_size": 2,
        "data_root": str(pictures),
        "steps": 12,
        "initial_step": 0,
        "training_width": 64,
    }
    assert {key: settings[key] for key in expected} == expected


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
    events.close()  # type: ignore[attr-defined]  # saves, as an orderly end does ...
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
    newest, before = state_paths(run)
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
    next(Path(config.dataset.data_dir).glob("*.png")).unlink()
    events = run_training(config_to_resume("zq", paths), resume=True)
    notices = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert any("order starts anew" in notice for notice in notices)
    assert isinstance(events[-1], TrainingFinished)


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


def test_stopping_while_pictures_are_encoded_changes_nothing(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    before = (paths.embeddings_dir / "zq.pt").read_bytes()
    events = run_training(config, should_stop=lambda: True)
    assert isinstance(events[-1], TrainingInterrupted)
    assert "before the first step" in events[-1].message
    assert (paths.embeddings_dir / "zq.pt").read_bytes() == before
    assert not any(paths.log_dir.iterdir())


def test_previews_are_drawn_with_the_vectors_of_their_step(
    config: TrainingConfig, run_training: Trainer
) -> None:
    seen: list[tuple[GenerationConfig, Embedding]] = []

    def render(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        seen.append((wanted, embeddings["zq"]))
        return grey(wanted, embeddings)

    config = with_fields(config, preview_every=4, preview_prompt="[name] in rain", preview_seed=9)
    events = run_training(config, render_preview=render)
    folder = run_dir(events)
    saved = [event for event in events if isinstance(event, PreviewSaved)]
    assert [(event.step, event.path) for event in saved] == [
        (step, folder / "images" / f"zq-{step}.png") for step in (4, 8, 12)
    ]
    assert [embedding.step for _, embedding in seen] == [4, 8, 12]
    wanted = seen[0][0]
    assert (wanted.prompt, wanted.seed, wanted.width, wanted.height) == ("zq in rain", 9, 64, 64)
    for step, (_, embedding) in zip((4, 8, 12), seen, strict=True):
        card = read_embedding(folder / "image_embeddings" / f"zq-{step}.png")
        assert torch.equal(card.vectors["clip_l"], embedding.vectors["clip_l"])


def test_without_a_prompt_a_preview_shows_what_was_just_trained_on(
    config: TrainingConfig, run_training: Trainer
) -> None:
    events = run_training(with_fields(config, preview_every=6), render_preview=grey)
    preview = next(event for event in events if isinstance(event, PreviewSaved))
    step = next(event for event in events if isinstance(event, StepCompleted) and event.step == 6)
    assert preview.prompt == step.prompt
    assert "zq" in preview.prompt


def test_previews_change_nothing_in_what_is_trained(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(with_fields(config, latent_sampling_method="random"))
    without = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(
        with_fields(config, latent_sampling_method="random", preview_every=1, move_to_ram=True),
        render_preview=grey,
    )
    assert torch.equal(vectors_of(paths), without)


def test_a_preview_that_fails_is_told_and_training_goes_on(
    config: TrainingConfig, run_training: Trainer
) -> None:
    def fail(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        raise RuntimeError("CUDA out of memory. Tried to allocate a lot.")

    events = run_training(with_fields(config, preview_every=6), render_preview=fail)
    notices = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert sum("preview of step" in notice and "smaller size" in notice for notice in notices) == 2
    assert isinstance(events[-1], TrainingFinished)


def test_an_error_passes_on_and_the_last_good_step_is_kept(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    def fail(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        raise ZeroDivisionError("a defect")

    with pytest.raises(ZeroDivisionError):
        run_training(with_fields(config, preview_every=7), render_preview=fail)
    run = find_unfinished("zq", paths)
    assert run is not None
    assert read_newest_state(run)[0]["step"] == 7
    assert read_embedding(paths.embeddings_dir / "zq.pt").step == 7


def test_after_an_error_a_resumed_run_ends_as_if_nothing_had_happened(
    config: TrainingConfig, run_training: Trainer, paths: Paths, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_a_breakdown_keeps_the_last_good_state_and_the_embedding_as_it_was(
    config: TrainingConfig, run_training: Trainer, paths: Paths, monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    before = (paths.embeddings_dir / "zq.pt").read_bytes()
    calls: list[None] = []
    predict = type(model).predict

    def breakdown(*arguments: Any) -> torch.Tensor:
        calls.append(None)
        return predict(*arguments) * (float("nan") if len(calls) > 6 else 1.0)

    monkeypatch.setattr(type(model), "predict", breakdown)
    with pytest.raises(NonFiniteError, match=r"step 7.*lower the learning rate \(it was 0\.01\)"):
        run_training(config)
    assert (paths.embeddings_dir / "zq.pt").read_bytes() == before
    run = find_unfinished("zq", paths)
    assert run is not None
    state = read_newest_state(run)[0]
    assert state["step"] == 6
    assert torch.isfinite(state["vectors"]["clip_l"]).all()


def test_a_lost_run_folder_stops_training_and_the_embedding_is_saved(
    config: TrainingConfig, paths: Paths, model: Model
) -> None:
    events: Iterator[TrainingEvent] = start_training(
        config, model=model, paths=paths, should_stop=lambda: False
    )
    with pytest.raises(StorageError, match=r"bring the run's folder back"):
        for event in events:
            if isinstance(event, StepCompleted) and event.step == 3:
                shutil.rmtree(paths.log_dir)
    assert read_embedding(paths.embeddings_dir / "zq.pt").step == 3
    assert not paths.log_dir.exists()


def test_a_full_disk_stops_training_and_leaves_the_files_whole(
    config: TrainingConfig, run_training: Trainer, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[None] = []
    replace = os.replace

    def full(source: Any, target: Any) -> None:
        if str(target).endswith("zq-5.pt") or written:
            written.append(None)
            raise OSError(28, "No space left on device")
        replace(source, target)

    before = (paths.embeddings_dir / "zq.pt").read_bytes()
    with monkeypatch.context() as patch, pytest.raises(StorageError, match="No space left on device"):
        patch.setattr(os, "replace", full)
        run_training(config)
    assert (paths.embeddings_dir / "zq.pt").read_bytes() == before
    run = find_unfinished("zq", paths)
    assert run is not None
    assert read_newest_state(run)[0]["step"] == 5
    assert not list(run.path.rglob("*.tmp"))


def test_the_same_embedding_is_not_trained_twice_at_once(
    config: TrainingConfig, paths: Paths, model: Model, run_training: Trainer
) -> None:
    first = start_training(config, model=model, paths=paths, should_stop=lambda: False)
    next(first)
    with pytest.raises(BusyError, match="'zq' is being trained by this program"):
        run_training(config)
    first.close()  # type: ignore[attr-defined]
    assert isinstance(run_training(config)[-1], TrainingFinished)


def test_an_embedding_of_another_width_is_refused(
    config: TrainingConfig, run_training: Trainer, model: Model
) -> None:
    class Wide:
        name, width = "clip_l", 64

    with pytest.raises(EmbeddingFileError, match=r"width 32 \(clip_l\), but .* needs 64"):
        run_training(config, model=dataclasses.replace(model, text_encoders=(Wide(),)))


def test_batches_are_cut_to_the_pictures_there_are_and_that_is_said(
    config: TrainingConfig, run_training: Trainer
) -> None:
    events = run_training(with_fields(config, batch_size=50, gradient_accumulation_steps=4))
    notices = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert any("Batch size is 5 instead of 50" in notice for notice in notices)
    assert any("accumulation is 1 instead of 4" in notice for notice in notices)


def test_the_vae_waits_in_ram_and_comes_back(
    config: TrainingConfig, run_training: Trainer, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves: list[Any] = []
    to = torch.nn.Module.to

    def spied(module: torch.nn.Module, target: Any) -> torch.nn.Module:
        if module is model.vae:
            moves.append(str(target))
        return to(module, target)

    monkeypatch.setattr(torch.nn.Module, "to", spied)
    run_training(with_fields(config, move_to_ram=True))
    assert moves == ["cpu", "cpu"]


def test_another_embedding_named_by_a_caption_takes_part(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    from traintab.embeddings.formats import write_embedding

    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    for picture in Path(config.dataset.data_dir).glob("*.png"):
        picture.with_suffix(".txt").write_text("xw cat", encoding="utf-8")
    run_training(config)
    without = vectors_of(paths)
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    other = Embedding(name="xw", vectors={"clip_l": torch.ones(3, 32)})
    write_embedding(other, paths.embeddings_dir / "xw.pt")
    run_training(config)
    assert not torch.equal(vectors_of(paths), without)
    assert torch.equal(vectors_of(paths, "xw"), torch.ones(3, 32))
