"""One optimizer update."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch

from traintab.errors import NonFiniteError
from traintab.schedules.learning_rate import Schedule
from traintab.training.loss_scaler import LossScaler
from traintab.training.session import GradientClipping, Session
from traintab.training.state import TrainingState
from traintab.training.step import take_step

Make = Callable[..., TrainingState]
MakeSession = Callable[..., Session]


class Slope:
    """A loss with the same gradient everywhere."""

    def __init__(self, slope: float) -> None:
        self.slope = slope

    def __call__(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        return (state.vectors["clip_l"] * self.slope).sum(), "x"


def gradient_after(state: TrainingState, session: Session) -> torch.Tensor:
    take_step(session, state, 0.1)
    gradient = state.vectors["clip_l"].grad
    assert gradient is not None
    return gradient


def clipping(mode: str, text: str = "0.5") -> GradientClipping:
    return GradientClipping(mode=mode, bounds=Schedule.parse(text, max_steps=100))


@pytest.mark.option("learning_rate")
def test_a_step_moves_the_vectors_by_the_learning_rate(make_state: Make, make_session: MakeSession) -> None:
    state = make_state()
    loss, prompt = take_step(make_session(loss=Slope(3.0)), state, 0.25)
    assert state.step == 1
    torch.testing.assert_close(state.vectors["clip_l"].detach(), torch.full((2, 4), -0.25))
    assert (loss, prompt) == (0.0, "x")


@pytest.mark.option("gradient_accumulation_steps")
def test_accumulated_batches_weigh_as_one(make_state: Make, make_session: MakeSession) -> None:
    one = gradient_after(make_state(batch_size=1), make_session(loss=Slope(3.0)))
    many = gradient_after(make_state(batch_size=1, accumulation=5), make_session(loss=Slope(3.0)))
    torch.testing.assert_close(one, many)


def test_without_clipping_the_gradient_is_left_alone(make_state: Make, make_session: MakeSession) -> None:
    assert gradient_after(make_state(), make_session(loss=Slope(3.0))).max() == 3


def test_clipping_by_value_bounds_each_value(make_state: Make, make_session: MakeSession) -> None:
    session = make_session(loss=Slope(3.0), clipping=clipping("value"))
    assert gradient_after(make_state(), session).max() == 0.5


def test_clipping_by_norm_bounds_the_whole(make_state: Make, make_session: MakeSession) -> None:
    session = make_session(loss=Slope(3.0), clipping=clipping("norm"))
    assert float(gradient_after(make_state(), session).norm()) == pytest.approx(0.5, rel=1e-4)


def test_the_bound_follows_its_schedule_and_keeps_its_last_value() -> None:
    bounds = clipping("value", "0.5:2, 0.1:4")
    assert [bounds.bound_at(step) for step in (0, 1, 2, 3, 50)] == [0.5, 0.5, 0.1, 0.1, 0.1]


def test_a_scaled_loss_is_unscaled_before_clipping(make_state: Make, make_session: MakeSession) -> None:
    session = make_session(loss=Slope(0.25), clipping=clipping("value"), loss_scaler=LossScaler(1024.0))
    assert gradient_after(make_state(), session).max() == 0.25


@pytest.mark.parametrize("slope", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_before_the_update(
    make_state: Make, make_session: MakeSession, slope: float
) -> None:
    state = make_state(step=6)
    with pytest.raises(NonFiniteError, match=r"at step 7: the (loss|gradient) became .*it was 0\.1"):
        take_step(make_session(loss=Slope(slope)), state, 0.1)
    assert state.step == 6
    assert state.vectors["clip_l"].abs().max() == 0


def test_between_read_backs_the_loss_stays_on_the_device(make_state: Make, make_session: MakeSession) -> None:
    state, session = make_state(), make_session(steps=7, read_every=3)
    losses = [take_step(session, state, 0.1)[0] for _ in range(7)]
    assert [loss is not None for loss in losses] == [False, False, True, False, False, True, True]


def test_a_breakdown_between_read_backs_is_found_at_the_next_and_undone(
    make_state: Make, make_session: MakeSession
) -> None:
    state, session = make_state(), make_session(loss=Slope(1.0), read_every=3)
    for _ in range(3):
        take_step(session, state, 0.1)
    good = state.copied_vectors()["clip_l"]
    broken = make_session(loss=Slope(float("nan")), read_every=3)
    take_step(broken, state, 0.1)
    take_step(broken, state, 0.1)
    with pytest.raises(NonFiniteError):
        take_step(broken, state, 0.1)
    state.return_to_last_good()
    assert state.step == 3
    assert torch.equal(state.vectors["clip_l"].detach(), good)


class HalfSlope(Slope):
    """The same by way of float16, whose numbers end at 65504 and begin at 6e-8."""

    def __call__(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        torch.rand(1, generator=state.generator)
        return (state.vectors["clip_l"].half() * self.slope).float().sum(), "x"


def test_a_gradient_beyond_float16_is_tried_again_at_a_lower_scale_until_it_fits(
    make_state: Make, make_session: MakeSession
) -> None:
    state, scaler = make_state(), LossScaler(2.0**16)
    gradient = gradient_after(state, make_session(loss=HalfSlope(3.0), loss_scaler=scaler))
    assert gradient.unique().tolist() == [3.0]
    assert (scaler.scale, scaler.skipped) == (2.0**14, 2)
    assert state.step == 1
    assert state.order.state_dict() == _after_one_step(make_state)


def _after_one_step(make_state: Make) -> object:
    order = make_state().order
    order.next_step()
    return order.state_dict()


def test_a_gradient_too_small_for_float16_arrives_when_it_is_scaled(
    make_state: Make, make_session: MakeSession
) -> None:
    slope = 2.0**-24
    lost = gradient_after(make_state(), make_session(loss=HalfSlope(slope / 4)))
    kept = gradient_after(
        make_state(), make_session(loss=_Scaled(slope, 0.25), loss_scaler=LossScaler(2.0**16))
    )
    assert lost.abs().max() == 0
    assert kept.unique().tolist() == [slope / 4]


class _Scaled(HalfSlope):
    """A tiny gradient that comes from above: float16 could hold the slope, but not their product."""

    def __init__(self, slope: float, factor: float) -> None:
        super().__init__(slope)
        self.factor = factor

    def __call__(self, pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        loss, prompt = super().__call__(pictures, state)
        return loss * self.factor, prompt


def test_a_gradient_that_is_infinite_without_any_scale_stops_the_training(
    make_state: Make, make_session: MakeSession
) -> None:
    state, scaler = make_state(), LossScaler(2.0)
    session = make_session(loss=_Scaled(65504.0, 2.0), loss_scaler=scaler)
    with pytest.raises(NonFiniteError, match=r"the gradient became infinite.*or choose Precision bf16"):
        take_step(session, state, 0.1)
    assert (scaler.scale, scaler.skipped, state.step) == (1.0, 1, 0)


def test_a_loss_that_is_infinite_is_not_tried_again(make_state: Make, make_session: MakeSession) -> None:
    state, scaler = make_state(), LossScaler()
    with pytest.raises(NonFiniteError, match="the loss became nan"):
        take_step(make_session(loss=Slope(float("nan")), loss_scaler=scaler), state, 0.1)
    assert scaler.skipped == 0


def test_a_step_works_where_gradients_are_switched_off(make_state: Make, make_session: MakeSession) -> None:
    with torch.no_grad():
        take_step(make_session(), make_state(), 0.1)
        assert not torch.is_grad_enabled()
