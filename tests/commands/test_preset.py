"""Presets on the command line: the first word, over which everything else that is given wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from traintab.embeddings.formats import read_embedding


def test_create_takes_vectors_from_a_preset_unless_they_are_given(line: Any, tiny_model_dir: Path) -> None:
    for name, given in (("one", []), ("two", ["--vectors", "2"])):
        assert line("create", name, "--preset", "style", *given, "--model", tiny_model_dir).status == 0
    folder = line.data_dir / "embeddings"
    assert read_embedding(folder / "one.pt").num_vectors == 8
    assert read_embedding(folder / "two.pt").num_vectors == 2


def test_train_takes_settings_from_a_preset_unless_they_are_given(
    line: Any, cat: Path, pictures: Path, tiny_model_dir: Path
) -> None:
    where = ["--data", pictures, "--model", tiny_model_dir]
    answer = line("train", "cat", "--preset", "quick-test", "--steps", "2", "--preview-every", "0", *where)
    assert answer.status == 0, answer.err
    (file,) = line.data_dir.glob("textual_inversion/*/cat/run.yaml")
    run = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert (run["optimization"]["learning_rate"], run["optimization"]["batch_size"]) == ("0.01", 2)
    assert (run["optimization"]["steps"], run["preview"]["preview_every"]) == (2, 0)


def test_a_preset_that_isnt_there_is_told_with_those_that_are(line: Any, cat: Path, pictures: Path) -> None:
    for command in (["create", "dog"], ["train", "cat", "--data", pictures]):
        answer = line(*command, "--preset", "charakter")
        assert answer.status == 2 and "character" in answer.err
