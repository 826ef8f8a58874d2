from __future__ import annotations

from pathlib import Path

import pytest

from traintab.configs import PreprocessConfig
from traintab.errors import InputError
from traintab.preprocessing.captioning import (
    file_name_for,
    merged_caption,
    new_caption,
    read_existing_caption,
)


@pytest.mark.parametrize(
    ("action", "merged"),
    [("ignore", "new"), ("copy", "old"), ("prepend", "old, new"), ("append", "new, old")],
)
def test_each_action_merges_two_captions_its_way(action: str, merged: str) -> None:
    assert merged_caption("old", "new", action) == merged


@pytest.mark.parametrize("action", ["ignore", "copy", "prepend", "append"])
def test_the_only_caption_there_is_is_never_lost(action: str) -> None:
    assert merged_caption("old", "", action) == "old"
    assert merged_caption("", "new", action) == "new"
    assert merged_caption("", "", action) == ""


@pytest.mark.parametrize(
    ("stem", "caption"),
    [
        ("girl in a hat", "girl in a hat"),
        ("0012 red hair", "red hair"),
        ("00003-0-smile, blue", "smile, blue"),
        ("12", ""),
    ],
)
def test_a_file_name_without_its_counter_is_a_caption(stem: str, caption: str) -> None:
    assert new_caption(PreprocessConfig(caption="filename"), Path(f"{stem}.png")) == caption
    assert new_caption(PreprocessConfig(), Path(f"{stem}.png")) == ""


@pytest.mark.parametrize(
    "data", [b"smile\n", b"\xef\xbb\xbfsmile", "smile".encode("utf-16"), b"  smile  \r\n"], ids=repr
)
def test_captions_of_editors_are_understood(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    assert read_existing_caption(tmp_path / "a.png") == "smile"


def test_a_western_caption_of_an_old_editor_is_understood(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    assert read_existing_caption(tmp_path / "a.png") == "café"


def test_no_caption_file_is_no_caption(tmp_path: Path) -> None:
    assert read_existing_caption(tmp_path / "a.png") == ""


def test_a_caption_in_an_unknown_encoding_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("赤い髪".encode("shift-jis"))
    with pytest.raises(InputError, match=r"a\.txt can't be read"):
        read_existing_caption(tmp_path / "a.png")


def test_a_plain_caption_is_a_file_name_as_it_is() -> None:
    assert file_name_for("red hair, smile") == ("red hair, smile", "")


@pytest.mark.parametrize(
    ("caption", "name"), [("a/b: c?", "a b c"), ("what...", "what"), ("line\nbreak", "line break")]
)
def test_what_no_file_name_can_carry_is_changed_and_said(caption: str, name: str) -> None:
    assert file_name_for(caption)[0] == name
    assert repr(name) in file_name_for(caption)[1]


def test_a_long_caption_is_cut_between_characters_and_said() -> None:
    name, note = file_name_for("é" * 300)
    assert name == "é" * 100
    assert "to fit a file name" in note


def test_a_caption_that_starts_with_a_digit_survives_being_read_back() -> None:
    name, _ = file_name_for("1girl, smile")
    assert new_caption(PreprocessConfig(caption="filename"), Path(f"00000-0-{name}.png")) == "1girl, smile"
