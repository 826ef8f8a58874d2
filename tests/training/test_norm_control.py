"""How far from words the vectors may go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from traintab.configs import TechniquesConfig, TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.events import TrainingEvent
from traintab.training.norm_control import KeepNorm, PullToStart, norm_control_of
from traintab.training.session import Session
from traintab.training.state import TrainingState
from traintab.training.step import take_step
from traintab.training.unfinished import config_to_resume

MakeState = Callable[..., TrainingState]
MakeSession = Callable[..., Session]
Trainer = Callable[..., list[TrainingEvent]]


def test_kept_vectors_change_their_direction_alone() -> None:
    vectors = {"clip_l": torch.tensor([[3.0, 4.0], [0.0, 0.1]]), "clip_g": torch.tensor([[8.0]])}
    KeepNorm({"clip_l": 0.5, "clip_g": 2.0}).apply(vectors)
    torch.testing.assert_close(vectors["clip_l"], torch.tensor([[0.3, 0.4], [0.0, 0.5]]))
    torch.testing.assert_close(vectors["clip_g"], torch.tensor([[2.0]]))


def test_a_vector_of_zeros_has_no_direction_and_stays() -> None:
    vectors = {"clip_l": torch.zeros(1, 3)}
    KeepNorm({"clip_l": 0.5}).apply(vectors)
    assert not vectors["clip_l"].any()


def test_pulled_vectors_go_a_hundredth_of_the_way_back() -> None:
    vectors = {"clip_l": torch.ones(1, 2)}
    pull = PullToStart(vectors)
    vectors["clip_l"] += 1
    pull.apply(vectors)
    torch.testing.assert_close(vectors["clip_l"], torch.full((1, 2), 1.99))


def test_a_step_ends_with_the_control(make_state: MakeState, make_session: MakeSession) -> None:
    state = make_state()
    take_step(make_session(norm_control=KeepNorm({"clip_l": 0.25})), state, 0.1)
    torch.testing.assert_close(state.vectors["clip_l"].norm(dim=1), torch.full((2,), 0.25))


def test_off_there_is_no_control(model: Model, make_state: MakeState) -> None:
    assert norm_control_of(TechniquesConfig(), model, make_state()) is None


def test_the_length_to_keep_is_the_vocabulary_s_median(model: Model, make_state: MakeState) -> None:
    state = make_state()
    control = norm_control_of(TechniquesConfig(norm_control="vocabulary"), model, state)
    assert control is not None
    vectors = {"clip_l": torch.ones(1, 32)}
    control.apply(vectors)
    lengths = model.text_encoders[0].embedding_layer.weight.detach().norm(dim=1)
    torch.testing.assert_close(vectors["clip_l"].norm(), lengths.median())


def test_the_start_belongs_to_the_state(model: Model, make_state: MakeState) -> None:
    pulled = TechniquesConfig(norm_control="start")
    first, later = make_state(), make_state()
    norm_control_of(pulled, model, first)
    with torch.no_grad():
        first.vectors["clip_l"] += 5
    later.load_state_dict(first.state_dict())
    control = norm_control_of(pulled, model, later)
    assert control is not None
    control.apply(later.vectors)
    torch.testing.assert_close(later.vectors["clip_l"].detach(), torch.full((2, 4), 4.95))


@pytest.mark.option("norm_control")
def test_each_control_trains_vectors_of_other_lengths(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    file = paths.embeddings_dir / "zq.pt"
    start = file.read_bytes()
    lengths = {}
    for control in ("off", "vocabulary", "start"):
        file.write_bytes(start)
        run_training(replace_fields(config, {"norm_control": control, "steps": 6}))
        lengths[control] = read_embedding(file).vectors["clip_l"].norm(dim=1)
    assert not torch.allclose(lengths["vocabulary"], lengths["off"])
    assert bool((lengths["start"] < lengths["off"]).all())


@pytest.mark.parametrize("control", ["vocabulary", "start"])
def test_a_resumed_run_ends_with_the_same_vectors(
    config: TrainingConfig, run_training: Trainer, paths: Paths, control: str
) -> None:
    fields = {"norm_control": control, "stratified_timesteps": True, "timesteps_per_picture": 2}
    config = replace_fields(config, {**fields, "steps": 4, "save_every": 0})
    file = paths.embeddings_dir / "zq.pt"
    start = file.read_bytes()
    run_training(config)
    uninterrupted = read_embedding(file).vectors["clip_l"]
    file.write_bytes(start)
    run_training(config, stop_at=2)
    run_training(config_to_resume("zq", paths), resume=True)
    assert torch.equal(read_embedding(file).vectors["clip_l"], uninterrupted)
