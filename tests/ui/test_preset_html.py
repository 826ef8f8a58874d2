"""What stands below the choice of a preset."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from traintab.configs import TrainingConfig, all_options
from traintab.presets import DEFAULTS, Preset, changes
from traintab.ui.field_groups import FieldGroup
from traintab.ui.preset_html import counts_of_groups, preset_html, value_text

PRESET = Preset(name="mine", path=Path(), title="Mine", train={"steps": 300})


def shown(preset: Preset = PRESET, shared: str = "", **yours: Any) -> str:
    found = changes(preset, {}, {**preset.training_values(), **yours})
    return preset_html(preset, found, {}, shared)


@pytest.mark.parametrize(
    ("preset", "yours", "sentence"),
    [
        (PRESET, {}, "All settings are those of the preset Mine."),
        (PRESET, {"steps": 1}, "1 setting differs from the preset Mine."),
        (PRESET, {"steps": 1, "clip_skip": 2}, "2 settings differ from the preset Mine."),
        (DEFAULTS, {}, "All settings are the defaults."),
        (DEFAULTS, {"steps": 1}, "1 setting differs from the defaults."),
        (DEFAULTS, {"steps": 1, "clip_skip": 2}, "2 settings differ from the defaults."),
    ],
)
def test_one_sentence_says_how_much_differs(preset: Preset, yours: dict[str, Any], sentence: str) -> None:
    text = shown(preset, **yours)
    assert sentence in text
    assert f'data-count="{len(yours)}"' in text


def test_what_differs_is_listed_with_both_values_and_leads_to_its_field() -> None:
    text = shown(steps=500, clip_skip=2)
    assert 'data-setting="train_steps" data-tab="train" data-fold="">Max steps</button>' in text
    assert "<td>300</td><td>500</td>" in text
    assert 'data-setting="train_clip_skip" data-tab="train" data-fold="train_group_vectors"' in text


def test_a_file_from_anywhere_is_text_and_nothing_else() -> None:
    bold = Preset(name="b", path=Path(), title="<b>T</b>", about='<img src="x">', source="<i>S</i>")
    text = shown(bold, caption_prefix="<script>", shared='title: "</a><b>"')
    assert "<b>T" not in text and "<img" not in text and "<i>S" not in text and "<script>" not in text
    assert "&lt;script&gt;" in text and "%3C%2Fa%3E" in text


def test_the_link_holds_the_presets_own_file() -> None:
    link = shown(shared="title: Mädchen 词 & more\n")
    (address,) = [part.split('"')[0] for part in link.split('href="')[1:]]
    assert unquote(address.partition(",")[2]) == "title: Mädchen 词 & more\n"
    assert 'download="mine.yaml"' in link


def test_a_group_is_marked_with_how_many_of_its_settings_were_changed() -> None:
    groups = [
        FieldGroup("A", (("steps", "seed"),), elem_id="a"),
        FieldGroup("B", (("clip_skip",),), elem_id="b"),
    ]
    values = {name: option.default for name, option in all_options(TrainingConfig).items()}
    counts = counts_of_groups(groups, changes(DEFAULTS, {}, {**values, "steps": 7}))
    assert counts == {"a": 1, "b": 0}
    styles = preset_html(DEFAULTS, (), counts).partition("<style>")[2]
    assert "#a > " in styles and "✎ 1" in styles and "#b" not in styles


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "empty"),
        ("", "empty"),
        (True, "on"),
        (False, "off"),
        (0.1, "0.1"),
        (3.0, "3"),
        ("a\n b", "a b"),
    ],
)
def test_a_value_reads_as_a_word(value: Any, text: str) -> None:
    assert value_text(value) == text


def test_a_long_value_is_cut() -> None:
    assert len(value_text("x" * 500)) == 61
