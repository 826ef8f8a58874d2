"""What is different when a run is resumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.configs import TrainingConfig, replace_fields
from traintab.training.differences import changed_inputs, changed_settings, differences_told
from traintab.training.inputs import TrainingInputs

CONFIG = replace_fields(TrainingConfig(embedding_name="cat"), {"data_dir": "/pictures"})
INPUTS = TrainingInputs(
    pictures={"a.png": "1", "b.png": "2"},
    captions={"a.png": "a hat", "b.png": "a bag"},
    template_lines=("[name]", "a [name]"),
    model_hash="0123",
    seed=0,
)


def inputs(**others: object) -> TrainingInputs:
    return TrainingInputs(**{**vars(INPUTS), **others})  # type: ignore[arg-type]


def test_settings_that_differ_are_named_as_on_the_page_with_both_values() -> None:
    now = replace_fields(CONFIG, {"learning_rate": "0.001", "steps": 2000})
    assert [one.told for one in changed_settings(CONFIG, now)] == [
        "Max steps: 1000 → 2000",
        "Embedding Learning rate: 0.005 → 0.001",
    ]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("shuffle_tags", True, "off → on"),
        ("width", 64, "the model's own → 64"),
        ("preview_prompt", "[name]", "empty → [name]"),
        ("vae", "None", "Automatic → None"),
    ],
)
def test_values_are_told_in_words(field: str, value: object, told: str) -> None:
    (difference,) = changed_settings(CONFIG, replace_fields(CONFIG, {field: value}))
    assert difference.field == field
    assert difference.told.endswith(f": {told}")


def test_a_folder_spelled_another_way_is_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    then = replace_fields(CONFIG, {"data_dir": str(tmp_path.resolve() / "cats")})
    assert changed_settings(then, replace_fields(CONFIG, {"data_dir": "./cats/"})) == []
    assert changed_settings(then, replace_fields(CONFIG, {"data_dir": "dogs"})) != []


def test_pictures_are_told_by_name() -> None:
    (difference,) = changed_inputs(INPUTS, inputs(pictures={"b.png": "3", "c.png": "4", "d.png": "5"}))
    assert difference.told == "Pictures: 2 → 3 (added: c.png, d.png; removed: a.png; changed: b.png)"


def test_of_many_pictures_ten_are_named() -> None:
    many = {f"{number}.png": "x" for number in range(12)}
    (difference,) = changed_inputs(TrainingInputs(pictures={}), TrainingInputs(pictures=many))
    assert difference.now.endswith("8.png, 9.png and 2 more)")


def test_captions_template_and_model_are_told() -> None:
    now = inputs(
        captions={"a.png": "a hat", "b.png": "a cap"},
        template_lines=("[name]", "the [name]"),
        model_hash="89",
    )
    assert [one.told for one in changed_inputs(INPUTS, now)] == [
        "Captions: 'a bag' → 'a cap' (changed: b.png)",
        "Prompt template: 2 lines → 2 lines (added: the [name]; removed: a [name])",
        "The model's file: 0123 → 89",
    ]


def test_what_was_not_noted_passes_for_unchanged() -> None:
    known = TrainingInputs(pictures=INPUTS.pictures)
    assert changed_inputs(known, INPUTS) == []
    assert known.same_prompts(INPUTS)
    assert known.same_seed(INPUTS)


def test_all_is_one_sentence() -> None:
    now = replace_fields(CONFIG, {"steps": 2})
    told = differences_told(changed_settings(CONFIG, now) + changed_inputs(INPUTS, inputs(model_hash="9")))
    assert told == ("Not as it was when the run was left: Max steps: 1000 → 2; The model's file: 0123 → 9.")
    assert differences_told([]) == ""


def test_folders_spelled_another_way_are_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    then = replace_fields(CONFIG, {"more_data_dirs": f"{tmp_path.resolve() / 'cats'}: 2"})
    assert changed_settings(then, replace_fields(CONFIG, {"more_data_dirs": "\n./cats/ : 2.0"})) == []
    (difference,) = changed_settings(then, replace_fields(CONFIG, {"more_data_dirs": "cats: 3"}))
    assert difference.field == "more_data_dirs"


def test_repeats_that_differ_are_told_by_the_picture() -> None:
    (difference,) = changed_inputs(inputs(repeats={"a.png": 4}), inputs(repeats={"a.png": 2}))
    assert difference.told == "Repeats: 4 → 2 (changed: a.png)"
    (difference,) = changed_inputs(INPUTS, inputs(repeats={"b.png": 3}))
    assert difference.told == "Repeats: 1 → 3 (changed: b.png)"
    assert changed_inputs(inputs(repeats={"gone.png": 4}), INPUTS) == []
