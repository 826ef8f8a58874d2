"""From a plan and a model to a first step."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import pytest
import torch

from traintab.configs import TrainingConfig, replace_fields
from traintab.errors import DatasetError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.checks import check_before_loading
from traintab.training.events import TrainingNotice
from traintab.training.prepare import PreparedRun, prepare

Result = TypeVar("Result")


def result_of(generator: Generator[Any, None, Result]) -> tuple[list[Any], Result]:
    yielded = []
    while True:
        try:
            yielded.append(next(generator))
        except StopIteration as end:
            return yielded, end.value


def prepared(
    config: TrainingConfig, model: Model, paths: Paths, **fields: Any
) -> tuple[list[TrainingNotice], PreparedRun]:
    plan = check_before_loading(replace_fields(config, fields), paths)
    notices, run = result_of(prepare(plan, model, paths, lambda: False))
    assert run is not None
    return notices, run


def test_encoding_tells_how_far_it_is(config: TrainingConfig, model: Model, paths: Paths) -> None:
    notices, _ = prepared(config, model, paths)
    fractions = [notice.fraction for notice in notices]
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert notices[-1].message == "Encoding pictures: 5 of 5"


def test_sizes_are_the_model_s_own_unless_given(config: TrainingConfig, model: Model, paths: Paths) -> None:
    dataset = prepared(config, model, paths)[1].record.config.dataset
    assert (dataset.width, dataset.height) == (64, 64)
    dataset = prepared(config, model, paths, width=128)[1].record.config.dataset
    assert (dataset.width, dataset.height) == (128, 64)


@pytest.mark.option("seed")
def test_another_seed_is_another_run(config: TrainingConfig, model: Model, paths: Paths) -> None:
    first, again, other = (prepared(config, model, paths, seed=seed)[1].state for seed in (1, 1, 2))
    assert torch.equal(first.generator.get_state(), again.generator.get_state())
    assert not torch.equal(first.generator.get_state(), other.generator.get_state())
    assert first.order.seed != other.order.seed


def test_a_run_from_a_later_step_has_randomness_of_its_own(
    config: TrainingConfig, model: Model, paths: Paths
) -> None:
    plan = check_before_loading(config, paths)
    later = dataclasses.replace(plan, start_step=5)
    first, second = (result_of(prepare(p, model, paths, lambda: False))[1] for p in (plan, later))
    assert first is not None
    assert second is not None
    assert first.state.order.seed != second.state.order.seed
    assert second.state.step == 5


def test_each_picture_has_a_line_and_is_known_by_its_content(
    config: TrainingConfig, model: Model, paths: Paths, pictures: Path
) -> None:
    state = prepared(config, model, paths)[1].state
    assert len(state.lines) == len(state.inputs.pictures) == 5
    assert all("[name]" in line for line in state.lines)
    name, content_hash = next(iter(state.inputs.pictures.items()))
    assert name == "black hat.png"
    assert content_hash == sha256((pictures / name).read_bytes()).hexdigest()


def test_a_name_glued_to_another_word_is_told(
    config: TrainingConfig, model: Model, paths: Paths, template: Path
) -> None:
    template.write_text("a photo of x[name]x", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"'a photo of xzqx'.*doesn't show 'zq' as a word of its own"):
        prepared(config, model, paths)
    assert not any(paths.log_dir.iterdir())


def test_on_the_cpu_every_loss_is_read(config: TrainingConfig, model: Model, paths: Paths) -> None:
    assert prepared(config, model, paths)[1].session.read_every == 1


@pytest.mark.parametrize(("csv_every", "expected"), [(10, 10), (0, 10), (25, 5), (1, 1), (500, 10)])
def test_on_a_card_losses_are_read_for_every_row_of_the_table(
    config: TrainingConfig, model: Model, paths: Paths, csv_every: int, expected: int
) -> None:
    from traintab.training.prepare import _read_every

    plan = check_before_loading(replace_fields(config, {"write_csv_every": csv_every}), paths)
    elsewhere = dataclasses.replace(model, device=torch.device("meta"))
    assert _read_every(plan, elsewhere) == expected
