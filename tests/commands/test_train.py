from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from traintab.embeddings.formats import read_embedding
from traintab.paths import Paths
from traintab.training.lock import embedding_lock

QUICK = ("--save-every", 0, "--preview-every", 0, "--template", "subject.txt")


@pytest.fixture
def train(line: Any, cat: Path, pictures: Path, tiny_model_dir: Path) -> Any:
    """`train("--steps", 4)` trains cat on the pictures."""

    def run(*arguments: object) -> Any:
        return line("train", "cat", "--data", pictures, "--model", tiny_model_dir, *QUICK, *arguments)

    return run


def test_a_run_is_told_in_json_lines(train: Any, line: Any, cat: Path) -> None:
    answer = train(
        "--steps", 4, "--save-every", 2, "--preview-every", 4, "--set", "preview_steps=2", "--json"
    )
    assert answer.status == 0
    events = [event["event"] for event in answer.objects]
    assert events[0] == "training_started"
    assert events[-1] == "training_finished"
    assert events.count("step_completed") == 4
    assert events.count("checkpoint_saved") == 2
    assert events.count("preview_saved") == 1
    started, *_, finished = answer.objects
    assert (started["step"], started["total_steps"]) == (0, 4)
    assert Path(started["path"]).is_dir()
    assert (finished["step"], finished["path"]) == (4, str(cat))
    step = next(event for event in answer.objects if event["event"] == "step_completed")
    assert (step["step"], step["epoch"], step["learning_rate"]) == (1, 1, 0.005)
    assert isinstance(step["loss"], float)
    saved = [Path(event["path"]) for event in answer.objects if event["event"].endswith("_saved")]
    assert all(path.is_file() for path in saved)
    assert read_embedding(cat).step == 4


def test_people_read_progress_and_where_things_are(train: Any, cat: Path) -> None:
    answer = train("--steps", 3)
    assert (answer.status, answer.err) == (0, "")
    assert "step 3/3  loss " in answer.out
    assert " s/step  ETA 0 s" in answer.out
    assert "Log directory: " in answer.out
    assert str(cat) in answer.out.splitlines()[-1]


def log_of(data_dir: Path) -> list[str]:
    """The sentences of the newest run's log, without their times."""
    newest = max(data_dir.glob("textual_inversion/*/*/log.txt"), key=lambda path: path.stat().st_mtime_ns)
    return [text.split(" ", 2)[2] for text in newest.read_text(encoding="utf-8").splitlines()]


def test_the_run_s_folder_keeps_what_was_told(train: Any, line: Any) -> None:
    train("--steps", 2, "--save-every", 1)
    told = log_of(line.data_dir)
    assert told[0] == "Training of cat was started."
    assert "Saved step 1 as cat-1.pt." in told and "finished at step 2" in told[-1]


def test_the_log_says_why_a_run_failed(train: Any, line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from traintab.errors import StorageError
    from traintab.training.listeners.csv_log import CsvLog

    def full(self: CsvLog, event: object) -> None:
        raise StorageError("Writing the losses failed: No space left on device.")

    monkeypatch.setattr(CsvLog, "_add", full)
    assert train("--steps", 2, "--set", "write_csv_every=1").status == 1
    assert log_of(line.data_dir)[-1] == "Failed: Writing the losses failed: No space left on device."


def test_more_steps_go_on_from_the_embeddings_own(train: Any, cat: Path) -> None:
    train("--steps", 2)
    answer = train("--steps", 3, "--json")
    assert answer.objects[0]["step"] == 2
    assert read_embedding(cat).step == 3


def test_steps_already_reached_are_refused(train: Any) -> None:
    train("--steps", 2)
    answer = train("--steps", 2)
    assert (answer.status, answer.out) == (2, "")
    assert "2 steps already" in answer.err


def test_an_embedding_that_does_not_exist_is_told_with_the_command_that_makes_it(
    line: Any, pictures: Path, tiny_model_dir: Path
) -> None:
    answer = line("train", "my dog", "--data", pictures, "--model", tiny_model_dir)
    assert (answer.status, answer.out) == (2, "")
    assert "extension.py create 'my dog'" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_the_one_of_several_embeddings_that_does_not_exist_is_the_one_to_make(train: Any, cat: Path) -> None:
    answer = train("--set", "more_embeddings=my dog")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.strip().endswith("The command is: extension.py create 'my dog'")
    assert "The command" not in train("--set", "more_embeddings=a:b").err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--steps", "0"), "--steps: Max steps is 0"),
        (("--steps", "many"), "--steps: Max steps is 'many'; it must be a whole number"),
        (("--set", "clip_skip=13"), "--set clip_skip: Clip skip is 13"),
        (("--batch-size", "-2"), "--batch-size"),
        (("--learning-rate", "0.005:10, x"), "character 11"),
        (("--learning-rate", "-0.1"), "-0.1"),
        (("--learning-rate", ""), "--learning-rate"),
        (("--template", "no-such.txt"), "no-such.txt"),
        (("--set", "stpes=3"), "did you mean steps?"),
        (("--set", "steps"), "FIELD=VALUE"),
        (("--set", "latent_sampling_method=twice"), "once, deterministic, random"),
        (("--set", "optimization.clip_grad_mode=norm", "clip_grad_value=x"), "clip value"),
        (("--config", "no-such.yaml"), "no-such.yaml"),
        (("--resume",), "no unfinished run"),
        (("--data", "no-such-folder"), "no-such-folder"),
        (("--model", "no-such-model"), "no-such-model"),
        (("--frobnicate",), "'--frobnicate' is not understood"),
        (("--bathc-size", "2"), "did you mean --batch-size?"),
    ],
    ids=str,
)
def test_bad_input_is_refused_in_one_line_and_nothing_is_started(
    train: Any, line: Any, cat: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = cat.read_bytes()
    answer = train("--steps", 4, *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert words in answer.err
    assert len(answer.err.splitlines()) == 1
    assert cat.read_bytes() == before
    assert not list(line.data_dir.glob("textual_inversion/*/cat*"))


def test_no_data_directory_is_told_with_its_flag(line: Any, cat: Path) -> None:
    answer = line("train", "cat")
    assert answer.status == 2
    assert answer.err.startswith("--data: Dataset directory is empty")


def test_an_embedding_of_another_width_is_refused(train: Any, cat: Path) -> None:
    from traintab.embeddings.embedding import Embedding
    from traintab.embeddings.formats import write_embedding

    write_embedding(Embedding(name="cat", vectors={"clip_l": torch.ones(1, 768)}), cat)
    answer = train("--steps", 2)
    assert answer.status == 2
    assert "768" in answer.err


def test_an_embedding_that_is_being_trained_is_refused(train: Any, line: Any) -> None:
    with embedding_lock("cat", Paths.under(line.data_dir)):
        answer = train("--steps", 2)
    assert answer.status == 2
    assert "is being trained" in answer.err


def test_run_yaml_reruns_the_run(train: Any, line: Any, cat: Path) -> None:
    before = cat.read_bytes()
    first = train("--steps", 3, "--set", "seed=5", "dataset.latent_sampling_method=random", "--json")
    after = read_embedding(cat).vectors["clip_l"]
    settings = Path(first.objects[0]["path"]) / "run.yaml"
    assert yaml.safe_load(settings.read_text(encoding="utf-8"))["seed"] == 5
    cat.write_bytes(before)
    answer = line("train", "cat", "--config", settings)
    assert answer.status == 0
    assert torch.equal(read_embedding(cat).vectors["clip_l"], after)


def test_flags_win_over_run_yaml_and_set_wins_over_flags(train: Any, line: Any, cat: Path) -> None:
    settings = Path(train("--steps", 1, "--json").objects[0]["path"]) / "run.yaml"
    answer = line("train", "cat", "--config", settings, "--steps", 5, "--set", "steps=3", "--json")
    assert answer.objects[0]["total_steps"] == 3


def test_a_crash_is_exit_status_one_and_keeps_the_last_good_state(
    train: Any, line: Any, cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traintab.errors import StorageError
    from traintab.training.run_folder import RunFolder

    def full(self: RunFolder, path: Path, data: bytes) -> None:
        raise StorageError(f"Writing {path} failed: No space left on device.")

    train("--steps", 1)
    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "write", full)
        answer = train("--steps", 4, "--save-every", 2)
    assert answer.status == 1
    assert "No space left" in answer.err
    assert read_embedding(cat).step is not None


def test_an_empty_folder_is_refused(train: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = train("--steps", 2, "--data", tmp_path / "empty")
    assert (answer.status, answer.out) == (2, "")
    assert str(tmp_path / "empty") in answer.err and len(answer.err.splitlines()) == 1


def test_a_folder_with_nothing_but_unreadable_pictures_is_refused(train: Any, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "half.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    answer = train("--steps", 2, "--data", tmp_path / "broken")
    assert (answer.status, answer.out) == (2, "")
    assert "half.png" in answer.err


def test_an_unreadable_picture_among_others_is_named_and_the_rest_are_trained_on(
    train: Any, pictures: Path
) -> None:
    (pictures / "half.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    answer = train("--steps", 2)
    assert answer.status == 0
    assert "half.png" in answer.out + answer.err


def test_a_template_without_the_name_is_refused(train: Any, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("a photo of a girl\n", encoding="utf-8")
    answer = train("--steps", 2, "--template", tmp_path / "plain.txt")
    assert (answer.status, answer.out) == (2, "")
    assert "plain.txt" in answer.err and "[name]" in answer.err


def test_captions_in_which_the_name_never_appears_are_refused(
    train: Any, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "captions.txt").write_text("[filewords]\n", encoding="utf-8")
    answer = train("--steps", 2, "--template", tmp_path / "captions.txt")
    assert (answer.status, answer.out) == (2, "")
    assert "[name]" in answer.err and "captions" in answer.err


def test_the_automatic_stop_and_the_best_step_are_told(train: Any) -> None:
    # So small a rate changes no vector: nothing is learned, and all evaluations are the same.
    rest = ("evaluate_every=1", "automatic_stop=true", "automatic_stop_window=3")
    answer = train("--steps", 50, "--learning-rate", "1e-15", "--set", *rest, "--json")
    assert answer.status == 0
    evaluated = [event for event in answer.objects if event["event"] == "evaluated"]
    assert [event["step"] for event in evaluated] == [0, 1, 2, 3]
    assert [event["variance_share"] for event in evaluated] == [None, None, None, 0.0]
    last = answer.objects[-1]
    assert (last["event"], last["step"], last["reason"]) == ("training_finished", 3, "automatic_stop")
    assert last["best_step"] == 0 and Path(last["best_path"]).is_file()
    assert (
        "finished at step 3, where it stopped because nothing more is learned: the newest 3 evaluations"
        in last["message"]
    )
