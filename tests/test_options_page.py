"""docs/options.md tells every setting, and each has a test that shows what it changes."""

from __future__ import annotations

from traintab.configs import CreateConfig, TrainingConfig, all_options

from .options_page import PAGE, page, shown_by

OPTIONS = {*all_options(CreateConfig), *all_options(TrainingConfig)}


def test_every_option_has_a_test_that_shows_what_it_changes() -> None:
    assert sorted(OPTIONS - set(shown_by())) == []


def test_no_test_names_an_option_that_isnt_there() -> None:
    assert {name: tests for name, tests in shown_by().items() if name not in OPTIONS} == {}


def test_the_page_of_options_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python tests/options_page.py"
