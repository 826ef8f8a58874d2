"""Everything that can be wrong with a run is found before anything is started."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from traintab.configs import TrainingConfig, replace_fields, to_yaml
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.errors import (
    ConfigError,
    DatasetError,
    EmbeddingFileError,
    EmbeddingNameError,
    InputError,
    ModelError,
    NothingToDoError,
    ScheduleError,
    TemplateError,
)
from traintab.paths import Paths
from traintab.training.checks import check_before_loading, check_with_model
from traintab.training.events import TrainingEvent
from traintab.training.run_folder import runs_of
from traintab.training.unfinished import config_to_resume

Trainer = Callable[..., list[TrainingEvent]]


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"embedding_name": ""}, EmbeddingNameError, "has no name"),
        ({"embedding_name": "../evil"}, EmbeddingNameError, "can't carry"),
        ({"embedding_name": "unknown"}, EmbeddingNameError, "no embedding called 'unknown'.*create it first"),
        ({"data_dir": ""}, ConfigError, "Dataset directory is empty"),
        ({"data_dir": "/nowhere/at/all"}, DatasetError, "/nowhere/at/all doesn't exist"),
        (
            {"template": "unknown.txt"},
            TemplateError,
            r"no prompt template 'unknown\.txt'; choose one of.*tiny\.txt",
        ),
        ({"steps": 0}, ConfigError, "Max steps is 0; it must be from 1"),
        ({"steps": -5}, ConfigError, "Max steps is -5"),
        ({"batch_size": -1}, ConfigError, "Batch size is -1"),
        ({"width": 100}, ConfigError, "Width is 100; it must be a multiple of 8"),
        ({"learning_rate": "0.005:100, abc"}, ScheduleError, "character 12"),
        ({"clip_grad_mode": "norm", "clip_grad_value": "x"}, ScheduleError, "^Gradient clip value: "),
        ({"latent_sampling_method": "sometimes"}, ConfigError, "one of once, deterministic, random"),
        ({"preview_sampler": "Guess"}, ConfigError, "Preview sampling method"),
        ({"filename_word_regex": "("}, ConfigError, "regex"),
    ],
)
def test_a_wrong_setting_is_told_in_a_sentence(
    config: TrainingConfig, paths: Paths, fields: dict[str, Any], error: type[InputError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        check_before_loading(replace_fields(config, fields), paths)
    assert caught.value.exit_status == 2
    assert not paths.log_dir.exists()


def test_a_schedule_error_points_at_the_character(config: TrainingConfig, paths: Paths) -> None:
    with pytest.raises(ScheduleError) as caught:
        check_before_loading(replace_fields(config, {"learning_rate": "1e-3:50, 1e-4:x"}), paths)
    assert caught.value.position == 14
    assert str(caught.value).endswith("^")


def test_a_right_run_is_planned(config: TrainingConfig, paths: Paths, pictures: Path) -> None:
    plan = check_before_loading(config, paths)
    assert len(plan.dataset.images) == 5
    assert (plan.start_step, plan.total_steps) == (0, 12)
    assert plan.target == paths.embeddings_dir / "zq.pt"
    assert plan.resumed is None
    assert plan.notices == (f"5 pictures in {pictures}.",)


def test_relative_folders_are_kept_as_absolute_ones(
    config: TrainingConfig, paths: Paths, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures.parent)
    plan = check_before_loading(replace_fields(config, {"data_dir": "pictures"}), paths)
    assert plan.config.dataset.data_dir == str(pictures)
    assert plan.config.dataset.template == "tiny.txt"


def test_the_name_is_found_in_any_case_and_trained_under_its_own(
    config: TrainingConfig, paths: Paths
) -> None:
    plan = check_before_loading(replace_fields(config, {"embedding_name": " ZQ "}), paths)
    assert plan.config.embedding_name == plan.rules.name == "zq"


def trained(paths: Paths, step: int | None, name: str = "zq.pt") -> None:
    embedding = Embedding(name="zq", vectors={"clip_l": torch.ones(2, 32)}, step=step)
    write_embedding(embedding, paths.embeddings_dir / name)


@pytest.mark.parametrize("step", [12, 50])
def test_steps_already_reached_are_told(config: TrainingConfig, paths: Paths, step: int) -> None:
    trained(paths, step)
    with pytest.raises(
        NothingToDoError, match=f"trained for {step} steps already and Max steps is 12; raise"
    ):
        check_before_loading(config, paths)


def test_a_schedule_that_has_ended_is_told(config: TrainingConfig, paths: Paths) -> None:
    trained(paths, 8)
    with pytest.raises(NothingToDoError, match="ends at step 6, and 'zq' has been trained for 8 steps"):
        check_before_loading(replace_fields(config, {"learning_rate": "0.1:6"}), paths)


def test_a_schedule_that_ends_early_ends_the_run(config: TrainingConfig, paths: Paths) -> None:
    plan = check_before_loading(replace_fields(config, {"learning_rate": "0.1:6"}), paths)
    assert plan.total_steps == 6


def test_a_file_that_does_not_know_its_step_starts_at_none(config: TrainingConfig, paths: Paths) -> None:
    (paths.embeddings_dir / "zq.pt").unlink()
    trained(paths, None, "zq.safetensors")
    plan = check_before_loading(config, paths)
    assert plan.start_step == 0
    assert plan.target == paths.embeddings_dir / "zq.safetensors"


def test_an_embedding_in_a_subfolder_is_updated_there(config: TrainingConfig, paths: Paths) -> None:
    (paths.embeddings_dir / "zq.pt").unlink()
    trained(paths, 3, "mine/zq.pt")
    assert check_before_loading(config, paths).target == paths.embeddings_dir / "mine" / "zq.pt"


def test_a_broken_embedding_is_told_with_the_reason(config: TrainingConfig, paths: Paths) -> None:
    (paths.embeddings_dir / "zq.pt").write_bytes(b"nothing of the sort")
    with pytest.raises(EmbeddingFileError, match="'zq' can't be trained: "):
        check_before_loading(config, paths)


def test_a_log_directory_that_cannot_be_written_to_is_told(config: TrainingConfig, paths: Paths) -> None:
    blocked = dataclasses.replace(paths, log_dir=paths.embeddings_dir / "zq.pt" / "log")
    with pytest.raises(ConfigError, match=r"log can't be written to: .*choose another folder"):
        check_before_loading(config, blocked)


def test_there_is_nothing_to_resume_in_a_new_embedding(config: TrainingConfig, paths: Paths) -> None:
    with pytest.raises(NothingToDoError, match="no unfinished run of 'zq' to resume"):
        check_before_loading(config, paths, resume=True)


def test_a_resumed_run_has_its_own_settings_and_the_steps_given(
    config: TrainingConfig, paths: Paths, run_training: Trainer
) -> None:
    run_training(config, stop_at=4)
    plan = check_before_loading(config_to_resume("zq", paths, steps=30), paths, resume=True)
    assert plan.config.optimization.steps == 30
    assert plan.config.optimization.batch_size == 2
    assert plan.start_step == 4
    assert plan.resumed is not None


def test_a_run_can_be_resumed_when_its_embedding_is_gone(
    config: TrainingConfig, paths: Paths, run_training: Trainer
) -> None:
    run_training(config, stop_at=4)
    (paths.embeddings_dir / "zq.pt").unlink()
    plan = check_before_loading(config_to_resume("zq", paths), paths, resume=True)
    assert plan.target == paths.embeddings_dir / "zq.pt"
    assert plan.vectors["clip_l"].shape == (2, 32)


@pytest.mark.parametrize("ends", [{"steps": 4}, {"learning_rate": "0.05:4"}])
def test_a_run_that_stands_at_its_end_can_be_resumed_to_be_kept(
    config: TrainingConfig, paths: Paths, run_training: Trainer, ends: dict[str, object]
) -> None:
    run_training(config, stop_at=4)
    (run,) = runs_of("zq", paths.log_dir)
    run.run_yaml.write_text(to_yaml(replace_fields(config, ends)), encoding="utf-8")
    plan = check_before_loading(config_to_resume("zq", paths), paths, resume=True)
    assert plan.start_step == plan.total_steps == 4


def test_resuming_beyond_the_steps_asked_for_is_told(
    config: TrainingConfig, paths: Paths, run_training: Trainer
) -> None:
    run_training(config, stop_at=4)
    with pytest.raises(NothingToDoError, match="trained for 4 steps already and Max steps is 3"):
        check_before_loading(config_to_resume("zq", paths, steps=3), paths, resume=True)


def test_the_unfinished_run_is_named_when_a_new_one_begins(
    config: TrainingConfig, paths: Paths, run_training: Trainer
) -> None:
    run_training(config, stop_at=4)
    notices = check_before_loading(config, paths).notices
    assert any("A new run begins; the unfinished one in" in notice for notice in notices)


def test_of_one_name_the_embedding_for_the_chosen_model_is_meant(
    config: TrainingConfig, paths: Paths, tiny_families: Any
) -> None:
    vectors = {"clip_l": torch.ones(1, 768), "clip_g": torch.ones(1, 1280)}
    write_embedding(Embedding(name="zq", vectors=vectors), paths.embeddings_dir / "zq.safetensors")
    other = dataclasses.replace(config, model=str(tiny_families.folder("sdxl")))

    assert check_before_loading(config, paths).target == paths.embeddings_dir / "zq.pt"
    plan = check_before_loading(other, paths)

    assert plan.target == paths.embeddings_dir / "zq.safetensors"
    assert plan.vectors.keys() == {"clip_l", "clip_g"}
    assert plan.embeddings["zq"].widths == {"clip_l": 768, "clip_g": 1280}


def test_resuming_never_writes_over_another_model_s_embedding_of_the_name(
    config: TrainingConfig, paths: Paths, run_training: Trainer
) -> None:
    run_training(config, stop_at=4)
    vectors = {"clip_l": torch.ones(1, 768), "clip_g": torch.ones(1, 1280)}
    (paths.embeddings_dir / "zq.pt").unlink()
    write_embedding(Embedding(name="zq", vectors=vectors), paths.embeddings_dir / "zq.safetensors")

    plan = check_before_loading(config_to_resume("zq", paths), paths, resume=True)

    assert plan.target == paths.embeddings_dir / "zq.pt"


def test_a_file_that_is_no_model_is_refused_before_it_is_loaded(
    config: TrainingConfig, paths: Paths, tmp_path: Path
) -> None:
    save_file({"lora_unet_x.lora_down.weight": torch.zeros(4, 4)}, tmp_path / "lora.safetensors")
    chosen = dataclasses.replace(config, model=str(tmp_path / "lora.safetensors"))

    with pytest.raises(ModelError, match="it is a LoRA"):
        check_before_loading(chosen, paths)


def test_a_model_that_is_not_there_is_told_when_it_is_loaded(config: TrainingConfig, paths: Paths) -> None:
    plan = check_before_loading(dataclasses.replace(config, model="gone.safetensors"), paths)

    assert plan.config.model == "gone.safetensors"


def test_an_embedding_for_another_model_is_told_with_both_widths(
    config: TrainingConfig, paths: Paths, tiny_families: Any
) -> None:
    plan = check_before_loading(config, paths)

    with pytest.raises(
        EmbeddingFileError, match=r"width 32 \(clip_l\), but .*768 \(clip_l\) and 1280 \(clip_g\)"
    ):
        check_with_model(plan, tiny_families.model("sdxl"))
