"""From the state of a run that was left to one that goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from traintab.datasets.batches import BatchOrder
from traintab.datasets.seeds import seeded_generator
from traintab.training.inputs import TrainingInputs
from traintab.training.plan import Resumed
from traintab.training.restoring import restore
from traintab.training.run_folder import RunFolder
from traintab.training.session import Session
from traintab.training.state import TrainingState
from traintab.training.step import take_step

FOLDER = RunFolder(path=Path("/log/cat"), embedding_name="cat")
INPUTS = {
    "pictures": {f"{number}.png": str(number) for number in range(5)},
    "captions": {f"{number}.png": f"picture {number}" for number in range(5)},
    "template_lines": ("[name]",),
    "model_hash": "0123",
    "seed": 0,
}


def state(seed: int = 1, batch_size: int = 2, **others: object) -> TrainingState:
    made = TrainingState(
        {"clip_l": torch.zeros(2, 4)},
        order=BatchOrder(5, batch_size, seed=seed),
        generator=seeded_generator("test", seed),
    )
    made.inputs = TrainingInputs(**{**INPUTS, **others})  # type: ignore[arg-type]
    made.lines = ("old",) if seed == 1 else ("new",)
    return made


@pytest.fixture
def resumed(make_session: Callable[..., Session]) -> Resumed:
    """A run that was left after three steps."""
    left, session = state(), make_session()
    for _ in range(3):
        take_step(session, left, 0.1)
    return Resumed(folder=FOLDER, state=left.state_dict())


def told(new: TrainingState, resumed: Resumed) -> str:
    return " ".join(notice.message for notice in restore(new, resumed))


def test_where_nothing_has_changed_everything_goes_on_silently(resumed: Resumed) -> None:
    new = state(seed=2)
    assert told(new, resumed) == ""
    now, kept = new.state_dict(), resumed.state
    assert (now["step"], now["order"], now["lines"]) == (3, kept["order"], ["old"])
    assert torch.equal(now["generator"], kept["generator"])
    assert torch.equal(now["vectors"]["clip_l"], kept["vectors"]["clip_l"])


def test_vectors_and_optimizer_go_on_whatever_has_changed(resumed: Resumed) -> None:
    new = state(seed=2, batch_size=3, pictures={"x.png": "x"}, captions={}, model_hash="9")
    told(new, resumed)
    now, kept = new.state_dict(), resumed.state
    assert now["moments"]["clip_l"]["updates"] == 3
    for key in ("exp_avg", "exp_avg_sq"):
        assert torch.equal(now["moments"]["clip_l"][key], kept["moments"]["clip_l"][key])


def test_other_pictures_begin_with_an_order_and_prompts_of_their_own(resumed: Resumed) -> None:
    new = state(seed=2, pictures={**INPUTS["pictures"], "4.png": "other"})  # type: ignore[dict-item]
    assert "the order of the pictures and their prompts begin anew" in told(new, resumed)
    now = new.state_dict()
    assert (now["order"]["seed"], now["order"]["position"], now["lines"]) == (2, 0, ["new"])
    assert torch.equal(now["generator"], resumed.state["generator"])


@pytest.mark.option("batch_size")
def test_another_batch_size_begins_with_an_order_of_its_own(resumed: Resumed) -> None:
    new = state(seed=2, batch_size=3)
    assert "; the order of the pictures begins anew" in told(new, resumed)
    assert new.state_dict()["order"]["position"] == 0
    assert new.lines == ("old",)


def test_other_captions_or_templates_begin_with_prompts_of_their_own(resumed: Resumed) -> None:
    new = state(seed=2, template_lines=("a [name]",))
    assert "; their prompts begin anew" in told(new, resumed)
    assert new.lines == ("new",)
    assert new.state_dict()["order"] == resumed.state["order"]


def test_another_seed_begins_with_randomness_of_its_own(resumed: Resumed) -> None:
    new = state(seed=2)
    new.inputs = TrainingInputs(**{**INPUTS, "seed": 7})  # type: ignore[arg-type]
    fresh = new.generator.get_state()
    assert "their prompts and the randomness begin anew" in told(new, resumed)
    assert torch.equal(new.generator.get_state(), fresh)


def test_another_model_file_is_told(resumed: Resumed) -> None:
    assert "The model's file: 0123 → 9." in told(state(seed=2, model_hash="9"), resumed)
