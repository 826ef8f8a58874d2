"""The pace of a stage that is given minutes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from traintab.demo.pace import Pace, descend, keep_gradients, set_learning_rate


def pace(folder: Path, minutes: float = 10.0) -> tuple[Pace, list[str]]:
    said: list[str] = []
    return Pace("stage", minutes, folder / "resume.pt", said.append), said


def test_the_learning_rate_warms_up_from_near_zero(tmp_path: Path) -> None:
    stage, _ = pace(tmp_path)
    first = stage.learning_rate(1.0, fraction=0.0, warmup=100)
    stage.step = 99
    assert first == pytest.approx(0.01)
    assert stage.learning_rate(1.0, fraction=0.0, warmup=100) == pytest.approx(1.0)


def test_the_learning_rate_ends_at_a_fiftieth(tmp_path: Path) -> None:
    stage, _ = pace(tmp_path)
    stage.step = 1000
    assert stage.learning_rate(1.0, fraction=1.0) == pytest.approx(0.02)
    assert stage.learning_rate(1.0, fraction=0.5) == pytest.approx(0.51)


def test_nothing_to_resume_is_no_state(tmp_path: Path) -> None:
    assert pace(tmp_path)[0].load() is None


def test_a_resumed_stage_counts_the_time_it_had_taken(tmp_path: Path) -> None:
    stage, _ = pace(tmp_path)
    stage.step = 7
    stage.save({"weights": torch.ones(2)})
    saved = torch.load(tmp_path / "resume.pt", weights_only=True)
    torch.save({**saved, "seconds": 300.0}, tmp_path / "resume.pt")
    again, _ = pace(tmp_path)
    state = again.load()
    assert state is not None and torch.equal(state["weights"], torch.ones(2))
    assert again.step == 7
    assert again.fraction == pytest.approx(0.5, abs=0.01)


def test_saving_leaves_no_partial_file(tmp_path: Path) -> None:
    pace(tmp_path)[0].save({})
    assert [path.name for path in tmp_path.iterdir()] == ["resume.pt"]


def test_the_fraction_never_exceeds_one(tmp_path: Path) -> None:
    assert pace(tmp_path, minutes=1e-9)[0].fraction == 1.0


def test_progress_says_step_and_time_left(tmp_path: Path) -> None:
    stage, said = pace(tmp_path)
    stage.step = 12
    stage.tell("loss 0.5")
    assert said == ["stage: step 12, loss 0.5, 10.0 minutes left"]
    assert not stage.is_report_due()


def test_every_group_gets_the_learning_rate() -> None:
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    optimizer = torch.optim.AdamW([{"params": [each]} for each in parameters], lr=1.0)
    set_learning_rate(optimizer, 0.25)
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]


def test_an_update_descends_by_the_clipped_gradient() -> None:
    weight = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    descend((100 * weight).sum(), optimizer, keep_gradients)
    moved = torch.tensor([3.0, 4.0]) - weight.detach()
    assert float(moved.norm()) == pytest.approx(1.0, abs=1e-3)


def test_gradients_are_averaged_before_they_are_clipped() -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0]))
    optimizer = torch.optim.SGD([weight], lr=1.0)

    def forget() -> None:
        weight.grad = torch.zeros(1)

    descend(weight.sum(), optimizer, forget)
    assert float(weight.detach()) == 1.0
