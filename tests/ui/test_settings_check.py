"""What is wrong with a field of the tab *Settings*."""

from __future__ import annotations

from typing import Any

import pytest

from traintab.errors import ConfigError
from traintab.ui.settings_check import checked


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("filename_word_regex", "([a-z", "from character 2 on it can't be understood"),
        ("write_csv_every", -4, "is -4; it must be from 0 to 10000000 steps"),
        ("write_csv_every", 2.5, "is 2.5; it must be a whole number"),
        ("write_csv_every", None, "it must be a whole number"),
    ],
)
def test_a_bad_value_is_told_with_what_fits(name: str, value: Any, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        checked(name, value)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("filename_word_regex", ""), ("filename_word_regex", r"(\\w+)_"), ("write_csv_every", 0)],
)
def test_a_good_value_takes_the_message_away(name: str, value: Any) -> None:
    assert checked(name, value) == ("",)
