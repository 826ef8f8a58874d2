"""Which files of a model are wanted, whatever a server lists."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traintab.models.model_files import IMAGE_TO_TEXT_FILES, ModelFiles, folder_for

KNOWN = (
    "config.json",
    "vocab.txt",
    "model.safetensors",
    "pytorch_model.bin",
    "model-00001-of-00002.safetensors",
)
NAMES = st.lists(st.one_of(st.sampled_from(KNOWN), st.text(max_size=12).map(lambda text: f"{text}.json")))


@given(NAMES)
def test_no_name_leads_out_of_the_folder_or_below_it(names: list[str]) -> None:
    for name in IMAGE_TO_TEXT_FILES.chosen(names):
        assert Path(name).name == name and not set(name) & set("/\\:\0") and not name.startswith(".")


@given(NAMES)
def test_weights_are_of_one_kind_and_come_last(names: list[str]) -> None:
    chosen = IMAGE_TO_TEXT_FILES.chosen(set(names))
    weights = [name for name in chosen if not name.endswith((".json", ".txt"))]
    assert chosen[len(chosen) - len(weights) :] == weights
    assert len({name.partition("-")[0] for name in weights}) <= 1
    assert bool(weights) == bool(set(KNOWN[2:]) & set(names))


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        (("pytorch_model.bin", "model.safetensors"), "model.safetensors"),
        (("pytorch_model.bin", "model-00001-of-00001.safetensors"), "model-00001-of-00001.safetensors"),
        (("tf_model.h5", "pytorch_model.bin", "flax_model.msgpack"), "pytorch_model.bin"),
    ],
)
def test_safetensors_are_preferred_to_pickles(there: tuple[str, ...], chosen: str) -> None:
    assert IMAGE_TO_TEXT_FILES.chosen_weights(there) == [chosen]


def test_what_is_missing_is_named() -> None:
    files = ModelFiles(setting="A", needed=("a.json",), one_of=("b.txt", "c.txt"), weights=("w.bin", "v.bin"))
    assert files.missing_among([]) == ["a.json", "b.txt or c.txt", "w.bin"]
    assert files.missing_among(["a.json", "c.txt", "v.bin"]) == []


def test_every_hub_id_has_a_folder_of_its_own(tmp_path: Path) -> None:
    assert folder_for("maker/model", tmp_path) == tmp_path / "maker--model"


def test_a_pipe_a_folder_and_a_link_to_nothing_are_no_files(tmp_path: Path) -> None:
    """A pipe would be waited for without end."""
    os.mkfifo(tmp_path / "config.json")
    (tmp_path / "vocab.txt").symlink_to(tmp_path / "gone")
    (tmp_path / "model.safetensors").mkdir()
    assert IMAGE_TO_TEXT_FILES.missing_from(tmp_path) == IMAGE_TO_TEXT_FILES.missing_among([])


def test_only_the_parts_of_the_weights_that_are_taken_are_missed(tmp_path: Path) -> None:
    """Some models lie there in a second layout, whose parts nobody fetched."""
    first, second = (f"model-0000{number}-of-00002.safetensors" for number in (1, 2))
    for name in ("config.json", "vocab.txt", first):
        (tmp_path / name).write_text("")
    (tmp_path / "consolidated.safetensors.index.json").write_text('{"weight_map": {"a": "consolidated-1"}}')
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(f'{{"weight_map": {{"a": "{first}", "b": "{second}"}}}}')
    assert IMAGE_TO_TEXT_FILES.missing_from(tmp_path) == [second]
    (tmp_path / second).write_text("")
    assert IMAGE_TO_TEXT_FILES.missing_from(tmp_path) == []
