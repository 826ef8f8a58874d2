"""Folders with weights, one a line."""

from __future__ import annotations

import pytest

from traintab.configs import FoldersConfig, TrainingConfig, check, replace_fields
from traintab.errors import ConfigError


def test_each_line_is_a_folder_with_a_weight_or_without() -> None:
    folders = FoldersConfig(more_data_dirs="/a b\n\n  rel/c : 2 \n~/d:0.5\n")
    assert folders.more_folders == (("/a b", None), ("rel/c", 2.0), ("~/d", 0.5))


@pytest.mark.parametrize("path", ["C:\\pictures", "C:/pictures", "/a:b", "/odd:1x"])
def test_a_colon_in_a_path_begins_no_weight(path: str) -> None:
    assert FoldersConfig(more_data_dirs=path).more_folders == ((path, None),)


def test_a_path_with_a_drive_may_have_a_weight() -> None:
    assert FoldersConfig(more_data_dirs="C:\\pictures: 3").more_folders == (("C:\\pictures", 3.0),)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a: 0", "gives a the weight 0; it must be from 0.001 to 1000"),
        ("a: -2", "the weight -2"),
        ("a: nan", "the weight nan"),
        ("a: 1,5", "has the weight '1,5'; it must be a number such as 2 or 0.5"),
    ],
)
def test_a_weight_that_is_none_is_told(line: str, said: str) -> None:
    config = replace_fields(TrainingConfig(embedding_name="zq"), {"data_dir": "x", "more_data_dirs": line})
    with pytest.raises(ConfigError, match=said) as caught:
        check(config)
    assert caught.value.field == "more_data_dirs"


def test_a_run_needs_a_folder_or_a_dataset_config() -> None:
    config = TrainingConfig(embedding_name="zq")
    with pytest.raises(ConfigError, match=r"^Dataset directory is empty; fill it in") as caught:
        check(config)
    assert caught.value.field == "data_dir"
    check(replace_fields(config, {"dataset_config": "kohya.toml"}))
