"""*Reset all fields* in the tab *Settings*."""

from __future__ import annotations

from typing import Any, cast

from traintab.ui.page import Page
from traintab.ui.settings_reset import reset_fields


def test_all_fields_are_forgotten_and_nothing_else(studio: Any) -> None:
    page = Page(studio=cast(Any, studio))
    for section in (*(form.section for form in page.forms), "appearance", "page", "installations"):
        page.remembered.remember(section, {"steps": 300})

    message = reset_fields(page)

    assert [page.remembered.values(form.section) for form in page.forms] == [{}] * len(page.forms)
    kept = ("appearance", "page", "installations")
    assert [page.remembered.values(section) for section in kept] == [{"steps": 300}] * 3
    assert "traintab-reload" in message
