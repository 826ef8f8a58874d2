"""The buttons around the user's own presets, as plain functions."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from traintab.configs import CreateConfig, TrainingConfig, all_options
from traintab.errors import ConfigError
from traintab.presets import preset_named
from traintab.ui.own_presets import delete, import_file, save, undo
from traintab.ui.page import Page
from traintab.ui.preset_choices import preset_choices, remembered_choice

CREATE, TRAIN = (
    {name: option.default for name, option in all_options(kind).items()}
    for kind in (CreateConfig, TrainingConfig)
)


def kept(page: Page, name: str = "My girls", **train: Any) -> tuple[Any, ...]:
    return save(page, {"name": name, "about": "a", "whole": False}, CREATE, {**TRAIN, **train})


def names(choice: Any) -> list[str]:
    return [name for _, name in choice["choices"]]


def test_a_saved_preset_is_chosen_and_stays_so_at_the_next_visit(page: Page) -> None:
    message, choice = kept(page, steps=70, embedding_name="mira")
    assert "Saved the preset My girls" in message and "defaults: 1." in message
    assert choice["value"] == "my-girls" == remembered_choice(page)
    assert names(choice)[:2] == ["", "my-girls"], "the defaults first, then one's own"
    assert preset_named("my-girls", page.studio.paths).train == {"steps": 70}


def test_a_preset_without_a_name_is_not_saved(page: Page) -> None:
    with pytest.raises(ConfigError, match="no name"):
        kept(page, "")
    assert not page.studio.paths.preset_dirs[0].exists()


def test_a_deleted_preset_comes_back_by_undo(page: Page) -> None:
    kept(page)
    message, choice = delete(page, "my-girls")
    assert "Undo" in message and choice["value"] == "" and "my-girls" not in names(choice)
    message, choice = undo(page)
    assert "My girls is back" in message and choice["value"] == "my-girls"


@pytest.mark.parametrize(("name", "words"), [("", "No preset of your own"), ("style", "comes with")])
def test_what_is_not_ones_own_is_not_deleted(page: Page, name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        delete(page, name)


def test_a_file_that_was_shared_can_be_chosen_then(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "gift.yaml"
    file.write_text("title: Gift\ntrain: {steps: 9}\n")
    message, choice = import_file(page, SimpleNamespace(name=str(file)))
    assert "Gift is among the presets now" in message
    assert "gift" in names(choice) and "value" not in choice, "a stranger's settings wait to be chosen"


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"steps: 9", b"x: " * 100_000])
def test_what_is_no_preset_is_refused_and_offered_nowhere(page: Page, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "gift.yaml"
    file.write_bytes(data)
    with pytest.raises(ConfigError, match="gift"):
        import_file(page, str(file))
    assert "gift" not in dict(preset_choices(page.studio)[0]).values()


def test_a_choice_that_is_gone_is_not_remembered(page: Page) -> None:
    kept(page)
    preset_named("my-girls", page.studio.paths).path.unlink()
    assert remembered_choice(page) == ""
