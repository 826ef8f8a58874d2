from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.datasets.caption_editing import read_captions
from traintab.errors import DatasetError
from traintab.prompts.captions import CaptionRules, caption_of


def test_each_picture_has_the_caption_that_training_reads(make_folder: Any) -> None:
    folder = make_folder(a="red hat,\n smile\n", b="赤い髪", c="caf\xe9".encode("latin-1"), d="")
    (folder / "b.txt").write_bytes(codecs.BOM_UTF16_LE + "赤い髪".encode("utf-16-le"))
    captions = read_captions(folder).captions
    assert [picture.text for picture in captions.pictures] == ["red hat, smile", "赤い髪", "café", ""]
    for picture in captions.pictures:
        assert picture.text == caption_of(picture.path, CaptionRules())
        assert (picture.is_missing, picture.problem) == (False, "")


def test_several_lines_that_are_read_as_one_are_told_until_they_are_one(make_folder: Any) -> None:
    folder = make_folder(a="hat\nsky", b="\nhat\r\n", c=None)
    captions = read_captions(folder).captions
    assert [picture.is_joined for picture in captions.pictures] == [True, False, False]
    assert not captions.add_tag("sun")["a.png"].is_joined
    assert not read_captions(folder, rules=CaptionRules(one_line=True)).captions["a.png"].is_joined


def test_a_picture_without_a_caption_file_tells_what_training_takes(make_folder: Any) -> None:
    folder = make_folder(**{"00001-0-red hat": None, "sky": None})
    (folder / "metadata.jsonl").write_text('{"file_name": "sky.png", "text": "a blue sky"}')
    hat, sky = read_captions(folder).captions.pictures
    assert (hat.is_missing, hat.text, hat.suggestion, hat.suggested_by) == (True, "", "red hat", "file name")
    assert (sky.is_missing, sky.suggestion, sky.suggested_by) == (True, "a blue sky", "metadata.jsonl")


def test_pictures_are_those_that_training_finds(make_folder: Any) -> None:
    folder = make_folder(b="1", a="2", **{"a-masklabel": None})
    (folder / "notes.pdf").write_bytes(b"x")
    (folder / "below").mkdir()
    Image.new("RGB", (4, 4)).save(folder / "below" / "c.png")
    (folder / "below" / "c.txt").write_text("3")
    assert read_captions(folder).captions.names == ("a.png", "b.png")
    below = read_captions(folder, subfolders=True).captions
    assert below.names == ("a.png", "b.png", "below/c.png")
    assert below["below/c.png"].file == folder / "below" / "c.txt"


def test_another_ending_can_be_chosen(make_folder: Any) -> None:
    folder = make_folder(a="from txt")
    (folder / "a.caption").write_text("from caption")
    assert read_captions(folder, rules=CaptionRules(extension=".caption")).captions["a.png"].text == (
        "from caption"
    )


def test_a_caption_that_cannot_be_read_is_told_and_stops_no_other(make_folder: Any) -> None:
    folder = make_folder(a=b"\x00", b="x" * (1 << 20) + "x", c=None, d="hat")
    (folder / "c.txt").mkdir()
    problems = {picture.name: picture.problem for picture in read_captions(folder).captions.pictures}
    assert "zero bytes" in problems["a.png"]
    assert problems["b.png"] == "the file is larger than 1 MiB"
    assert problems["c.png"] == "it is no regular file"
    assert problems["d.png"] == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_in_place_of_a_caption_is_not_waited_for(make_folder: Any) -> None:
    folder = make_folder(a=None)
    os.mkfifo(folder / "a.txt")
    assert read_captions(folder).captions["a.png"].problem == "it is no regular file"


def test_folders_that_hold_no_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there are no pictures in it itself; choose the folder"):
        read_captions(tmp_path)
    with pytest.raises(DatasetError, match="doesn't exist"):
        read_captions(tmp_path / "missing")
