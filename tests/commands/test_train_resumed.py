from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from traintab.commands.training_report import TrainingReport
from traintab.embeddings.formats import read_embedding
from traintab.training.events import StepCompleted

SETTINGS = ("--save-every", 0, "--preview-every", 0, "--template", "subject.txt", "--steps", 6)


@pytest.fixture
def arguments(cat: Path, pictures: Path, tiny_model_dir: Path) -> tuple[object, ...]:
    return ("train", "cat", "--data", pictures, "--model", tiny_model_dir, *SETTINGS)


def stop_at(step: int, monkeypatch: pytest.MonkeyPatch, number: int = signal.SIGINT) -> None:
    """Send this process a signal when that step is told, once."""
    real = TrainingReport.add
    sent = []

    def add(self: TrainingReport, event: Any) -> None:
        real(self, event)
        if isinstance(event, StepCompleted) and event.step == step and not sent:
            sent.append(step)
            os.kill(os.getpid(), number)

    monkeypatch.setattr(TrainingReport, "add", add)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_resume_ends_with_the_same_vectors(
    line: Any, cat: Path, arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    untrained = cat.read_bytes()
    assert line(*arguments).status == 0
    whole = read_embedding(cat).vectors["clip_l"]
    cat.write_bytes(untrained)
    stop_at(3, monkeypatch, number)
    stopped = line(*arguments, "--json")
    assert stopped.status == 130
    assert stopped.objects[-1]["event"] == "training_interrupted"
    assert (stopped.objects[-1]["step"], read_embedding(cat).step) == (3, 3)
    assert stopped.err.splitlines()[-1].endswith("extension.py train cat --resume")
    resumed = line("train", "cat", "--resume", "--json")
    assert resumed.status == 0
    assert resumed.objects[0]["step"] == 3
    assert resumed.objects[0]["path"] == stopped.objects[0]["path"]
    assert torch.equal(read_embedding(cat).vectors["clip_l"], whole)


def test_a_resumed_run_loads_its_model_as_it_began(
    line: Any, cat: Path, arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    untrained = cat.read_bytes()
    assert line(*arguments, "--prediction-type", "v_prediction").status == 0
    whole = read_embedding(cat).vectors["clip_l"]
    cat.write_bytes(untrained)
    stop_at(3, monkeypatch)
    line(*arguments, "--prediction-type", "v_prediction")
    resumed = line("train", "cat", "--resume")

    assert resumed.status == 0
    assert torch.equal(read_embedding(cat).vectors["clip_l"], whole)


def test_a_run_s_own_settings_say_how_its_model_is_loaded(
    line: Any, cat: Path, arguments: tuple[object, ...]
) -> None:
    line(*arguments, "--steps", 2, "--prediction-type", "v_prediction", "--vae", "None")
    (first,) = line.data_dir.glob("textual_inversion/*/cat/run.yaml")
    again = line("train", "cat", "--config", first, "--steps", 4)
    (second,) = line.data_dir.glob("textual_inversion/*/cat-2/run.yaml")

    assert again.status == 0
    for run in (first, second):
        loading = yaml.safe_load(run.read_text(encoding="utf-8"))["loading"]
        assert loading == {"vae": "None", "prediction_type": "v_prediction"}


def test_the_same_command_with_resume_goes_on_in_the_same_folder(
    line: Any, arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(2, monkeypatch)
    line(*arguments)
    answer = line(*arguments, "--resume")
    assert answer.status == 0
    assert "Not as it was" not in answer.out
    assert len(list(line.data_dir.glob("textual_inversion/*/*"))) == 1


def test_what_is_given_with_resume_is_named_and_honoured(
    line: Any, arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(2, monkeypatch)
    line(*arguments)
    answer = line("train", "cat", "--resume", "--learning-rate", 0.02, "--set", "batch_size=3", "--json")
    assert answer.status == 0
    assert "Embedding Learning rate: 0.005 → 0.02; Batch size: 4 → 3." in answer.err
    steps = [event for event in answer.objects if event["event"] == "step_completed"]
    assert [(event["step"], event["learning_rate"]) for event in steps] == [(n, 0.02) for n in range(3, 7)]


def test_a_finished_run_goes_on_from_a_kept_step_in_a_new_folder(
    line: Any, cat: Path, arguments: tuple[object, ...]
) -> None:
    assert line(*arguments, "--save-every", 2).status == 0
    whole = read_embedding(cat).vectors["clip_l"]
    first = next(line.data_dir.glob("textual_inversion/*/cat"))
    kept = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    answer = line("train", "cat", "--resume", "--from-step", 2, "--json")
    assert answer.status == 0
    assert f"Going on from step 2 of {first}, which is kept as it is, in a new folder." in answer.err
    assert (answer.objects[0]["step"], Path(answer.objects[0]["path"]).name) == (2, "cat-2")
    assert torch.equal(read_embedding(cat).vectors["clip_l"], whole)
    assert {path: path.read_bytes() for path in first.rglob("*") if path.is_file()} == kept


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--resume", "--from-step", 5), "from step 5 needs a state of that step"),
        (("--from-step", 2), "--from-step 2 goes on with a run; write --resume before it"),
        (("--resume", "--from-step", "two"), "--from-step: invalid int value: 'two'"),
    ],
)
def test_a_step_that_cannot_be_gone_on_from_is_told(
    line: Any, cat: Path, given: tuple[object, ...], told: str
) -> None:
    answer = line("train", "cat", *given)
    assert answer.status == 2
    assert told in answer.err


def test_a_new_run_names_the_unfinished_one_and_leaves_it(
    line: Any, arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(2, monkeypatch)
    line(*arguments)
    answer = line(*arguments)
    assert answer.status == 0
    assert "unfinished" in answer.out
    assert len(list(line.data_dir.glob("textual_inversion/*/*"))) == 2
