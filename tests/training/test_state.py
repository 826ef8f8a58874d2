"""What changes while training."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch

from traintab.errors import NonFiniteError
from traintab.training.inputs import TrainingInputs
from traintab.training.session import Session
from traintab.training.state import TrainingState
from traintab.training.step import take_step

Make = Callable[..., TrainingState]
MakeSession = Callable[..., Session]


def taken(state: TrainingState, session: Session, steps: int) -> TrainingState:
    for _ in range(steps):
        take_step(session, state, 0.1)
    return state


def reloaded(state: TrainingState) -> dict[str, object]:
    """Through a file, as a resumed run gets it."""
    stream = io.BytesIO()
    torch.save(state.state_dict(), stream)
    stream.seek(0)
    loaded: dict[str, object] = torch.serialization.load(stream, weights_only=True)
    return loaded


@pytest.mark.parametrize("pause", [0, 1, 4, 9])
def test_a_state_that_went_through_a_file_goes_on_bit_for_bit(
    make_state: Make, make_session: MakeSession, pause: int
) -> None:
    session = make_session()
    whole = taken(make_state(), session, 10)
    first = taken(make_state(), session, pause)
    second = make_state()
    second.load_state_dict(reloaded(first))
    taken(second, session, 10 - pause)
    assert second.step == 10
    assert torch.equal(second.vectors["clip_l"], whole.vectors["clip_l"])
    assert torch.equal(second.generator.get_state(), whole.generator.get_state())
    assert second.order.state_dict() == whole.order.state_dict()
    for key in ("exp_avg", "exp_avg_sq"):
        left, right = (s.state_dict()["moments"]["clip_l"][key] for s in (second, whole))
        assert torch.equal(left, right)


def test_the_vectors_given_are_copied(make_state: Make, make_session: MakeSession) -> None:
    state = make_state()
    before = state.copied_vectors()["clip_l"]
    taken(state, make_session(), 1)
    assert before.abs().max() == 0
    assert state.vectors["clip_l"].abs().max() > 0


def test_a_state_dict_does_not_change_with_the_state(make_state: Make, make_session: MakeSession) -> None:
    state = taken(make_state(), make_session(), 2)
    kept = state.state_dict()
    moments = kept["moments"]["clip_l"]["exp_avg"].clone()
    taken(state, make_session(), 2)
    assert kept["step"] == 2
    assert torch.equal(kept["moments"]["clip_l"]["exp_avg"], moments)


def test_nothing_but_the_vectors_is_in_the_optimizer(make_state: Make) -> None:
    state = make_state()
    parameters = [p for group in state.optimizer.param_groups for p in group["params"]]
    assert len(parameters) == 1
    assert parameters[0] is state.vectors["clip_l"]
    assert state.optimizer.param_groups[0]["weight_decay"] == 0


def test_bad_vectors_are_refused(make_state: Make) -> None:
    state = make_state()
    state.check_finite()
    with torch.no_grad():
        state.vectors["clip_l"][0, 0] = float("inf")
    with pytest.raises(NonFiniteError, match="lower the learning rate"):
        state.check_finite()


def test_returning_to_the_last_good_state_undoes_what_came_after(
    make_state: Make, make_session: MakeSession
) -> None:
    state = taken(make_state(), make_session(), 3)
    state.remember()
    good = state.state_dict()
    state.order.next_step()
    torch.rand(3, generator=state.generator)
    with torch.no_grad():
        state.vectors["clip_l"].fill_(float("nan"))
    state.return_to_last_good()
    now = state.state_dict()
    assert now["step"] == 3
    assert now["order"] == good["order"]
    assert torch.equal(now["generator"], good["generator"])
    assert torch.equal(now["vectors"]["clip_l"], good["vectors"]["clip_l"])


def test_lines_and_inputs_are_part_of_it(make_state: Make) -> None:
    state = make_state()
    state.inputs, state.lines = TrainingInputs(pictures={"a.png": "12"}), ("a photo of [name]",)
    other = make_state()
    other.load_state_dict(reloaded(state))
    assert (other.inputs, other.lines) == (state.inputs, ("a photo of [name]",))


class Counter:
    """A part that changes with every step, as a loss scaler does."""

    def __init__(self) -> None:
        self.count = 0
        self.history = torch.zeros(2)

    def state_dict(self) -> dict[str, Any]:
        return {"count": self.count, "history": self.history.clone()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.count = state["count"]
        self.history.copy_(state["history"])


@pytest.mark.parametrize("is_registered_first", [True, False])
def test_a_registered_part_is_saved_and_restored_whenever_it_is_registered(
    make_state: Make, is_registered_first: bool
) -> None:
    state, part = make_state(), Counter()
    state.register("counter", part)
    part.count, part.history[0] = 3, 0.5
    kept = reloaded(state)
    part.count = 4
    other, restored = make_state(), Counter()
    if is_registered_first:
        other.register("counter", restored)
    other.load_state_dict(kept)
    if not is_registered_first:
        other.register("counter", restored)
    assert restored.count == 3
    assert restored.history.tolist() == [0.5, 0.0]


def test_a_part_goes_back_with_the_last_good_state(make_state: Make, make_session: MakeSession) -> None:
    state, part = make_state(), Counter()
    state.register("counter", part)
    part.count = 1
    taken(state, make_session(), 1)
    part.count = 9
    state.return_to_last_good()
    assert part.count == 1


def test_what_belongs_to_a_part_that_is_switched_off_is_saved_on(make_state: Make) -> None:
    state, part = make_state(), Counter()
    part.count = 7
    state.register("counter", part)
    without = make_state()
    without.load_state_dict(reloaded(state))
    again, restored = make_state(), Counter()
    again.register("counter", restored)
    again.load_state_dict(reloaded(without))
    assert restored.count == 7


def test_a_state_of_before_a_part_existed_leaves_it_as_it_is(make_state: Make) -> None:
    older = reloaded(make_state())
    older.pop("parts")
    state, part = make_state(), Counter()
    part.count = 5
    state.register("counter", part)
    state.load_state_dict(older)
    assert part.count == 5


def test_two_parts_of_one_name_are_refused(make_state: Make) -> None:
    state = make_state()
    state.register("counter", Counter())
    with pytest.raises(ValueError, match="'counter' already"):
        state.register("counter", Counter())
