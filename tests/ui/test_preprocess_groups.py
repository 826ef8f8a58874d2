"""The table of fields of *Preprocess images*."""

import re
from pathlib import Path

import pytest

import traintab.ui
from traintab.configs import PreprocessConfig, all_options
from traintab.ui.field_groups import FieldGroup
from traintab.ui.preprocess_groups import FOLDS, IN_SIGHT, order_html

STYLE = (Path(traintab.ui.__file__).parent / "style.css").read_text(encoding="utf-8")
SWITCHED = [inner for group in (*IN_SIGHT, *FOLDS) for inner in group.inside]


def test_every_setting_has_one_place() -> None:
    names = [name for group in (*IN_SIGHT, *FOLDS) for name in group.names]
    assert sorted(names) == sorted(all_options(PreprocessConfig))


def test_folders_size_crops_copies_and_captions_are_in_sight() -> None:
    rows = {name for group in IN_SIGHT for row in group.rows for name in row}
    assert rows == {
        *("source", "destination", "width", "height"),
        *("split", "focal_crop", "auto_size", "keep_original_size", "flip"),
        *("caption", "existing_caption", "caption_to"),
    }


@pytest.mark.parametrize("group", SWITCHED, ids=lambda group: group.elem_id)
def test_a_group_with_a_switch_is_hidden_by_the_switch_alone(group: FieldGroup) -> None:
    (rule,) = re.findall(rf"(.*) #{group.elem_id} {{ display: none; }}", STYLE)
    options = all_options(PreprocessConfig)
    (switch,) = [option for option in options.values() if f"#{option.elem_id} " in rule]
    assert switch.name not in group.names
    for value in re.findall(r'\[value\*?="([^"]+)"\]', rule):
        assert any(value in choice for choice in switch.choices), f"{switch.label} has no {value}"


def test_the_order_names_every_way_to_change_a_picture_from_first_to_last() -> None:
    shown = order_html()
    labels = ("Contrast", "Split oversized images", "Auto focal point crop", "Auto-sized crop")
    places = [shown.index(f"<li>{label}</li>") for label in (*labels, "Create flipped copies")]
    assert places == sorted(places)
