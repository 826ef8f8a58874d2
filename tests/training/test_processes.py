"""Several processes that train together, seen from within one of them."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from traintab.configs import TrainingConfig, replace_fields
from traintab.errors import ConfigError, LostProcessError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training import prepare as preparing
from traintab.training import processes
from traintab.training.batch_loss import make_batch_loss
from traintab.training.checks import check_before_loading
from traintab.training.processes import ALL_ROWS, Processes, here, joined, was_launched

LAUNCHED = {"RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}


def test_one_process_alone_has_everything_and_asks_nobody() -> None:
    alone = Processes()
    tensor = torch.ones(3)
    alone.average([tensor])
    assert alone.is_first and alone.share(4) is ALL_ROWS
    assert (alone.any(True), alone.any(False), alone.of_first("x")) == (True, False, "x")
    assert ALL_ROWS.of_tensor(tensor) is tensor and ALL_ROWS.weighted(tensor) is tensor
    assert here() == alone


@given(st.integers(2, 6), st.integers(1, 12))
def test_the_shares_of_a_batch_are_all_of_it_once(count: int, size: int) -> None:
    shares = [Processes(rank=rank, count=count).share(size) for rank in range(count)]
    counted = [row for share in shares if share.weight for row in share.rows or ()]
    assert sorted(counted) == list(range(size))
    losses = torch.arange(size, dtype=torch.float64)
    means = [share.weighted(share.of_tensor(losses).mean()) for share in shares]
    assert float(torch.stack(means).mean()) == pytest.approx(float(losses.mean()))


def test_a_share_takes_its_items_and_leaves_what_is_not_there() -> None:
    share = Processes(rank=1, count=2).share(5)
    assert list(share.of("abcde")) == ["b", "d"]
    assert share.of(()) == ()


@pytest.mark.parametrize("missing", LAUNCHED)
def test_only_a_launcher_says_that_there_are_others(missing: str) -> None:
    assert was_launched(LAUNCHED)
    assert not was_launched({name: value for name, value in LAUNCHED.items() if name != missing})
    assert not was_launched({**LAUNCHED, "WORLD_SIZE": "1"})
    with joined({}) as alone:
        assert alone == Processes()


def test_more_processes_than_cards_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    taken: list[int] = []
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    processes._take_card(0)
    assert taken == [0]
    with pytest.raises(ConfigError, match="Process 2 of this machine has no graphics card of its own"):
        processes._take_card(1)


def test_who_waits_for_others_that_never_come_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        environment = {**LAUNCHED, "MASTER_PORT": str(probe.getsockname()[1])}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(processes, "_MEETING", timedelta(seconds=1))
    with (
        pytest.raises(LostProcessError, match="The 2 processes of this training didn't come together at 127"),
        joined(environment),
    ):
        pass
    assert here() == Processes()


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 4},
        {"batch_size": 3, "timesteps_per_picture": 2, "stratified_timesteps": True, "noise_offset": 0.1},
        {"batch_size": 5, "latent_sampling_method": "random", "flip_augmentation": True, "tag_drop_out": 0.4},
        {"batch_size": 1, "min_snr_gamma": 5.0},
    ],
    ids=["plain", "with more timesteps", "with what is drawn", "with nothing for one"],
)
def test_the_shares_gradients_are_on_average_the_whole_batchs(
    config: TrainingConfig,
    model: Model,
    paths: Paths,
    settings: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = []
    for process in (Processes(), *(Processes(rank=rank, count=2) for rank in range(2))):
        monkeypatch.setattr("traintab.training.batch_loss.here", lambda process=process: process)
        found.append(loss_and_gradient(replace_fields(config, settings), model, paths, monkeypatch))
    (loss, gradient, after), *parts = found
    torch.testing.assert_close(torch.stack([part[0] for part in parts]).mean(), loss, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(
        torch.stack([part[1] for part in parts]).mean(0), gradient, atol=1e-6, rtol=1e-5
    )
    assert all(torch.equal(part[2], after) for part in parts)  # all drew the same numbers


def test_a_short_prompt_is_padded_for_the_long_one_of_another_process(
    config: TrainingConfig, model: Model, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(config.dataset.data_dir)
    for index, picture in enumerate(sorted(folder.glob("*.png"))):
        picture.with_suffix(".txt").write_text("cat " * (90 if index == 2 else 1), "utf-8")
    (paths.template_dirs[0] / "all.txt").write_text("[name] [filewords]", "utf-8")
    config = replace_fields(config, {"batch_size": 4, "template": "all.txt"})
    found = []
    for process in (Processes(), *(Processes(rank=rank, count=2) for rank in range(2))):
        monkeypatch.setattr("traintab.training.batch_loss.here", lambda process=process: process)
        found.append(loss_and_gradient(config, model, paths, monkeypatch)[1])
    whole, *parts = found
    torch.testing.assert_close(torch.stack(parts).mean(0), whole, atol=1e-6, rtol=1e-5)


def loss_and_gradient(
    config: TrainingConfig, model: Model, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Of the first batch; and the generator behind it."""
    losses: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(
            preparing, "make_batch_loss", lambda *given: losses.append(make_batch_loss(*given)) or losses[-1]
        )
        steps = preparing.prepare(check_before_loading(config, paths), model, paths, lambda: False)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                run = end.value
                break
    (batch,) = run.state.order.next_step()
    loss, _ = losses[-1](batch, run.state)
    loss.backward()
    gradient = run.state.vectors["clip_l"].grad
    assert gradient is not None
    return loss.detach(), gradient, run.state.generator.get_state()
