"""The lines of the chosen template."""

from __future__ import annotations

from typing import Any

from traintab.ui.page import Page
from traintab.ui.template_lines import template_html


def test_a_template_s_lines_are_shown_as_text(page: Page, studio: Any) -> None:
    folder = studio.paths.template_dirs[0]
    folder.mkdir()
    (folder / "own.txt").write_text("a <b> of [name]\n\n[name], [filewords]\n", "utf-8")
    found = template_html(page, "own")
    assert "2 prompts in own.txt" in found
    assert "<li>a &lt;b&gt; of [name]</li><li>[name], [filewords]</li>" in found


def test_of_a_long_one_the_first_hundred_are_shown(page: Page, studio: Any) -> None:
    folder = studio.paths.template_dirs[0]
    folder.mkdir()
    (folder / "long.txt").write_text("\n".join(f"{n} [name]" for n in range(140)), "utf-8")
    assert template_html(page, "long.txt").count("<li>") == 100
    assert "<p>40 more lines.</p>" in template_html(page, "long.txt")


def test_a_template_that_is_gone_shows_nothing(page: Page) -> None:
    assert template_html(page, "gone.txt") == template_html(page, "") == ""
