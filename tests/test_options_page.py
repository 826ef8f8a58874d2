"""docs/options.md tells every setting, and each has a test that shows what it changes."""

from __future__ import annotations

import pytest

from traintab.configs import CreateConfig, PreprocessConfig, TrainingConfig, all_options

from .options_page import PAGE, PREPROCESS_MARK, page, shown_by

OPTIONS = {
    "option": {*all_options(CreateConfig), *all_options(TrainingConfig)},
    PREPROCESS_MARK: {*all_options(PreprocessConfig)},
}


@pytest.mark.parametrize("mark", OPTIONS)
def test_every_option_has_a_test_that_shows_what_it_changes(mark: str) -> None:
    assert sorted(OPTIONS[mark] - set(shown_by(mark))) == []


@pytest.mark.parametrize("mark", OPTIONS)
def test_no_test_names_an_option_that_isnt_there(mark: str) -> None:
    assert {name: tests for name, tests in shown_by(mark).items() if name not in OPTIONS[mark]} == {}


def test_the_page_of_options_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python tests/options_page.py"
