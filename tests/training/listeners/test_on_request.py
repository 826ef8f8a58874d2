"""*Sample now* and *Save now* within a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.configs import GenerationConfig, TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.errors import MemoryShortageError, NothingToDoError, StorageError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.copies import asked_for
from traintab.training.events import (
    BestStep,
    CheckpointSaved,
    Evaluated,
    PreviewSaved,
    StepCompleted,
    TrainingEvent,
    TrainingFinished,
    TrainingNotice,
    TrainingStarted,
)
from traintab.training.record import RunRecord
from traintab.training.requests import Requests, Wanted
from traintab.training.run import start_training
from traintab.training.run_folder import RunFolder
from traintab.training.state_files import read_state

LAST = 12

Asking = Callable[..., tuple[list[TrainingEvent], dict[int, Any]]]


def grey(config: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
    torch.rand(3)
    return Image.new("RGB", (64, 64), "grey")


@pytest.fixture
def asking(model: Model, paths: Paths) -> Asking:
    """Trains, and asks at these steps; gives the events and what was answered, by step.

    At the last step it asks again, after the evaluation, as `LAST + 1`.
    """

    def train(
        config: TrainingConfig, wishes: Mapping[int, Wanted], render: Any = grey
    ) -> tuple[list[TrainingEvent], dict[int, Any]]:
        events: list[TrainingEvent] = []
        answers: dict[int, Any] = {}
        requests = Requests()
        for event in start_training(
            config, model=model, paths=paths, should_stop=lambda: False, render_preview=render
        ):
            events.append(event)
            if isinstance(event, TrainingStarted):
                assert event.requests is not None
                requests = event.requests
            if isinstance(event, StepCompleted) and event.step in wishes:
                answers[event.step] = requests.ask(wishes[event.step])
            if isinstance(event, Evaluated) and event.step == LAST and LAST in wishes:
                answers[LAST + 1] = requests.ask(wishes[LAST])
        return events, answers

    return train


def test_a_wish_is_served_right_after_the_step(config: TrainingConfig, asking: Asking) -> None:
    events, answers = asking(config, {3: Wanted.SAMPLE, 7: Wanted.SAVE})
    at = [index for index, event in enumerate(events) if isinstance(event, StepCompleted)]
    preview, copy, own = events[at[2] + 1], events[at[6] + 1], events[at[6] + 2]
    assert isinstance(preview, PreviewSaved) and preview.step == 3
    assert isinstance(copy, CheckpointSaved) and isinstance(own, CheckpointSaved)
    assert answers[3].result() == [preview.path] and answers[7].result() == [copy.path, own.path]
    assert (copy.path.name, own.path.name, copy.step, own.step) == ("zq-7.pt", "zq.pt", 7, 7)


def test_what_is_saved_is_the_step_with_its_state_and_stays(
    config: TrainingConfig, asking: Asking, paths: Paths
) -> None:
    few = replace_fields(config, {"save_every": 1, "keep_last": 1})
    _, answers = asking(few, {3: Wanted.SAVE})
    copy, own = answers[3].result()
    folder = RunFolder(path=copy.parent.parent, embedding_name="zq")
    state = read_state(folder.state(3))
    assert read_embedding(copy).step == 3 and own == paths.embeddings_dir / "zq.pt"
    assert state is not None and torch.equal(
        state["vectors"]["clip_l"], read_embedding(copy).vectors["clip_l"]
    )
    assert asked_for(folder) == {3}
    assert sorted(path.name for path in copy.parent.glob("*.pt")) == ["zq-12.pt", "zq-3.pt"]


def test_the_best_step_s_copy_stays_when_it_was_asked_for_and_outdone(
    config: TrainingConfig, asking: Asking
) -> None:
    every_step = replace_fields(config, {"save_every": 0, "evaluate_every": 1})
    events, answers = asking(every_step, dict.fromkeys(range(2, 12), Wanted.SAVE))
    assert len({event.step for event in events if isinstance(event, BestStep)} & set(range(2, 12))) > 1
    assert all(path.exists() for answer in answers.values() for path in answer.result())


def test_wishes_change_nothing_in_what_is_trained(
    config: TrainingConfig, asking: Asking, paths: Paths
) -> None:
    config = replace_fields(config, {"latent_sampling_method": "random"})
    path = paths.embeddings_dir / "zq.pt"
    start = path.read_bytes()
    asking(config, {})
    expected = read_embedding(path).vectors["clip_l"]
    path.write_bytes(start)
    asking(config, {2: Wanted.SAMPLE, 4: Wanted.SAVE, 9: Wanted.SAMPLE})
    assert torch.equal(read_embedding(path).vectors["clip_l"], expected)


def test_a_wish_that_fails_is_told_and_training_goes_on(config: TrainingConfig, asking: Asking) -> None:
    def fail(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        raise MemoryShortageError("Too large.")

    events, answers = asking(config, {3: Wanted.SAMPLE}, fail)
    assert "The preview of step 3 failed" in str(answers[3].exception())
    assert any(isinstance(event, TrainingNotice) and "step 3 failed" in event.message for event in events)
    assert isinstance(events[-1], TrainingFinished)


def test_a_disk_that_is_full_for_a_moment_costs_the_copy_only(
    config: TrainingConfig, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*details: Any) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr("traintab.training.listeners.on_request.save_embedding", refuse)
    events, answers = asking(config, {3: Wanted.SAVE})
    with pytest.raises(StorageError, match=r"disk is full"):
        answers[3].result()
    (told,) = [e.message for e in events if isinstance(e, TrainingNotice) and "Save now" in e.message]
    assert told == "Save now failed; training goes on. The disk is full."
    assert isinstance(events[-1], TrainingFinished)


def test_what_is_saved_by_half_is_a_failure(
    config: TrainingConfig, asking: Asking, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(record: RunRecord, state: Any, path: Path) -> None:
        if path == record.target:
            raise StorageError("The disk is full.")

    monkeypatch.setattr("traintab.training.listeners.on_request.save_embedding", refuse)
    _, answers = asking(config, {3: Wanted.SAVE})
    assert isinstance(answers[3].exception(), StorageError)


def test_who_waits_for_a_preview_that_is_interrupted_is_told_so(
    config: TrainingConfig, asking: Asking
) -> None:
    _, answers = asking(config, {3: Wanted.SAMPLE}, lambda config, embeddings: None)
    with pytest.raises(NothingToDoError, match="Sample now: the training ended before that"):
        answers[3].result()


def test_whatever_ends_the_training_meanwhile_nobody_is_told_that_it_was_drawn(
    model: Model, config: TrainingConfig, paths: Paths
) -> None:
    def fail(wanted: GenerationConfig, embeddings: Mapping[str, Embedding]) -> Image.Image:
        raise OSError("The card fell out.")

    def no(*details: Any) -> bool:
        return False

    run = start_training(config, model=model, paths=paths, should_stop=no, render_preview=fail)
    asked = None
    with pytest.raises(OSError, match="fell out"):
        for event in run:
            if isinstance(event, TrainingStarted) and event.requests is not None:
                asked = event.requests.ask(Wanted.SAMPLE)
    assert asked is not None and isinstance(asked.exception(), NothingToDoError)


def test_where_nothing_can_be_drawn_that_is_told(config: TrainingConfig, asking: Asking) -> None:
    _, answers = asking(config, {3: Wanted.SAMPLE}, None)
    assert "without a way to draw" in str(answers[3].exception())


def test_who_asks_at_the_very_end_is_told_so(config: TrainingConfig, asking: Asking) -> None:
    events, answers = asking(config, {LAST: Wanted.SAVE})
    assert isinstance(events[-1], TrainingFinished)
    assert len(answers[LAST].result()) == 2
    assert isinstance(answers[LAST + 1].exception(timeout=1), NothingToDoError)


def test_the_files_are_where_the_run_s_are(config: TrainingConfig, asking: Asking) -> None:
    events, answers = asking(replace_fields(config, {"preview_prompts": "a\nb"}), {2: Wanted.SAMPLE})
    run_dir = next(event.run_dir for event in events if isinstance(event, TrainingStarted))
    names: list[Path] = answers[2].result()
    assert names == [run_dir / "images" / "zq-2.png", run_dir / "images" / "zq-2-2.png"]
