"""Whether every setting is of its type, in its range and one of its choices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from traintab.configs import CreateConfig, GenerationConfig, PreprocessConfig, TrainingConfig, check, option
from traintab.configs.mapping import replace_fields
from traintab.errors import ConfigError

RUN = replace_fields(TrainingConfig(), {"embedding_name": "mira", "data_dir": "pictures"})


def test_the_defaults_are_valid_once_the_required_fields_are_given() -> None:
    check(RUN)
    check(CreateConfig(name="mira"))
    check(GenerationConfig())
    check(PreprocessConfig(source="a", destination="b"))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("steps", -5, r"Max steps is -5; it must be from 1 to 10000000 steps\."),
        ("steps", 0, "Max steps is 0"),
        ("batch_size", 0, "Batch size is 0; it must be from 1 to 1024"),
        ("save_every", -1, "Save a copy of embedding .* is -1"),
        ("tag_drop_out", 1.5, "is 1.5; it must be from 0 to 1"),
        ("tag_drop_out", float("nan"), "is nan"),
        ("clip_grad_mode", "both", "Gradient Clipping is 'both'; it must be one of disabled, value, norm"),
        ("width", 100, r"Width is 100; it must be a multiple of 8\."),
        ("steps", "many", "Max steps is 'many'; it must be a whole number"),
        ("shuffle_tags", "perhaps", "must be yes or no"),
        ("learning_rate", " ", "Embedding Learning rate is empty; fill it in: one rate, or a schedule"),
        ("embedding_name", "", "Embedding is empty; fill it in: the embedding to train"),
    ],
)
def test_a_wrong_value_is_named_with_what_fits(field: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        check(replace_fields(RUN, {field: value}))
    assert caught.value.field == field


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        check(replace_fields(RUN, {"steps": 0, "tag_drop_out": 2, "norm_control": "on", "data_dir": ""}))
    told = str(caught.value)
    assert all(said in told for said in ("Max steps is 0", "is 2", "Norm control is 'on'", "is empty"))
    assert caught.value.field == "data_dir"


@dataclass(frozen=True)
class Range:
    lowest: int = option(0, "Lowest", "The lowest.", minimum=0)
    highest: int = option(9, "Highest", "The highest.", minimum=0)

    def contradictions(self) -> Iterable[ConfigError]:
        if self.lowest > self.highest:
            yield ConfigError(f"Lowest {self.lowest} is above Highest {self.highest}.", field="lowest")


@dataclass(frozen=True)
class Whole:
    inner: Range = field(default_factory=Range)


def test_settings_that_contradict_each_other_are_told() -> None:
    check(Whole())
    with pytest.raises(ConfigError, match=r"^Lowest 5 is above Highest 4\.$") as caught:
        check(Whole(Range(5, 4)))
    assert caught.value.field == "lowest"


def test_a_contradiction_is_not_looked_for_among_settings_that_are_wrong_by_themselves() -> None:
    with pytest.raises(ConfigError, match=r"^Highest is -1; it must be at least 0\.$"):
        check(Whole(Range(5, -1)))


def test_true_is_no_number() -> None:
    with pytest.raises(ConfigError, match="Max steps is True"):
        check(replace_fields(RUN, {"steps": True}))
