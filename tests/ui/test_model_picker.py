"""Choosing the model at the top of the page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from traintab.errors import BusyError, ModelError
from traintab.model_slot import ModelState, ModelStatus
from traintab.ui.messages import guarded
from traintab.ui.model_choices import ModelChoices
from traintab.ui.model_picker import pick, refresh
from traintab.ui.page import Page


def is_skipped(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"__type__"}


def test_another_model_is_loaded_by_what_was_chosen_or_typed(page: Page, studio: Any) -> None:
    message, picker = pick(page, " me/my-model ")

    assert studio.calls == [("select_model", "me/my-model")]
    assert message == "" and is_skipped(picker)


def test_leaving_the_field_as_it_was_loads_nothing(page: Page, studio: Any) -> None:
    pick(page, "demo")
    pick(page, "sd15")
    pick(page, "sd15")

    assert studio.calls == [("select_model", "sd15")]


@pytest.mark.parametrize("emptied", ["", "  ", None])
def test_an_emptied_field_shows_the_model_that_is_used(page: Page, studio: Any, emptied: str | None) -> None:
    _, picker = pick(page, emptied)

    assert picker["value"] == "demo" and studio.calls == []


def test_while_a_job_runs_the_picker_goes_back_and_says_why(page: Page, studio: Any) -> None:
    studio.error = BusyError("Training of mira is running; interrupt it first.")

    message, picker = pick(page, "sd15")

    assert "interrupt it first" in message and "traintab-failed" in message
    assert picker["value"] == "demo"


def test_a_mistyped_name_stays_to_be_corrected(page: Page, studio: Any) -> None:
    studio.error = ModelError("There is no model called dmeo.")

    message, picker = guarded(lambda spec: pick(page, spec), outputs=2)("dmeo")

    assert "no model called dmeo" in message and is_skipped(picker)


def test_refreshing_looks_for_models_again(page: Page, studio: Any) -> None:
    message, picker = refresh(page, ModelChoices(studio))

    assert [name for _, name in picker["choices"]] == ["demo", "sd15"]
    assert message == "" and studio.calls == []


def test_refreshing_tries_a_failed_load_again(page: Page, studio: Any) -> None:
    studio.model_status = ModelStatus(spec="sd15", state=ModelState.FAILED)

    refresh(page, ModelChoices(studio))

    assert studio.calls == [("select_model", "sd15")]


def test_a_load_that_cannot_be_tried_again_is_told_and_the_list_is_fresh(page: Page, studio: Any) -> None:
    studio.model_status = ModelStatus(spec="gone", state=ModelState.FAILED)
    studio.error = ModelError("There is no model called gone.")

    message, picker = refresh(page, ModelChoices(studio))

    assert "no model called gone" in message
    assert [name for _, name in picker["choices"]] == ["demo", "sd15"]


def test_a_loaded_model_is_offered_with_its_family_even_where_its_file_does_not_tell(studio: Any) -> None:
    studio.model_status = ModelStatus(spec="sd15", state=ModelState.READY)
    studio.model = SimpleNamespace(family="sdxl")

    assert ModelChoices(studio).labelled() == [("demo · built in", "demo"), ("sd15 · SDXL", "sd15")]
