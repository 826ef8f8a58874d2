"""Folders, kohya's dataset files and epochs on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.embeddings.formats import read_embedding


@pytest.fixture
def train(line: Any, cat: Path, tiny_model_dir: Path) -> Any:
    """`train("--steps", 4)` trains cat quietly."""

    def run(*arguments: object) -> Any:
        quiet = ("--save-every", 0, "--preview-every", 0, "--template", "subject.txt")
        return line("train", "cat", "--model", tiny_model_dir, *quiet, *arguments)

    return run


@pytest.fixture
def dataset_config(tmp_path: Path, pictures: Path) -> Path:
    """A kohya file that shows the three pictures twice an epoch, one at a time."""
    path = tmp_path / "kohya.toml"
    path.write_text(
        "[[datasets]]\nbatch_size = 1\n[[datasets.subsets]]\nimage_dir = 'pictures'\nnum_repeats = 2\n",
        encoding="utf-8",
    )
    return path


def test_a_dataset_config_is_enough_to_train(train: Any, dataset_config: Path, cat: Path) -> None:
    answer = train("--set", f"dataset_config={dataset_config}", "max_epochs=1", "--json")
    assert answer.status == 0
    assert answer.objects[0]["total_steps"] == 6
    assert read_embedding(cat).step == 6
    assert "From kohya.toml: Batch size 1." in answer.err


def test_a_dataset_config_that_cannot_be_honoured_starts_nothing(
    train: Any, dataset_config: Path, cat: Path
) -> None:
    with dataset_config.open("a", encoding="utf-8") as file:
        file.write("num_repeat = 3\nshuffle_caption = 'yes'\n")
    answer = train("--set", f"dataset_config={dataset_config}")
    assert (answer.status, answer.out) == (2, "")
    assert "unknown key 'num_repeat'; did you mean num_repeats?" in answer.err
    assert "shuffle_caption in subset 1 of [[datasets]] 1 is 'yes', it must be true or false" in answer.err
    assert not read_embedding(cat).step


def test_neither_a_folder_nor_a_dataset_config_is_told(train: Any) -> None:
    answer = train()
    assert answer.status == 2
    assert "--data" in answer.err


def test_steps_on_the_command_line_win_over_the_epochs_of_a_file(
    train: Any, pictures: Path, tmp_path: Path
) -> None:
    config = tmp_path / "run.yaml"
    config.write_text("max_epochs: 5\n", encoding="utf-8")
    answer = train("--data", pictures, "--config", config, "--steps", 2, "--json")
    assert answer.objects[0]["total_steps"] == 2


def test_several_folders_are_given_one_a_line(train: Any, pictures: Path, tmp_path: Path) -> None:
    for name in ("hats", "caps"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (64, 64), "white").save(tmp_path / name / f"{name}.png")
    more = f"more_data_dirs={tmp_path / 'hats'}: 2\n{tmp_path / 'caps'}"
    answer = train("--data", pictures, "--steps", 1, "--set", more, "--json")
    assert answer.status == 0
    assert "5 pictures in 3 folders, 12 showings an epoch" in answer.err
