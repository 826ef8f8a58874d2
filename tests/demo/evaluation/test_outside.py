"""Concepts from a file or a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from traintab.demo.concepts import CONCEPTS, EXAMPLES
from traintab.demo.draw import draw_concept
from traintab.demo.evaluation.outside import described, drawn, from_pictures, load_concepts
from traintab.demo.judge import Judge
from traintab.errors import ConfigError

SOURCE = Path("concepts.yaml")


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge.load()


def test_without_a_source_the_built_in_concepts_are_drawn(judge: Judge, tmp_path: Path) -> None:
    concepts = load_concepts(None, judge, tmp_path, seed=1)
    assert [concept.name for concept in concepts] == [concept.name for concept in CONCEPTS]
    for concept in concepts:
        assert 6 <= len(list(concept.folder.glob("*.png"))) <= 8
        assert len(concept.real) >= 16


def test_real_pictures_are_none_of_the_training_pictures(tmp_path: Path) -> None:
    concept = drawn(EXAMPLES["character"], tmp_path, seed=1)
    shown = {picture.resize((128, 128)).tobytes() for picture in concept.shown}
    assert not shown & {picture.tobytes() for picture in concept.real}


def test_only_characters_have_captions_and_use_them(tmp_path: Path) -> None:
    character = drawn(EXAMPLES["character"], tmp_path, seed=1)
    style = drawn(EXAMPLES["style"], tmp_path, seed=1)
    assert list(character.folder.glob("*.txt")) and character.template == "subject_filewords.txt"
    assert not list(style.folder.glob("*.txt")) and style.template == "style.txt"


def test_a_list_of_attributes_becomes_concepts(judge: Judge, tmp_path: Path) -> None:
    file = tmp_path / "concepts.json"
    entry = {"name": "rosa", "attributes": {"hair color": "red", "hair style": "bob", "eye color": "blue"}}
    file.write_text(json.dumps([entry]))
    (concept,) = load_concepts(file, judge, tmp_path / "drawn", seed=1)
    assert (concept.name, concept.kind, concept.noun) == ("rosa", "character", "girl")
    assert concept.judged.attributes["other eye color"] == "blue"
    assert concept.judged.attributes["hair blend"] == "plain"


def test_a_list_can_point_at_folders_beside_it(judge: Judge, tmp_path: Path) -> None:
    draw_concept(EXAMPLES["object"], tmp_path / "pictures", 4, captions=False)
    file = tmp_path / "concepts.yaml"
    file.write_text("- {name: lucky, noun: thing, pictures: pictures}\n")
    (concept,) = load_concepts(file, judge, tmp_path / "drawn", seed=1)
    assert (concept.kind, concept.noun) == ("object", "thing")


def test_a_folder_of_pictures_is_one_concept(judge: Judge, tmp_path: Path) -> None:
    draw_concept(EXAMPLES["character"], tmp_path / "mine", 5, captions=True)
    (concept,) = load_concepts(tmp_path / "mine", judge, tmp_path / "drawn", seed=1)
    assert (concept.name, concept.kind, concept.noun) == ("mine-concept", "character", "girl")
    assert concept.template == "subject_filewords.txt"
    assert concept.judged.features is not None
    assert len(concept.real) == 5


def test_an_empty_folder_is_told(judge: Judge, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no pictures"):
        from_pictures(tmp_path, judge)


def test_a_missing_file_is_told(judge: Judge, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no file or folder"):
        load_concepts(tmp_path / "missing.yaml", judge, tmp_path, seed=1)


def test_a_file_without_a_list_is_told(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "concepts.yaml").write_text("name: rosa\n")
    with pytest.raises(ConfigError, match="expected a list"):
        load_concepts(tmp_path / "concepts.yaml", judge, tmp_path, seed=1)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [({"hair colour": "red"}, "hair colour: red is unknown"), ({"hair color": "mauve"}, "hair color: mauve")],
)
def test_an_unknown_attribute_or_value_is_told_with_the_known_ones(
    attributes: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        described({"name": "rosa", "attributes": attributes}, SOURCE)


def test_an_entry_without_a_name_is_told() -> None:
    with pytest.raises(ConfigError, match="needs a name"):
        described({"attributes": {"hair color": "red"}}, SOURCE)


@pytest.mark.parametrize(
    ("attributes", "kind", "noun"),
    [
        ({"style": "blueprint"}, "style", "style"),
        ({"shape": "clover", "kind": "thing"}, "object", "toy"),
        ({"kind": "boy", "hair color": "red"}, "character", "boy"),
    ],
)
def test_kind_and_starting_word_follow_from_the_attributes(
    attributes: dict[str, str], kind: str, noun: str
) -> None:
    concept = described({"name": "rosa", "attributes": attributes}, SOURCE)
    assert (concept.kind, concept.noun) == (kind, noun)
