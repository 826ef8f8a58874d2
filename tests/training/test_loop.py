"""The loop, on a fake loss."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

import pytest
import torch

from traintab.errors import NonFiniteError
from traintab.training.events import StepCompleted, TrainingNotice
from traintab.training.loop import train
from traintab.training.loss_scaler import LossScaler
from traintab.training.session import Session
from traintab.training.state import TrainingState

Make = Callable[..., TrainingState]
MakeSession = Callable[..., Session]


def never() -> bool:
    return False


def all_of(steps: Generator[StepCompleted, None, bool]) -> tuple[list[StepCompleted], bool]:
    events = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return events, end.value


def test_it_takes_the_steps_asked_for(make_state: Make, make_session: MakeSession) -> None:
    state = make_state()
    events, finished = all_of(train(make_session(steps=7), state, should_stop=never))
    assert [event.step for event in events] == [1, 2, 3, 4, 5, 6, 7]
    assert finished
    assert state.step == 7


def test_the_loss_goes_down(make_state: Make, make_session: MakeSession) -> None:
    events, _ = all_of(train(make_session(steps=40), make_state(), should_stop=never))
    losses = [event.loss or 0.0 for event in events]
    assert losses[-1] < losses[0] / 5


def test_steps_are_absolute(make_state: Make, make_session: MakeSession) -> None:
    events, _ = all_of(train(make_session(steps=7), make_state(step=5), should_stop=never))
    assert [event.step for event in events] == [6, 7]


def test_every_step_is_a_whole_state(make_state: Make, make_session: MakeSession) -> None:
    state = make_state()
    for event in train(make_session(steps=5), state, should_stop=never):
        assert event.step == state.step


def test_the_rate_follows_the_schedule_by_completed_steps(
    make_state: Make, make_session: MakeSession
) -> None:
    session = make_session(steps=6, rate="0.1:2, 0.01:4, 0.001")
    events, _ = all_of(train(session, make_state(), should_stop=never))
    assert [event.learning_rate for event in events] == [0.1, 0.1, 0.01, 0.01, 0.001, 0.001]


def test_an_exhausted_schedule_is_the_end(make_state: Make, make_session: MakeSession) -> None:
    events, finished = all_of(train(make_session(steps=9, rate="0.1:4"), make_state(), should_stop=never))
    assert (len(events), finished) == (4, True)


def test_epochs_count_from_one(make_state: Make, make_session: MakeSession) -> None:
    state = make_state(num_images=5, batch_size=2)
    events, _ = all_of(train(make_session(steps=5), state, should_stop=never))
    assert [event.epoch for event in events] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_an_interrupt_ends_it_between_two_steps(
    make_state: Make, make_session: MakeSession, stop_after: Callable[..., Any], steps: int
) -> None:
    state = make_state()
    events, finished = all_of(train(make_session(), state, should_stop=stop_after(steps)))
    assert len(events) == state.step == steps
    assert not finished


@pytest.mark.parametrize("pause", [1, 3, 8])
def test_interrupted_and_gone_on_is_the_same_as_uninterrupted(
    make_state: Make, make_session: MakeSession, stop_after: Callable[..., Any], pause: int
) -> None:
    whole = make_state()
    all_of(train(make_session(steps=10), whole, should_stop=never))
    first, second = make_state(), make_state()
    all_of(train(make_session(steps=10), first, should_stop=stop_after(pause)))
    second.load_state_dict(first.state_dict())
    all_of(train(make_session(steps=10), second, should_stop=never))
    assert torch.equal(second.vectors["clip_l"], whole.vectors["clip_l"])


def test_pictures_are_shown_in_the_state_s_order(
    make_state: Make, make_session: MakeSession, fake_loss: Any
) -> None:
    loss = fake_loss()
    events, _ = all_of(train(make_session(steps=4, loss=loss), make_state(), should_stop=never))
    order = make_state().order
    assert loss.shown == [batch for _ in range(4) for batch in order.next_step()]
    assert events[0].prompt == f"prompt of {loss.shown[0][0]}"


def test_a_breakdown_passes_out_with_its_step(
    make_state: Make, make_session: MakeSession, fake_loss: Any
) -> None:
    state = make_state()
    with pytest.raises(NonFiniteError, match="step 4"):
        all_of(train(make_session(loss=fake_loss(bad_at=4)), state, should_stop=never))
    assert state.step == 3
    state.check_finite()


def test_skipped_updates_are_told_once_and_counted(make_state: Make, make_session: MakeSession) -> None:
    scaler, state = LossScaler(2.0**17), make_state()

    def loss(pictures: Sequence[int], state: TrainingState) -> tuple[torch.Tensor, str]:
        return state.vectors["clip_l"].half().float().sum(), "x"

    session = make_session(steps=3, loss=loss, loss_scaler=scaler)
    events = list(train(session, state, should_stop=never))
    first, notice, *others = events
    assert isinstance(notice, TrainingNotice)
    assert "Step 1 was tried again 2 times" in notice.message
    assert "the loss scale is 32768 now. Updates skipped so far: 2." in notice.message
    assert [event.skipped_updates for event in (first, *others)] == [2, 2, 2]
