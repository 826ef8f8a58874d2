"""The history of evaluations, and when to evaluate: on fake losses."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.errors import NonFiniteError
from traintab.training.automatic_stop import AutomaticStop
from traintab.training.evaluation import EvaluationHistory, Evaluator
from traintab.training.events import Evaluated, StepCompleted
from traintab.training.loop import train
from traintab.training.run_folder import new_run_folder
from traintab.training.session import Session
from traintab.training.state import TrainingState
from traintab.training.state_files import read_state, write_state

Make = Callable[..., TrainingState]
MakeSession = Callable[..., Session]
Event = StepCompleted | Evaluated


def distance(vectors: Mapping[str, torch.Tensor]) -> float:
    """How far the vectors are from where the fake training pulls them."""
    return float(((vectors["clip_l"].detach() - 1) ** 2).mean())


def evaluator(*, every: int = 3, total: int = 10, **others: Any) -> Evaluator:
    known = {"loss": distance, "history": EvaluationHistory("a set"), "window": 4}
    return Evaluator(every=every, total_steps=total, **{**known, **others})


def run(session: Session, state: TrainingState, stop: Callable[[], bool] = lambda: False) -> list[Event]:
    events: list[Event] = []
    steps: Generator[Event, None, bool] = train(session, state, should_stop=stop)
    for event in steps:
        events.append(event)
    return events


def evaluated(events: list[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, Evaluated)]


@pytest.mark.option("evaluate_every")
def test_it_evaluates_before_the_first_step_every_n_steps_and_after_the_last(
    make_state: Make, make_session: MakeSession
) -> None:
    events = run(make_session(steps=10, evaluator=evaluator()), make_state())
    assert evaluated(events) == [0, 3, 6, 9, 10]
    assert [e.step for e in events if isinstance(e, StepCompleted)] == list(range(1, 11))


def test_evaluating_changes_nothing_in_what_is_trained(make_state: Make, make_session: MakeSession) -> None:
    with_it, without = make_state(), make_state()
    run(make_session(steps=10, evaluator=evaluator(every=1)), with_it)
    run(make_session(steps=10), without)
    assert torch.equal(with_it.vectors["clip_l"], without.vectors["clip_l"])
    assert torch.equal(with_it.generator.get_state(), without.generator.get_state())


def test_the_best_vectors_are_those_of_the_lowest_loss(make_state: Make, make_session: MakeSession) -> None:
    # At this rate the vectors overshoot their aim and come back.
    judge, state = evaluator(every=1, total=30), make_state()
    events = run(make_session(steps=30, rate="0.3", evaluator=judge), state)
    points = [(e.step, e.loss) for e in events if isinstance(e, Evaluated)]
    best = judge.history.best
    assert best is not None
    assert (best.step, best.loss) == min(points, key=lambda point: point[1])
    assert 0 < best.step < 30
    assert distance(best.vectors) == best.loss
    marked = [e.step for e in events if isinstance(e, Evaluated) and e.is_best]
    assert marked[-1] == best.step


@pytest.mark.option("automatic_stop")
def test_the_automatic_stop_ends_the_run_where_nothing_more_is_learned(
    make_state: Make, make_session: MakeSession
) -> None:
    judge = evaluator(every=2, total=500, automatic_stop=AutomaticStop(window=4, threshold=0.1))
    state = make_state()
    events = run(make_session(steps=500, evaluator=judge), state)
    assert 8 < state.step < 100
    assert events[-1] == Evaluated(
        step=state.step,
        loss=judge.history.losses[-1],
        is_best=events[-1].is_best,  # type: ignore[union-attr]
        variance_share=events[-1].variance_share,  # type: ignore[union-attr]
    )
    assert "the newest 4 evaluations vary only" in judge.reason_to_stop


def test_switched_off_it_does_not_stop(make_state: Make, make_session: MakeSession) -> None:
    judge, state = evaluator(every=2, total=100), make_state()
    run(make_session(steps=100, evaluator=judge), state)
    assert state.step == 100 and judge.reason_to_stop == ""


@pytest.mark.parametrize("pause", range(12))
def test_a_resumed_run_stops_at_the_same_step_with_the_same_history(
    make_state: Make,
    make_session: MakeSession,
    stop_after: Callable[[int], Callable[[], bool]],
    tmp_path: Path,
    pause: int,
) -> None:
    def begun() -> tuple[Session, TrainingState, Evaluator]:
        rule = AutomaticStop(window=4, threshold=0.1)
        judge, state = evaluator(every=2, total=500, automatic_stop=rule), make_state()
        state.register("evaluations", judge.history)
        return make_session(steps=500, evaluator=judge), state, judge

    whole_session, whole, whole_judge = begun()
    run(whole_session, whole)
    session, state, _ = begun()
    run(session, state, stop_after(pause))
    kept = read_state(write_state(new_run_folder(tmp_path, "zq"), state.state_dict()))
    assert kept is not None
    session, state, judge = begun()
    state.load_state_dict(kept)
    run(session, state)
    assert state.step == whole.step
    assert judge.history.points == whole_judge.history.points
    assert torch.equal(state.vectors["clip_l"], whole.vectors["clip_l"])
    best, whole_best = judge.history.best, whole_judge.history.best
    assert best is not None and whole_best is not None and best.step == whole_best.step
    assert torch.equal(best.vectors["clip_l"], whole_best.vectors["clip_l"])


def test_a_step_evaluated_before_the_pause_is_not_evaluated_again(
    make_state: Make, make_session: MakeSession, stop_after: Callable[[int], Callable[[], bool]]
) -> None:
    judge, state = evaluator(), make_state()
    run(make_session(steps=10, evaluator=judge), state, stop_after(3))
    assert evaluated(run(make_session(steps=10, evaluator=judge), state)) == [6, 9, 10]


def test_points_of_another_evaluation_set_are_not_continued(make_state: Make) -> None:
    judge, state = evaluator(), make_state()
    judge.evaluate(state)
    other = EvaluationHistory("another set")
    other.load_state_dict(judge.history.state_dict())
    assert (other.points, other.best) == ((), None)
    same = EvaluationHistory("a set")
    same.load_state_dict(judge.history.state_dict())
    assert same.points == judge.history.points and same.best is not None


def test_a_kept_state_does_not_change_with_later_evaluations(make_state: Make) -> None:
    judge, state = evaluator(), make_state()
    judge.evaluate(state)
    kept = judge.history.state_dict()
    before = (kept["points"], kept["best"]["vectors"]["clip_l"].clone())
    with torch.no_grad():
        state.vectors["clip_l"].add_(0.5)
    state.step = 3
    judge.evaluate(state)
    assert kept["points"] == before[0] and torch.equal(kept["best"]["vectors"]["clip_l"], before[1])


def test_a_loss_that_is_no_number_is_a_breakdown(make_state: Make) -> None:
    judge = evaluator(loss=lambda vectors: float("nan"))
    with pytest.raises(NonFiniteError, match="at step 0: the loss of the evaluation became nan"):
        judge.evaluate(make_state())
    assert judge.history.points == ()


def test_the_share_of_the_variance_is_told_once_there_are_enough(
    make_state: Make, make_session: MakeSession
) -> None:
    events = run(make_session(steps=6, evaluator=evaluator(every=1, total=6)), make_state())
    shares = [event.variance_share for event in events if isinstance(event, Evaluated)]
    assert shares[:4] == [None] * 4
    assert all(share is not None and share < 1 for share in shares[4:])
