"""What a browser sends back of what it shows."""

from __future__ import annotations

import pytest

from traintab.ui.captions.shown import Shown


@pytest.mark.parametrize("text", ["", None, "{}", "[1]", '{"folder": 1}', "{"])
def test_what_no_page_of_ours_sends_shows_nothing(text: str | None) -> None:
    assert Shown.read(text) == Shown()
