"""How a new embedding may start."""

from __future__ import annotations

from typing import Any

import pytest

from traintab.configs import CreateConfig, check
from traintab.errors import ConfigError


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"initialization_method": "zeros"},
        {"initialization_method": "mean", "initialization_text": "girl", "cross_initialization": True},
        {"initialization_method": "embedding", "initialization_embedding": "other", "auto_vectors": True},
    ],
)
def test_each_way_of_starting_is_fine_alone(fields: dict[str, Any]) -> None:
    check(CreateConfig(name="new", **fields))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"initialization_method": "embedding"}, "Initialization embedding is empty; name the one"),
        ({"initialization_embedding": "other"}, "is 'other', but Initialization method is text; choose"),
        ({"initialization_method": "mean", "initialization_text": " , "}, "Initialization text is empty"),
        (
            {"initialization_method": "zeros", "cross_initialization": True},
            "Cross Initialization starts from words, but Initialization method is zeros",
        ),
        (
            {"initialization_method": "noise"},
            "Initialization method is 'noise'; it must be one of text, mean",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        check(CreateConfig(name="new", **fields))


def test_words_stand_between_commas() -> None:
    assert CreateConfig(initialization_text="red cat, ,hat,").words == ("red cat", "hat")
