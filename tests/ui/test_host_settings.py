"""A web UI's settings, and the fields that begin as they say."""

from __future__ import annotations

from typing import Any

import pytest

from traintab.ui.host_settings import start_values
from traintab.ui.page import Page


@pytest.mark.parametrize(
    ("setting", "value", "field", "expected"),
    [
        ("save_optimizer_state", True, "save_optimizer_state", True),
        ("training_write_csv_every", 50.0, "write_csv_every", 50),
        ("training_enable_tensorboard", True, "tensorboard", True),
        ("dataset_filename_word_regex", r"\w+", "filename_word_regex", r"\w+"),
        ("dataset_filename_join_string", ", ", "filename_join_string", ", "),
        ("CLIP_stop_at_last_layers", 2, "clip_skip", 2),
    ],
)
def test_a1111s_settings_are_ours(setting: str, value: Any, field: str, expected: Any) -> None:
    assert start_values({setting: value, "sd_vae": "x"}) == {field: expected}
    assert type(start_values({setting: value})[field]) is type(expected)


@pytest.mark.parametrize("value", [None, "yes", [], 7])
def test_a_value_of_another_kind_is_left_out(value: Any) -> None:
    assert start_values({"save_optimizer_state": value}) == {}


def test_a_field_begins_as_the_host_says_until_the_user_changes_it_in_the_tab(studio: Any) -> None:
    studio.host_settings = {"training_write_csv_every": 50}
    page = Page(studio=studio)
    assert page.remembered_values(page.train)["write_csv_every"] == 50
    page.remembered.remember("train", {"write_csv_every": 7})
    assert page.remembered_values(page.train)["write_csv_every"] == 7
    assert "write_csv_every" not in page.remembered_values(page.create)
