"""Presets are complete, checked files; one after another leaves nothing of the first behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from traintab.configs import CreateConfig, TrainingConfig, all_options, from_mapping
from traintab.errors import ConfigError
from traintab.paths import Paths
from traintab.presets import find_presets, preset_named, read_preset

SHIPPED = sorted(path.stem for path in Paths.under().preset_dirs[-1].glob("*.yaml"))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


def own(paths: Paths, name: str, text: str) -> Path:
    """A preset file of the user's."""
    path = paths.preset_dirs[0] / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_preset_fills_in_both_panels_and_says_where_it_is_from(name: str, paths: Paths) -> None:
    preset = preset_named(name, paths)
    assert preset.title and preset.about and preset.source
    from_mapping(CreateConfig, {**preset.creation_values(), "name": "mira"})
    fixed = {"embedding_name": "mira", "data_dir": "pictures"}
    config = from_mapping(TrainingConfig, {**preset.training_values(), **fixed})
    assert config != from_mapping(TrainingConfig, fixed)


def test_the_five_presets_people_ask_for_are_there(paths: Paths) -> None:
    assert {"character", "style", "object", "negative", "quick-test"} <= set(find_presets(paths)[0])


def test_a_preset_after_another_leaves_nothing_of_the_first_behind(paths: Paths) -> None:
    first, second = preset_named("style", paths), preset_named("quick-test", paths)
    assert first.train["shuffle_tags"] is True and "shuffle_tags" not in second.train
    assert second.training_values()["shuffle_tags"] is False


def test_machine_and_subject_stay_as_they_are_unless_a_preset_names_them(paths: Paths) -> None:
    values = preset_named("character", paths).training_values()
    untouched = {"embedding_name", "data_dir", "model", "seed", "width", "vae", "precision", "preview_prompt"}
    assert not untouched & set(values)
    assert preset_named("negative", paths).training_values()["preview_negative_prompt"] == "[name]"


def test_the_users_own_preset_wins_over_a_shipped_one_of_its_name(paths: Paths) -> None:
    own(paths, "character", "title: Mine\ntrain:\n  optimization:\n    steps: 7\n")
    assert preset_named("character", paths).title == "Mine"
    assert find_presets(paths)[0]["character"].training_values()["steps"] == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("train:\n  stepz: 7\n", "did you mean steps"),
        ("train:\n  steps: -7\n", "Max steps is -7"),
        ("train: 7\n", "train has to hold"),
        ("train:\n  data_dir: /\n", "Dataset directory"),
        ("create:\n  num_vectors: 80\n", "75"),
        ("run: 7\n", "run is unknown"),
        ("- 7\n", "no `name: value` lines"),
        ("train: {", "no valid YAML"),
    ],
)
def test_a_broken_preset_is_told_with_its_file_and_the_others_stay(
    text: str, words: str, paths: Paths
) -> None:
    path = own(paths, "broken", text)
    with pytest.raises(ConfigError, match=words):
        read_preset(path)
    found, problems = find_presets(paths)
    assert set(found) == set(SHIPPED) and len(problems) == 1 and str(path) in problems[0]


def test_a_preset_decides_neither_an_embeddings_name_nor_that_it_is_overwritten(paths: Paths) -> None:
    others = {"name", "overwrite"}
    assert (
        set(preset_named("negative", paths).filled_creation_values()) == {*all_options(CreateConfig)} - others
    )
    for setting in ("name: x", "overwrite: true"):
        with pytest.raises(ConfigError, match="isn't decided by a preset"):
            read_preset(own(paths, "bold", f"create: {{{setting}}}\n"))


def test_what_is_left_empty_in_a_file_stays_empty(paths: Paths) -> None:
    assert read_preset(own(paths, "short", "title:\nabout:\n")).about == ""


def test_a_recipe_trains_what_its_sentences_say(paths: Paths) -> None:
    values = preset_named("recipe-kohya-2023", paths).training_values()
    told = {"color_jitter": 0.1, "clip_skip": 2, "width": 448, "height": 640, "steps": 400}
    assert {name: values[name] for name in told} == told


def test_a_name_that_isnt_there_is_refused_with_those_that_are(paths: Paths) -> None:
    with pytest.raises(ConfigError, match=r"'charakter'.*character"):
        preset_named("charakter", paths)
    with pytest.raises(ConfigError, match="no preset"):
        preset_named("../recipes/character", paths)


def test_every_field_that_a_preset_decides_is_one_of_the_options(paths: Paths) -> None:
    assert set(preset_named("character", paths).training_values()) <= set(all_options(TrainingConfig))
