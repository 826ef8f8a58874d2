"""The pictures that a run was trained on, found by its run.yaml."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from PIL import Image

from traintab.configs import DatasetConfig, FoldersConfig, TrainingConfig, to_yaml
from traintab.errors import ConfigError, DatasetError
from traintab.training.run_folder import RunFolder
from traintab.training.run_pictures import training_pictures


def run_of(tmp_path: Path, **folders: object) -> RunFolder:
    """A run on ten pictures, the first of which is the reddest."""
    pictures = tmp_path / "pictures"
    pictures.mkdir(exist_ok=True)
    for number in range(10):
        Image.new("RGB", (30, 20), (200 - 20 * number, 0, 0)).save(pictures / f"{number}.png")
    config = TrainingConfig(embedding_name="sks", dataset=DatasetConfig(data_dir=str(pictures)))
    config = dataclasses.replace(config, folders=FoldersConfig(**folders))  # type: ignore[arg-type]
    run = RunFolder(path=tmp_path / "run", embedding_name="sks")
    run.path.mkdir(exist_ok=True)
    run.run_yaml.write_text(to_yaml(config), encoding="utf-8")
    return run


def reds(images: list[Image.Image]) -> list[int]:
    return [image.getpixel((0, 0))[0] for image in images]  # type: ignore[index, misc]


def test_all_are_there_when_they_are_few(tmp_path: Path) -> None:
    assert reds(training_pictures(run_of(tmp_path), most=10)) == [200 - 20 * n for n in range(10)]


def test_of_many_some_are_taken_evenly(tmp_path: Path) -> None:
    assert reds(training_pictures(run_of(tmp_path), most=5)) == [200, 160, 120, 80, 40]


def test_class_pictures_were_not_to_be_learned(tmp_path: Path) -> None:
    other = tmp_path / "class"
    other.mkdir()
    Image.new("RGB", (30, 20), "blue").save(other / "blue.png")
    found = training_pictures(run_of(tmp_path, class_data_dir=str(other)), most=20)
    assert len(found) == 10


def test_what_can_not_be_read_is_left_out_and_large_ones_are_made_smaller(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    (tmp_path / "pictures" / "1.png").write_bytes(b"no picture")
    Image.new("RGB", (3000, 1500)).save(tmp_path / "pictures" / "a.png")
    found = training_pictures(run, most=20)
    assert len(found) == 10 and found[-1].size == (1024, 512)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    (tmp_path / "pictures").rename(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="doesn't exist"):
        training_pictures(run, most=5)


def test_a_folder_whose_pictures_are_broken_is_told(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    for path in (tmp_path / "pictures").iterdir():
        path.write_bytes(b"")
    with pytest.raises(DatasetError, match="Put them back to compare with them"):
        training_pictures(run, most=5)


def test_a_run_without_its_settings_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        training_pictures(RunFolder(path=tmp_path, embedding_name="sks"), most=5)
