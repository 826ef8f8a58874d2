"""One choice fills in two panels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gradio as gr

from traintab.presets import DEFAULTS
from traintab.ui.page import Page
from traintab.ui.preset_choice import PresetChoice, apply, preset_facts, reset
from traintab.ui.preset_choices import chosen_preset, preset_choices, remembered_choice


def test_presets_come_before_recipes_by_title(studio: Any) -> None:
    choices, problems = preset_choices(studio)
    titles = [title for title, _ in choices]
    first = [title for title in titles if not title.startswith("Recipe")]
    assert titles[: len(first)] == ["Defaults", "Character", "Negative", "Object", "Quick test", "Style"]
    assert problems == ()


def test_a_preset_fills_in_create_and_train_and_is_remembered(page: Page) -> None:
    with_fields(page)
    message, *updates = apply(page, "quick-test")
    values = dict(zip([*page.create.names, *page.train.names], updates, strict=True))
    assert message == "", "the line below the choice says it all"
    assert values["steps"]["value"] == 60 and values["learning_rate"]["value"] == "0.01"
    assert "value" not in values["data_dir"], "whose pictures is no matter of a preset"
    assert page.remembered.values("train")["steps"] == 60


def test_one_preset_after_another_leaves_nothing_of_the_first_in_either_panel(page: Page) -> None:
    with_fields(page)
    for name in ("negative", "character"):
        _, *updates = apply(page, name)
    values = dict(zip([*page.create.names, *page.train.names], updates, strict=True))
    assert values["initialization_text"]["value"] == "*" and values["num_vectors"]["value"] == 3
    assert page.remembered.values("create")["initialization_text"] == "*"


def test_nothing_is_told_before_the_fields_of_an_opened_page_are_filled(page: Page, build: Any) -> None:
    def make() -> PresetChoice:
        with gr.Blocks():
            return PresetChoice(page)

    text = re.sub(r"<[^>]+>|&nbsp;", "", build(make).facts.value)
    assert text == "", "what the server began with may be long outdated"


def test_a_broken_file_of_the_users_is_told_beside_the_choice(studio: Any, tmp_path: Path) -> None:
    folder = studio.paths.preset_dirs[0]
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("train:\n  stepz: 1\n")
    _, problems = preset_choices(studio)
    assert "mine.yaml" in problems[0] and "steps" in problems[0]


def test_the_choice_is_there_at_the_next_visit(page: Page) -> None:
    with_fields(page)
    apply(page, "style")
    assert remembered_choice(page) == "style"
    apply(page, "")
    assert remembered_choice(page) == "" and chosen_preset(page, "") is DEFAULTS


def test_the_defaults_can_be_chosen_as_any_preset(page: Page) -> None:
    with_fields(page)
    apply(page, "quick-test")
    _, *updates = apply(page, "")
    values = dict(zip([*page.create.names, *page.train.names], updates, strict=True))
    assert values["steps"]["value"] == 1000 and page.remembered.values("train")["steps"] == 1000


def test_reset_changes_what_differs_and_nothing_else(page: Page) -> None:
    with_fields(page)
    create = {"initialization_text": "girl", "num_vectors": 9}
    train = {"data_dir": "mine", "steps": 7, "learning_rate": "0.005"}
    message, *updates = reset(page, "character", create, train)
    values = dict(zip([*page.create.names, *page.train.names], updates, strict=True))
    changed = {name: update["value"] for name, update in values.items() if "value" in update}
    assert changed == {"num_vectors": 3, "steps": 1000}
    assert "Reset: Number of vectors per token, Max steps." in message
    assert page.remembered.values("train") == {"steps": 1000}


def test_after_a_reset_nothing_differs(page: Page) -> None:
    facts = preset_facts(page, "character", {"num_vectors": 3}, {"steps": 1000})
    assert 'data-count="0"' in facts and "Download this preset" in facts
    (message, *_) = reset(page, "character", {"num_vectors": 3}, {"steps": 1000})
    assert "nothing to reset" in message


def test_a_preset_that_is_gone_is_told_in_place_of_the_facts(page: Page) -> None:
    assert "no preset called" in preset_facts(page, "gone", {}, {})


def with_fields(page: Page) -> None:
    """The two forms with some of their fields, outside any layout."""
    for name in ("initialization_text", "num_vectors"):
        page.create.field(name)
    for name in ("data_dir", "steps", "learning_rate"):
        page.train.field(name)
