"""Each setting of loss, noise, timesteps and regularisation trains other vectors, and resumes exactly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding
from traintab.errors import ConfigError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.context_prompts import BUILT_IN, ContextPrompts
from traintab.training.context_regularisation import ContextRegularisation
from traintab.training.events import Evaluated, StepCompleted, TrainingEvent, TrainingNotice
from traintab.training.picture_loss import PromptEncoder
from traintab.training.unfinished import config_to_resume

Trainer = Callable[..., list[TrainingEvent]]
Fields = dict[str, Any]

HUBER: Fields = {"loss_type": "huber"}
PYRAMID: Fields = {"pyramid_noise_iterations": 3}
CONTEXT: Fields = {"prior_loss_weight": 1.0, "context_word": "cat"}


def case(base: Fields, changed: Fields) -> Any:
    return pytest.param(base, changed, id=" ".join(f"{name}={value}" for name, value in changed.items()))


CASES = (
    case({}, {"loss_type": "huber"}),
    case({}, {"loss_type": "smooth_l1"}),
    case(HUBER, {"huber_delta": 1.0}),
    case(HUBER, {"huber_schedule": "snr"}),
    case(HUBER, {"huber_schedule": "exponential"}),
    case({}, {"min_snr_gamma": 0.1}),
    case({}, {"debiased_weights": True}),
    case({}, {"noise_offset": 0.1}),
    case({}, {"pyramid_noise_iterations": 6}),
    case(PYRAMID, {"pyramid_noise_discount": 0.8}),
    case({}, {"input_perturbation": 0.1}),
    case({"noise_offset": 0.3}, {"random_noise_strength": True}),
    case({}, {"min_timestep": 500}),
    case({}, {"max_timestep": 500}),
    case({}, {"timesteps_per_picture": 2}),
    case({}, {"stratified_timesteps": True}),
    case({}, CONTEXT),
    case(CONTEXT, {"prior_loss_weight": 2.0}),
    case(CONTEXT, {"context_word": "girl"}),
    case(CONTEXT, {"context_prompts": "style"}),
    case(CONTEXT, {"context_prompts_per_step": 1}),
)


@pytest.fixture
def train(config: TrainingConfig, run_training: Trainer, paths: Paths) -> Callable[..., torch.Tensor]:
    """The vectors after three steps from the same start."""
    file = paths.embeddings_dir / "zq.pt"
    start = file.read_bytes()

    def trained(**fields: Any) -> torch.Tensor:
        file.write_bytes(start)
        run_training(replace_fields(config, {"steps": 3, "save_every": 0, **fields}))
        return read_embedding(file).vectors["clip_l"]

    return trained


@pytest.mark.option("loss_type", "huber_delta", "huber_schedule", "min_snr_gamma", "debiased_weights")
@pytest.mark.option(
    "noise_offset", "pyramid_noise_iterations", "pyramid_noise_discount", "input_perturbation"
)
@pytest.mark.option("random_noise_strength", "min_timestep", "max_timestep")
@pytest.mark.option("timesteps_per_picture", "stratified_timesteps")
@pytest.mark.option("prior_loss_weight", "context_word", "context_prompts", "context_prompts_per_step")
@pytest.mark.parametrize(("base", "changed"), CASES)
def test_the_trained_vectors_change_with_the_setting(
    train: Callable[..., torch.Tensor], request: pytest.FixtureRequest, base: Fields, changed: Fields
) -> None:
    named = {name for mark in request.node.iter_markers("option") for name in mark.args}
    assert named == {name for given in CASES for name in given.values[1]}
    assert not torch.equal(train(**base), train(**{**base, **changed}))


def test_a_setting_that_nothing_uses_changes_no_bit(train: Callable[..., torch.Tensor]) -> None:
    unused = {"huber_delta": 1.0, "huber_schedule": "snr", "pyramid_noise_discount": 0.8, "context_word": "a"}
    unused["random_noise_strength"] = True
    assert torch.equal(train(), train(**unused))


def test_a_resumed_run_with_all_of_it_ends_bit_identical(
    config: TrainingConfig, run_training: Trainer, paths: Paths, tmp_path: Path
) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a [name] on red\n[name] and a hat\n", encoding="utf-8")
    fields: Fields = {
        **CONTEXT,
        "context_prompts": str(prompts),
        "loss_type": "huber",
        "huber_schedule": "snr",
        "min_snr_gamma": 5.0,
        "noise_offset": 0.1,
        "random_noise_strength": True,
        "pyramid_noise_iterations": 3,
        "input_perturbation": 0.1,
        "min_timestep": 100,
        "stratified_timesteps": True,
    }
    config = replace_fields(config, fields)
    file = paths.embeddings_dir / "zq.pt"
    start = file.read_bytes()
    run_training(config)
    uninterrupted = read_embedding(file).vectors["clip_l"]
    file.write_bytes(start)
    run_training(config, stop_at=7)
    prompts.write_text("something else with [name] in a box\n", encoding="utf-8")
    run_training(config_to_resume("zq", paths), resume=True)
    assert torch.equal(read_embedding(file).vectors["clip_l"], uninterrupted)


@pytest.mark.option("prior_loss_weight")
def test_regularised_vectors_leave_the_words_behind_them_closer_to_what_they_mean(
    train: Callable[..., torch.Tensor], model: Model
) -> None:
    settings = {"steps": 30, "learning_rate": "0.02", "context_word": "cat"}
    free, held = (train(**settings, prior_loss_weight=weight) for weight in (0.0, 3.0))
    embedding = Embedding(name="zq", vectors={"clip_l": free})
    encoder = PromptEncoder(model, {"zq": embedding})
    unseen = ContextPrompts(source="style", lines=BUILT_IN["style"], word="cat")
    judge = ContextRegularisation(model, encoder, unseen, "zq", embedding.vectors)
    far, near = (judge.distance({"clip_l": vectors}).item() for vectors in (free, held))
    assert near < 0.7 * far


def test_the_run_tells_what_it_compares(config: TrainingConfig, run_training: Trainer) -> None:
    events = run_training(replace_fields(config, {**CONTEXT, "steps": 1}))
    told = [event.message for event in events if isinstance(event, TrainingNotice)]
    assert "Context regularisation compares zq with 'cat' in 40 prompts." in told


def test_evaluations_stay_the_plain_mean_square_on_the_timesteps_that_are_trained(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    firsts = []
    for fields in ({}, {"loss_type": "huber", "min_snr_gamma": 5.0, **CONTEXT}, {"min_timestep": 500}):
        (paths.embeddings_dir / "zq.pt").write_bytes(start)
        given = {"evaluate_every": 5, "evaluation_samples": 4, "steps": 1, **fields}
        events = run_training(replace_fields(config, given))
        firsts.append(next(event.loss for event in events if isinstance(event, Evaluated)))
        assert next(e for e in events if isinstance(e, StepCompleted)).loss is not None
    assert firsts[0] == firsts[1]
    assert firsts[2] != firsts[0]


def test_context_prompts_are_read_before_anything_loads(
    config: TrainingConfig, run_training: Trainer, tmp_path: Path
) -> None:
    config = replace_fields(config, {**CONTEXT, "context_prompts": str(tmp_path / "none.txt")})
    with pytest.raises(ConfigError, match=r"Context prompts: reading .*none\.txt failed"):
        run_training(config, model=None)
