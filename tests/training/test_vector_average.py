"""The running average of the vectors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import TrainingConfig, replace_fields
from traintab.embeddings.formats import read_embedding
from traintab.paths import Paths
from traintab.training.events import Evaluated, TrainingEvent, TrainingStarted
from traintab.training.state import TrainingState
from traintab.training.state_files import read_newest_state
from traintab.training.step import take_step
from traintab.training.unfinished import config_to_resume, find_unfinished
from traintab.training.vector_average import VectorAverage

Trainer = Callable[..., list[TrainingEvent]]


def test_it_is_the_formula_of_a_moving_average() -> None:
    average = VectorAverage({"clip_l": torch.zeros(1, 2)}, decay=0.3)
    expected = torch.zeros(1, 2)
    for update in range(1, 6):
        vectors = torch.full((1, 2), float(update))
        average.update({"clip_l": vectors})
        decay = min(0.3, (1 + update) / (10 + update))
        expected = decay * expected + (1 - decay) * vectors
    torch.testing.assert_close(average.vectors["clip_l"], expected)


def test_the_start_does_not_weigh_for_long_however_slow_it_is() -> None:
    average = VectorAverage({"clip_l": torch.zeros(1, 1)}, decay=0.9999)
    for _ in range(20):
        average.update({"clip_l": torch.ones(1, 1)})
    assert average.vectors["clip_l"].item() > 0.99


@given(values=st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=20), decay=st.floats(0.01, 0.9999))
def test_it_stays_among_the_vectors_it_has_seen(values: list[float], decay: float) -> None:
    average = VectorAverage({"clip_l": torch.tensor([[values[0]]])}, decay)
    for value in values[1:]:
        average.update({"clip_l": torch.tensor([[value]])})
    assert min(values) - 1e-4 <= average.vectors["clip_l"].item() <= max(values) + 1e-4


def test_it_goes_on_from_its_state_to_the_same_bits() -> None:
    whole, first = (VectorAverage({"clip_l": torch.zeros(2, 3)}, decay=0.9) for _ in range(2))
    seen = [torch.randn(2, 3, generator=torch.Generator().manual_seed(step)) for step in range(8)]
    for vectors in seen:
        whole.update({"clip_l": vectors})
    for vectors in seen[:4]:
        first.update({"clip_l": vectors})
    rest = VectorAverage({"clip_l": torch.ones(2, 3)}, decay=0.9)
    rest.load_state_dict(first.state_dict())
    for vectors in seen[4:]:
        rest.update({"clip_l": vectors})
    assert torch.equal(rest.vectors["clip_l"], whole.vectors["clip_l"])


def test_it_follows_every_step_and_is_the_result(
    make_state: Callable[..., TrainingState], make_session: Callable[..., object]
) -> None:
    state = make_state()
    state.keep_average(0.5)
    steps = []
    for _ in range(3):
        take_step(make_session(), state, 0.1)  # type: ignore[arg-type]
        steps.append(state.copied_vectors()["clip_l"])
    average = VectorAverage({"clip_l": torch.zeros(2, 4)}, decay=0.5)
    for vectors in steps:
        average.update({"clip_l": vectors})
    assert torch.equal(state.copied_result()["clip_l"], average.vectors["clip_l"])
    assert not torch.equal(state.copied_result()["clip_l"], steps[-1])


def test_a_breakdown_takes_it_back_too(make_state: Callable[..., TrainingState]) -> None:
    state = make_state()
    state.keep_average(0.5)
    good = state.copied_result()["clip_l"]
    assert state.average is not None
    state.average.update({"clip_l": torch.full((2, 4), float("nan"))})
    state.return_to_last_good()
    assert torch.equal(state.copied_result()["clip_l"], good)


@pytest.mark.option("ema_decay")
def test_the_embedding_holds_the_average_and_the_state_both(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    run_training(replace_fields(config, {"evaluate_every": 0}), stop_at=8)
    plain = read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"]
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(replace_fields(config, {"evaluate_every": 0, "ema_decay": 0.9}), stop_at=8)
    averaged = read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"]
    run = find_unfinished("zq", paths)
    assert run is not None
    state, _ = read_newest_state(run)
    assert torch.equal(state["vectors"]["clip_l"], plain)  # the training itself is as without
    assert torch.equal(state["parts"]["average"]["vectors"]["clip_l"], averaged)
    assert (averaged - plain).abs().max() > 0.01


def test_an_interrupted_run_goes_on_to_the_same_bits(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    config = replace_fields(config, {"ema_decay": 0.95, "evaluate_every": 4})
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    whole = [event for event in run_training(config) if isinstance(event, Evaluated)]
    uninterrupted = read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"]
    (paths.embeddings_dir / "zq.pt").write_bytes(start)
    run_training(config, stop_at=7)
    events = run_training(config_to_resume("zq", paths), resume=True)
    assert torch.equal(read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"], uninterrupted)
    resumed = [event for event in events if isinstance(event, Evaluated)]
    assert resumed == whole[-len(resumed) :]


def test_switched_on_anew_it_begins_where_the_vectors_are(
    make_state: Callable[..., TrainingState],
) -> None:
    averaged = make_state()
    averaged.keep_average(0.5)
    with torch.no_grad():
        averaged.vectors["clip_l"].fill_(3.0)
    without = make_state()
    without.load_state_dict(averaged.state_dict())
    again = TrainingState(
        without.copied_vectors(), order=without.order, generator=without.generator, step=without.step
    )
    again.keep_average(0.5)
    again.load_state_dict(without.state_dict())
    assert torch.equal(again.copied_result()["clip_l"], torch.full((2, 4), 3.0))


def test_evaluations_and_the_page_see_the_average(
    config: TrainingConfig, run_training: Trainer, paths: Paths
) -> None:
    start = (paths.embeddings_dir / "zq.pt").read_bytes()
    losses = []
    for decay in (0.0, 0.9):
        (paths.embeddings_dir / "zq.pt").write_bytes(start)
        events = run_training(replace_fields(config, {"ema_decay": decay, "evaluate_every": 6}))
        losses.append([event.loss for event in events if isinstance(event, Evaluated)])
        (started,) = (event for event in events if isinstance(event, TrainingStarted))
        assert started.current_embeddings is not None
        (now,) = started.current_embeddings()
        kept = read_embedding(paths.embeddings_dir / "zq.pt").vectors["clip_l"]
        assert torch.equal(now.vectors["clip_l"], kept)
    assert losses[0][0] == losses[1][0]
    assert losses[0][1:] != losses[1][1:]
