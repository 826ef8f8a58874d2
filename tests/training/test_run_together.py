"""Several embeddings in one run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from PIL import Image

from traintab.configs import GenerationConfig, TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.embeddings.optimizer_companion import companion_path, read_optimizer_companion
from traintab.errors import BusyError, NothingToDoError, StorageError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.best import use_best
from traintab.training.events import (
    CheckpointSaved,
    TrainingEvent,
    TrainingFinished,
    TrainingNotice,
    TrainingStarted,
)
from traintab.training.lock import embedding_lock
from traintab.training.record import RunRecord
from traintab.training.run import start_training
from traintab.training.unfinished import Resume, config_to_resume

Trainer = Callable[..., list[TrainingEvent]]


def notices(events: list[TrainingEvent]) -> str:
    return "\n".join(event.message for event in events if isinstance(event, TrainingNotice))


def embedding(paths: Paths, name: str) -> Embedding:
    return read_embedding(paths.embeddings_dir / f"{name}.pt")


@pytest.mark.option("more_embeddings")
def test_each_is_trained_and_kept_in_its_own_file(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    before = {name: embedding(paths, name).vectors["clip_l"] for name in ("zq", "xw")}
    events = run_training(replace_fields(together, {"evaluate_every": 0}))
    assert isinstance(events[-1], TrainingFinished)
    assert events[-1].message == (
        f"zq and xw are finished at step 12; saved to {paths.embeddings_dir / 'zq.pt'} and"
        f" {paths.embeddings_dir / 'xw.pt'}."
    )
    for name, rows in (("zq", 2), ("xw", 3)):
        after = embedding(paths, name)
        assert (after.name, after.num_vectors, after.step) == (name, rows, 12)
        assert (after.vectors["clip_l"] - before[name]).abs().amax(dim=1).min() > 0.01
    (run,) = (event.run_dir for event in events if isinstance(event, TrainingStarted))
    copies = {event.path for event in events if isinstance(event, CheckpointSaved)}
    assert {path.name for path in (run / "embeddings").glob("xw-*")} == {"xw-5.pt", "xw-10.pt"}
    assert {path.name for path in copies} >= {"zq-5.pt", "zq-10.pt"}
    assert read_embedding(run / "embeddings" / "xw-5.pt").step == 5


def test_without_the_other_the_first_learns_something_else(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(together)
    with_the_other = embedding(paths, "zq").vectors["clip_l"]
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(replace_fields(together, {"more_embeddings": ""}))
    assert not torch.equal(embedding(paths, "zq").vectors["clip_l"], with_the_other)


def test_an_interrupted_run_goes_on_to_the_same_bits(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    together = replace_fields(together, {"ema_decay": 0.9, "norm_control": "start", "shuffle_tags": True})
    start = {name: (paths.embeddings_dir / f"{name}.pt").read_bytes() for name in ("zq", "xw")}
    run_training(together)
    uninterrupted = {name: embedding(paths, name).vectors["clip_l"] for name in start}
    for name, data in start.items():
        (paths.embeddings_dir / f"{name}.pt").write_bytes(data)
    run_training(together, stop_at=4)
    events = run_training(config_to_resume("zq", paths), resume=True)
    for name, vectors in uninterrupted.items():
        assert torch.equal(embedding(paths, name).vectors["clip_l"], vectors)
    assert "Not as it was" not in notices(events)


def test_each_counts_its_own_steps(together: TrainingConfig, run_training: Trainer, paths: Paths) -> None:
    run_training(replace_fields(together, {"more_embeddings": "", "steps": 5}))
    events = run_training(together, stop_at=11)
    assert embedding(paths, "zq").step == 11
    assert embedding(paths, "xw").step == 6
    (run,) = (event.run_dir for event in events if isinstance(event, TrainingStarted))
    assert read_embedding(run / "embeddings" / "xw-5.pt").step == 5
    assert read_embedding(run / "embeddings" / "zq-10.pt").step == 10
    run_training(config_to_resume("zq", paths), resume=True)
    assert (embedding(paths, "zq").step, embedding(paths, "xw").step) == (12, 7)


def test_the_optimizer_s_memory_is_kept_beside_each(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    saving = replace_fields(together, {"save_optimizer_state": True})
    run_training(saving)
    for name, rows in (("zq", 2), ("xw", 3)):
        path = paths.embeddings_dir / f"{name}.pt"
        memory = read_optimizer_companion(path, read_embedding(path).vectors["clip_l"])
        assert memory is not None
        assert memory.exp_avg.shape == (rows, 32)
    told = notices(run_training(replace_fields(saving, {"steps": 14})))
    assert "goes on with its memory of 12 updates in zq.pt.optim and xw.pt.optim." in told
    memory = read_optimizer_companion(path, read_embedding(path).vectors["clip_l"])
    assert memory is not None
    assert memory.updates == 14
    companion_path(paths.embeddings_dir / "zq.pt").unlink()
    told = notices(run_training(replace_fields(saving, {"steps": 15})))
    assert "starts fresh: it would need a memory of as many updates of each" in told
    assert told.count("and there is xw.pt.optim.") == 1


def test_all_are_locked_while_one_run_trains_them(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    with embedding_lock("xw", paths), pytest.raises(BusyError, match="The embedding 'xw'"):
        run_training(together)
    with embedding_lock("zq", paths):
        pass


def test_the_best_step_is_kept_and_used_for_all(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    events = run_training(replace_fields(together, {"evaluate_every": 3, "learning_rate": "2"}))
    (run,) = (event.run_dir for event in events if isinstance(event, TrainingStarted))
    last = events[-1]
    assert isinstance(last, TrainingFinished)
    assert last.best_step is not None
    assert last.best_step < 12
    best = {name: read_embedding(run / "embeddings" / f"{name}-{last.best_step}.pt") for name in ("zq", "xw")}
    finished = embedding(paths, "xw").vectors["clip_l"]
    used = use_best(run, paths)
    for name, one in best.items():
        assert embedding(paths, name).step == last.best_step
        assert torch.equal(embedding(paths, name).vectors["clip_l"], one.vectors["clip_l"])
    (other,) = used.others
    assert other.kept is not None
    assert torch.equal(read_embedding(other.kept).vectors["clip_l"], finished)
    with pytest.raises(NothingToDoError):
        use_best(run, paths)


def test_old_copies_of_all_go_where_only_the_last_are_kept(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    fields = {"save_every": 3, "keep_last": 1, "evaluate_every": 0, "save_optimizer_state": True}
    events = run_training(replace_fields(together, fields))
    (run,) = (event.run_dir for event in events if isinstance(event, TrainingStarted))
    names = {path.name for path in (run / "embeddings").iterdir()}
    assert names == {"zq-12.pt", "zq-12.pt.optim", "xw-12.pt", "xw-12.pt.optim"}


def test_resuming_keeps_the_later_work_of_each_and_makes_a_lost_file_again(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    events = run_training(together, stop_at=4)
    (run,) = (event.run_dir for event in events if isinstance(event, TrainingStarted))
    alone = {"embedding_name": "xw", "more_embeddings": "", "steps": 6}
    run_training(replace_fields(together, alone))
    later = embedding(paths, "xw").vectors["clip_l"]
    (paths.embeddings_dir / "zq.pt").unlink()
    run_training(config_to_resume("zq", paths), resume=True, stop_at=5)
    kept = read_embedding(run / "embeddings" / "xw-6-before-resuming.pt")
    assert torch.equal(kept.vectors["clip_l"], later)
    assert (embedding(paths, "zq").step, embedding(paths, "xw").step) == (5, 5)
    assert embedding(paths, "zq").num_vectors == 2


def test_a_new_run_goes_on_from_an_earlier_step_of_all(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    run_training(replace_fields(together, {"evaluate_every": 0}))
    whole = {name: embedding(paths, name).vectors["clip_l"] for name in ("zq", "xw")}
    from_there = Resume(from_step=5)
    run_training(config_to_resume("zq", paths, resume=from_there), resume=from_there)
    for name, vectors in whole.items():
        assert torch.equal(embedding(paths, name).vectors["clip_l"], vectors)


def test_previews_can_draw_all_and_the_settings_tell_of_them(
    together: TrainingConfig, model: Model, paths: Paths
) -> None:
    drawn: list[dict[str, int]] = []

    def render(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        drawn.append({name: embeddings[name].step or 0 for name in ("zq", "xw")})
        return Image.new("RGB", (8, 8))

    config = replace_fields(together, {"preview_every": 2, "steps": 3, "clip_skip": 2})
    events = start_training(
        config, model=model, paths=paths, should_stop=lambda: False, render_preview=render
    )
    (run,) = (event.run_dir for event in events if isinstance(event, TrainingStarted))
    assert drawn == [{"zq": 2, "xw": 2}]
    (settings,) = (json.loads(path.read_text("utf-8")) for path in run.glob("settings-*.json"))
    assert (settings["num_vectors_per_token"], settings["more_embeddings"]) == (2, "xw")
    assert settings["clip_skip"] == 2


def test_a_copy_that_a_killed_run_had_yet_to_write_is_written_when_it_goes_on(
    together: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    config = replace_fields(together, {"evaluate_every": 0})
    (run,) = (
        event.run_dir for event in run_training(config, stop_at=5) if isinstance(event, TrainingStarted)
    )
    copy = run / "embeddings" / "xw-5.pt"
    before = read_embedding(copy).vectors["clip_l"]
    copy.unlink()
    run_training(config_to_resume("zq", paths), resume=True, stop_at=6)
    assert torch.equal(read_embedding(copy).vectors["clip_l"], before)


def test_one_that_could_not_be_saved_is_saved_when_the_run_goes_on(
    together: TrainingConfig, run_training: Trainer, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace_fields(together, {"evaluate_every": 0, "save_every": 0, "steps": 4})
    write = RunRecord.write

    def full(record: RunRecord, one: Embedding, path: Path) -> None:
        if one.name == "xw":
            raise StorageError("The disk is full.")
        write(record, one, path)

    with monkeypatch.context() as patch, pytest.raises(StorageError, match="The disk is full"):
        patch.setattr(RunRecord, "write", full)
        run_training(config)
    assert (embedding(paths, "zq").step, embedding(paths, "xw").step) == (4, 0)
    learned = embedding(paths, "zq").vectors["clip_l"]
    events = run_training(config_to_resume("zq", paths), resume=True)
    assert isinstance(events[-1], TrainingFinished)
    assert embedding(paths, "xw").step == 4
    assert torch.equal(embedding(paths, "zq").vectors["clip_l"], learned)
    assert not list(paths.log_dir.rglob("*-before-resuming*"))
