"""Training as a job."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from traintab.configs import DatasetConfig, LoadingConfig, TrainingConfig
from traintab.errors import ConfigError, ModelError
from traintab.jobs import JobContext, JobSnapshot
from traintab.training.unfinished import Resume
from traintab.training_job import TrainingJob, with_loading

CHOSEN = LoadingConfig(vae="b.pt", prediction_type="v_prediction")


def test_a_new_run_keeps_how_its_model_is_loaded() -> None:
    assert with_loading(TrainingConfig(), CHOSEN, resume=False).loading == CHOSEN


def with_its_vae(loading: LoadingConfig) -> TrainingConfig:
    """A run that trains with the VAE that is selected."""
    dataset = DatasetConfig(train_with_selected_vae=True)
    return TrainingConfig(embedding_name="mira", loading=loading, dataset=dataset)


def test_a_new_run_that_asks_for_another_model_is_refused() -> None:
    other = LoadingConfig(vae="b.pt", prediction_type="epsilon")
    with pytest.raises(ConfigError, match=r"Prediction type 'epsilon' instead of 'v_prediction', or"):
        with_loading(TrainingConfig(loading=other), CHOSEN, resume=False)
    with pytest.raises(ConfigError, match=r"SD VAE 'c\.pt' instead of 'b\.pt'"):
        with_loading(with_its_vae(LoadingConfig(vae="c.pt")), CHOSEN, resume=False)


@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize("vae", ["c.pt", "Automatic"])
def test_a_vae_that_only_draws_previews_may_be_any(vae: str, resume: bool) -> None:
    config = TrainingConfig(loading=LoadingConfig(vae=vae, prediction_type="v_prediction"))

    assert with_loading(config, CHOSEN, resume=resume).loading == CHOSEN


def test_a_run_goes_on_when_its_model_is_loaded_as_it_was() -> None:
    config = TrainingConfig(loading=CHOSEN)

    assert with_loading(config, CHOSEN, resume=True) == config


def test_a_run_does_not_go_on_when_its_model_would_be_another() -> None:
    config = with_its_vae(CHOSEN)

    with pytest.raises(ConfigError) as refused:
        with_loading(config, LoadingConfig(vae="b.pt"), resume=True)
    with pytest.raises(ConfigError, match=r"SD VAE 'Automatic' instead of 'b\.pt' and Prediction type"):
        with_loading(with_its_vae(LoadingConfig()), CHOSEN, resume=True)

    assert "mira" in str(refused.value)
    assert "Prediction type 'v_prediction' instead of 'automatic', or its result" in str(refused.value)
    assert "VAE" not in str(refused.value)


def folder_at_the_start(before: JobSnapshot, resume: bool | Resume) -> str:
    """Whose folder a job shows, and logs in, until its own run is known; its model can't be loaded."""
    told: dict[str, Any] = {}

    def lent(spec: str, precision: str) -> Any:
        raise ModelError(f"{spec} can't be loaded.")

    context = JobContext(
        should_stop=lambda: False,
        update=lambda **changes: told.update(changes) or JobSnapshot(),
        conclude=lambda status: None,
        snapshot=lambda: JobSnapshot(title="Training of mira"),
    )
    job = TrainingJob(
        host=cast(Any, SimpleNamespace(shares_device=False)),
        lent=lent,
        embeddings=lambda widths: {},
        in_training=cast(Any, None),
        changed=lambda: None,
    )
    with pytest.raises(ModelError):
        next(job.run(TrainingConfig(embedding_name="mira"), resume, before, context))
    return str(told.get("folder", ""))


@pytest.mark.parametrize(
    ("resume", "change", "folder"),
    [
        (True, {}, "log/mira"),
        (Resume(), {}, "log/mira"),
        (False, {}, ""),
        (Resume(from_step=5), {}, ""),
        (Resume(), {"resumable": False}, ""),
        (Resume(), {"title": "Training of ben"}, ""),
    ],
)
def test_only_a_run_that_itself_goes_on_is_shown_and_logged_from_the_start(
    resume: bool | Resume, change: dict[str, Any], folder: str
) -> None:
    shown: dict[str, Any] = {"title": "Training of mira", "folder": "log/mira", "resumable": True}

    assert folder_at_the_start(JobSnapshot(**{**shown, **change}), resume) == folder
