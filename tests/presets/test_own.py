"""The user's own presets come back as saved; nothing is ever lost, and no harmful file gets in."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traintab.configs import TrainingConfig, all_options
from traintab.errors import ConfigError, NothingToDoError, StorageError
from traintab.paths import Paths
from traintab.presets import (
    delete_preset,
    deleted_presets,
    find_presets,
    import_preset,
    is_own,
    preset_named,
    preset_text,
    put_back,
    save_preset,
    settings_to_save,
)

FIELDS = {name: option.default for name, option in all_options(TrainingConfig).items()}
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\ntitle: *b\n"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


def saved(paths: Paths, title: str = "My style", **train: object) -> str:
    return save_preset(title, "", {"create": {}, "train": train}, paths).name


def test_a_preset_is_saved_with_what_differs_from_the_defaults_alone(paths: Paths) -> None:
    create = {"name": "mira", "num_vectors": 5, "initialization_text": "*", "overwrite": True}
    train = {**FIELDS, "embedding_name": "mira", "data_dir": "in", "steps": "700", "seed": 7}
    save_preset("Mira's  style ", "Soft\nlines", settings_to_save(create, train), paths)
    written = yaml.safe_load((paths.data_dir / "presets" / "mira-s-style.yaml").read_text())
    assert written == {
        "title": "Mira's style",
        "about": "Soft lines",
        "create": {"num_vectors": 5},
        "train": {"steps": 700},
    }
    assert preset_named("mira-s-style", paths).training_values()["steps"] == 700


def test_seed_size_and_previews_are_saved_only_when_asked_for_and_places_never() -> None:
    train = {**FIELDS, "seed": 7, "width": "448", "preview_prompt": "x", "class_data_dir": "/home/mira"}
    assert settings_to_save({}, train)["train"] == {}
    whole = settings_to_save({}, train, is_whole=True)["train"]
    assert whole == {"seed": 7, "width": 448, "preview_prompt": "x"}


@pytest.mark.parametrize("place", ["/home/mira/own.txt", "..\\own.pt", "~/own.pt", "C:own.txt"])
def test_a_name_that_is_a_place_on_this_computer_is_not_saved(place: str) -> None:
    train = {**FIELDS, "template": place, "more_embeddings": place}
    found = settings_to_save({"initialization_embedding": place}, train, is_whole=True)
    assert found == {"create": {}, "train": {}}
    named = {**FIELDS, "template": "subject.txt", "more_embeddings": "hat, coat"}
    found = settings_to_save({"initialization_embedding": "mira"}, named)
    assert found["create"] == {"initialization_embedding": "mira"}
    assert found["train"] == {"template": "subject.txt", "more_embeddings": "hat, coat"}


def test_a_value_that_cannot_be_is_not_saved(paths: Paths) -> None:
    with pytest.raises(ConfigError, match="Max steps"):
        saved(paths, steps=-1)
    assert not paths.preset_dirs[0].exists()


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (" / ", "no name"),
        ("Character", "comes with Train Tab"),
        ("defaults", "called defaults comes with Train Tab"),
    ],
)
def test_a_name_that_cannot_be_is_refused(title: str, words: str, paths: Paths) -> None:
    with pytest.raises(ConfigError, match=words):
        saved(paths, title)


@given(title=st.text(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_whatever_a_preset_is_called_its_file_lies_in_the_folder_and_is_found(
    title: str, paths: Paths
) -> None:
    try:
        name = saved(paths, title, steps=7)
    except ConfigError:
        return
    (path,) = paths.preset_dirs[0].glob("*")
    assert path.name == f"{name}.yaml" and find_presets(paths)[0][name].train == {"steps": 7}
    path.unlink()


def test_what_is_replaced_or_deleted_can_be_put_back_in_turn(paths: Paths) -> None:
    name = saved(paths, steps=1)
    saved(paths, steps=2)
    assert put_back(paths).train == {"steps": 1}, "the one that was replaced"
    assert put_back(paths).train == {"steps": 2}, "putting back can be undone, too"
    trashed = delete_preset(name, paths)
    assert trashed.parent == paths.trash_dir / "presets" and name not in find_presets(paths)[0]
    assert put_back(paths).train == {"steps": 2} and name in find_presets(paths)[0]


def test_nothing_is_put_back_when_nothing_was_deleted(paths: Paths) -> None:
    (paths.trash_dir / "presets").mkdir(parents=True)
    (paths.trash_dir / "presets" / "notes.yaml").write_text("mine")
    assert deleted_presets(paths) == []
    with pytest.raises(NothingToDoError, match="nothing to put back"):
        put_back(paths)


def test_a_shipped_preset_can_not_be_deleted(paths: Paths) -> None:
    assert not is_own(preset_named("character", paths), paths)
    with pytest.raises(ConfigError, match="Character comes with Train Tab"):
        delete_preset("character", paths)
    assert preset_named("character", paths).path.exists()


def test_a_preset_stays_when_the_trash_can_not_be_written(paths: Paths) -> None:
    name = saved(paths, steps=1)
    paths.trash_dir.write_text("a file in the folder's place")
    with pytest.raises(StorageError, match=r"my-style.yaml"):
        delete_preset(name, paths)
    assert preset_named(name, paths).train == {"steps": 1}


def test_a_shared_preset_is_the_same_elsewhere(paths: Paths, tmp_path: Path) -> None:
    name = saved(paths, steps=700, shuffle_tags=True)
    text = preset_text(preset_named(name, paths))
    elsewhere = Paths.under(tmp_path / "elsewhere")
    imported = import_preset(text, r"C:\Users\mira\my-style.yaml", elsewhere)
    assert (imported.name, imported.title) == ("my-style", "My style")
    assert imported.training_values() == preset_named(name, paths).training_values()


def test_what_is_imported_takes_nothings_place(paths: Paths) -> None:
    text = "train: {steps: 7}"
    names = [import_preset(text, name, paths).name for name in ("mine.yml", "mine.yaml", "character.yaml")]
    assert names == ["mine", "mine-2", "character-2"]
    assert preset_named("character", paths).title == "Character"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{{", "no valid YAML"),
        ("", "no `name: value` lines"),
        ("- a", "no `name: value` lines"),
        ("run: x", "run is unknown"),
        ("x" * 100_000 + ": 1", "more than 50,000"),
        ("k" * 400 + ": 1", "kkk… is unknown"),
        (BOMB, "reference"),
        ("title: [a]", "title has to be a text"),
        ("about: " + "x" * 3000, "2,000 are the most"),
        ("train: [steps]", "train has to hold"),
        ("train: {steps: [1, 2]}", "steps in train has to be one value"),
        ("train: {optimization: {steps: {a: 1}}}", "lines below lines"),
        ("train: {stepz: 1}", "did you mean steps"),
        ("train: {steps: .nan}", "Max steps is nan"),
        ("train: {steps: 1e999}", "Max steps"),
        ("train: {steps: !!python/object/apply:os.system [id]}", "no valid YAML"),
        ("train: {steps: !!binary aGk=}", "one value"),
        ("train: {" + ", ".join(f"x{n}: 1" for n in range(1000)) + "}", "1,000 lines"),
        ("train: {" + "y" * 200 + ": 1}", "There is no setting called yyy"),
        ("train: {data_dir: /}", "isn't decided by a preset"),
        ("train: {vae: '\\\\host\\share\\x.safetensors'}", "place on another computer"),
        ("train: {class_data_dir: /home/mira}", "place on another computer"),
        ("train: {template: ../../secret.txt}", "place on another computer"),
        ("create: {initialization_embedding: /home/mira/own.pt}", "place on another computer"),
        ("create: {name: mira}", "isn't decided by a preset"),
        ("[" * 20_000, "lines below lines"),
        ("title: " + "{a: " * 9_000, "lines below lines"),
    ],
)
def test_a_hostile_file_is_refused_with_a_short_sentence_and_nothing_is_written(
    text: str, words: str, paths: Paths
) -> None:
    with pytest.raises(ConfigError, match=words) as refused:
        import_preset(text, "gift.yaml", paths)
    assert len(str(refused.value)) < 1200
    assert not paths.preset_dirs[0].exists()


def test_a_shipped_preset_can_be_shared_and_taken_in_again(paths: Paths) -> None:
    for preset in find_presets(paths)[0].values():
        again = import_preset(preset_text(preset), "shared.yaml", paths)
        assert again.training_values() == preset.training_values()
        delete_preset(again.name, paths)


YAML_PIECES = st.sampled_from(
    [
        "train",
        "create",
        "steps",
        "title",
        ": ",
        "\n",
        "  ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!set ",
        "7",
    ]
)


@given(text=st.lists(YAML_PIECES, max_size=14).map("".join) | st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_it_is_a_preset_or_refused_in_a_sentence(text: str, paths: Paths) -> None:
    try:
        preset = import_preset(text, "gift.yaml", paths)
    except ConfigError as error:
        assert str(error).endswith((".", "?"))
    else:
        assert preset.training_values()
        preset.path.unlink()
