"""What each optimizer remembers, and that it goes on as if nothing had happened."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from typing import Any

import pytest
import torch

from traintab.configs import OptimizerConfig
from traintab.datasets.batches import BatchOrder
from traintab.datasets.seeds import seeded_generator
from traintab.errors import NonFiniteError
from traintab.training.events import StepCompleted
from traintab.training.loop import train
from traintab.training.optimizer_memory import OptimizerMemory
from traintab.training.optimizers import chosen_optimizer
from traintab.training.session import Session
from traintab.training.state import TrainingState
from traintab.training.step import take_step

MakeSession = Callable[..., Session]

CHOICES = {
    "AdamW": OptimizerConfig(),
    "AdamW with decay": OptimizerConfig(weight_decay=0.1, optimizer_betas="0.8, 0.9", optimizer_eps=1e-6),
    "AdamW with amsgrad": OptimizerConfig(optimizer_arguments="amsgrad=True"),
    "Prodigy": OptimizerConfig(optimizer="Prodigy", optimizer_arguments="d_coef=2 d0=1e-3"),
    "Lion": OptimizerConfig(optimizer="Lion", optimizer_betas="0.9 0.95"),
    "Adafactor": OptimizerConfig(optimizer="Adafactor"),
    "Adafactor with momentum": OptimizerConfig(optimizer="Adafactor", optimizer_arguments="beta1=0.9"),
}
if importlib.util.find_spec("bitsandbytes"):  # too large to be asked of everyone who runs the tests
    CHOICES["AdamW8bit"] = OptimizerConfig(optimizer="AdamW8bit", optimizer_arguments="min_8bit_size=1")
each = pytest.mark.parametrize("config", CHOICES.values(), ids=CHOICES.keys())


def new_state(config: OptimizerConfig) -> TrainingState:
    order = BatchOrder(5, 2, accumulation=1, seed=1)
    vectors = {"clip_l": torch.full((2, 4), 0.1), "clip_g": torch.zeros(2, 6)}
    return TrainingState(
        vectors, order=order, generator=seeded_generator("test"), optimizer=chosen_optimizer(config)
    )


class BothLosses:
    """Both text encoders' vectors, disturbed by the generator."""

    def __call__(self, pictures: Any, state: TrainingState) -> tuple[torch.Tensor, str]:
        parts = [
            ((v - 1 + 0.1 * torch.randn(v.shape, generator=state.generator)) ** 2).mean()
            for v in state.vectors.values()
        ]
        return torch.stack(parts).mean(), "x"


def taken(state: TrainingState, session: Session, steps: int) -> TrainingState:
    for _ in range(steps):
        take_step(session, state, 0.1)
    return state


def through_a_file(state: dict[str, Any]) -> dict[str, Any]:
    stream = io.BytesIO()
    torch.save(state, stream)
    stream.seek(0)
    loaded: dict[str, Any] = torch.serialization.load(stream, weights_only=True)
    return loaded


def same(left: TrainingState, right: TrainingState) -> bool:
    return all(torch.equal(left.vectors[name], right.vectors[name]) for name in left.vectors)


@each
@pytest.mark.parametrize("pause", [0, 1, 7])
def test_a_state_that_went_through_a_file_goes_on_bit_for_bit(
    config: OptimizerConfig, make_session: MakeSession, pause: int
) -> None:
    session = make_session(loss=BothLosses())
    whole = taken(new_state(config), session, 12)
    kept = through_a_file(taken(new_state(config), session, pause).state_dict())
    resumed = new_state(config)
    assert resumed.goes_on_with(kept)
    resumed.load_state_dict(kept)
    taken(resumed, session, 12 - pause)
    assert same(resumed, whole)
    left, right = (through_a_file(one.state_dict())["optimizer"] for one in (resumed, whole))
    assert repr(left) == repr(right)


@each
def test_a_breakdown_is_undone_with_all_that_the_optimizer_learned(
    config: OptimizerConfig, make_session: MakeSession
) -> None:
    session = make_session(loss=BothLosses())
    state, other = (taken(new_state(config), session, 3) for _ in range(2))

    class Broken(BothLosses):
        def __call__(self, pictures: Any, state: TrainingState) -> tuple[torch.Tensor, str]:
            loss, prompt = super().__call__(pictures, state)
            return loss * float("nan"), prompt

    unread = make_session(loss=Broken(), read_every=5)
    take_step(unread, state, 0.1)
    with pytest.raises(NonFiniteError):
        take_step(unread, state, 0.1)
    state.return_to_last_good()
    assert same(taken(state, session, 4), taken(other, session, 4))


@each
def test_a_state_kept_from_the_start_begins_anew(config: OptimizerConfig, make_session: MakeSession) -> None:
    session = make_session(loss=BothLosses())
    state = new_state(config)
    start = state.state_dict()
    first = taken(state, session, 3).copied_vectors()
    state.load_state_dict(start)
    second = taken(state, session, 3).copied_vectors()
    assert all(torch.equal(first[name], second[name]) for name in first)


@each
def test_what_is_kept_is_no_part_of_what_goes_on(config: OptimizerConfig, make_session: MakeSession) -> None:
    session = make_session(loss=BothLosses())
    state = taken(new_state(config), session, 2)
    kept = state.state_dict()
    before = repr(kept["optimizer"])
    taken(state, session, 2)
    assert repr(kept["optimizer"]) == before


@pytest.mark.option("optimizer", "weight_decay", "optimizer_betas", "optimizer_eps", "optimizer_arguments")
def test_each_choice_trains_other_vectors(make_session: MakeSession) -> None:
    configs = [
        *CHOICES.values(),
        OptimizerConfig(weight_decay=0.1),
        OptimizerConfig(optimizer_betas="0.8, 0.9"),
        OptimizerConfig(optimizer_eps=0.01),
        OptimizerConfig(optimizer="Prodigy", optimizer_arguments="d0=1e-3"),
    ]
    session = make_session(loss=BothLosses())
    trained = [taken(new_state(one), session, 40).vectors["clip_l"].tolist() for one in configs]
    assert all(trained[i] != trained[j] for i in range(len(trained)) for j in range(i))


def test_another_optimizer_begins_without_the_memory_of_the_one_before(make_session: MakeSession) -> None:
    session = make_session(loss=BothLosses())
    kept = taken(new_state(OptimizerConfig()), session, 3).state_dict()
    lion = new_state(CHOICES["Lion"])
    assert not lion.goes_on_with(kept)
    lion.load_state_dict(kept)
    assert lion.step == 3 and not lion.optimizer.state
    adamw = new_state(OptimizerConfig())
    kept = taken(lion, session, 1).state_dict()
    assert not adamw.goes_on_with(kept)
    adamw.load_state_dict(kept)
    assert adamw.step == 4 and not adamw.optimizer.state


def test_other_betas_go_on_with_the_memory_and_are_used(make_session: MakeSession) -> None:
    session = make_session(loss=BothLosses())
    kept = taken(new_state(CHOICES["Lion"]), session, 3).state_dict()
    changed = new_state(OptimizerConfig(optimizer="Lion", optimizer_betas="0.5, 0.6"))
    changed.load_state_dict(kept)
    assert changed.optimizer.param_groups[0]["betas"] == (0.5, 0.6)
    assert changed.optimizer.state


def test_a_state_from_before_there_was_a_choice_goes_on(make_session: MakeSession) -> None:
    session = make_session(loss=BothLosses())
    whole = taken(new_state(OptimizerConfig()), session, 6)
    kept = taken(new_state(OptimizerConfig()), session, 3).state_dict()
    del kept["optimizer"]
    resumed = new_state(OptimizerConfig())
    assert resumed.goes_on_with(kept)
    resumed.load_state_dict(kept)
    assert same(taken(resumed, session, 3), whole)


def test_the_rate_that_is_told_is_the_one_that_prodigy_found(make_session: MakeSession) -> None:
    prodigy, adamw = new_state(CHOICES["Prodigy"]), new_state(CHOICES["AdamW"])
    assert (prodigy.effective_rate(1.0), adamw.effective_rate(0.1)) == (1e-3, 0.1)
    events = list(train(make_session(loss=BothLosses(), rate="1"), prodigy, should_stop=lambda: False))
    rates = [event.learning_rate for event in events if isinstance(event, StepCompleted)]
    assert rates[-1] > 2 * rates[0] > 0
    assert rates[-1] == prodigy.optimizer.param_groups[0]["d"]


def test_of_plain_adamw_the_state_holds_the_moments_alone(make_session: MakeSession) -> None:
    state = taken(new_state(OptimizerConfig()), make_session(loss=BothLosses()), 1).state_dict()
    assert state["optimizer"] == {} and state["moments"]["clip_g"]["updates"] == 1


@pytest.mark.parametrize(
    ("settings", "device"),
    [({"capturable": True}, "meta"), ({"capturable": True, "amsgrad": True}, "meta"), ({}, "cpu")],
)
def test_the_count_of_steps_goes_back_to_where_the_optimizer_reads_it(
    settings: dict[str, bool], device: str
) -> None:
    """AdamW that is fused, or captured in a graph, breaks down when its count isn't on the card."""
    vector = torch.zeros(2, 4, device="meta", requires_grad=True)
    memory = OptimizerMemory(torch.optim.AdamW([vector], **settings), "AdamW")
    assert memory.count_device(vector.device).type == device
    kept = {"step": torch.tensor(3.0), "exp_avg": torch.zeros(2, 4)}
    if not memory.is_plain_adamw:
        memory.load_state_dict({"kind": "AdamW", "tensors": [kept], "groups": [{}]})
        ((_, restored),) = memory._optimizer.state.items()
        assert (restored["step"].device.type, restored["exp_avg"].device.type) == (device, "meta")
