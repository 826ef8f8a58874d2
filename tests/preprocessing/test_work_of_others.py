"""What somebody changed or put into the destination is not replaced, unless that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.preprocessing.events import PictureSkipped

from .runs import notes_of, of_kind, what_happened


def test_a_caption_that_somebody_edited_is_kept_whatever_is_asked_for(
    save: Any, again: Any, source: Path, out: Path
) -> None:
    save("a.png", (64, 64), caption="red")
    again()
    edited = out / "00000-0-a.txt"
    edited.write_text("crimson", encoding="utf-8")
    events = again()
    assert what_happened(events) == {"a.png": "unchanged"}
    assert "1 captions in the destination are not as this program wrote them" in notes_of(events)
    (source / "a.txt").write_text("scarlet", encoding="utf-8")
    events = again(flip="horizontal")
    assert what_happened(events) == {"a.png": "done"}
    assert edited.read_text(encoding="utf-8") == "crimson"
    assert "00000-0-a.txt is somebody's own and was kept" in notes_of(events)
    assert "'scarlet'" in notes_of(events)


@pytest.mark.preprocess_option("overwrite")
def test_an_edited_caption_and_a_foreign_picture_are_replaced_when_that_is_asked_for(
    save: Any, again: Any, out: Path
) -> None:
    save("a.png", (64, 64), caption="red")
    save("b.png", (64, 64))
    again()
    (out / "00000-0-a.txt").write_text("crimson", encoding="utf-8")
    Image.new("RGB", (8, 8)).save(out / "00001-0-b.png")
    assert what_happened(again(overwrite=True)) == {"a.png": "done", "b.png": "done"}
    assert (out / "00000-0-a.txt").read_text(encoding="utf-8") == "red"
    with Image.open(out / "00001-0-b.png") as picture:
        assert picture.size == (64, 64)


def test_a_picture_that_somebody_retouched_is_left_alone(
    save: Any, again: Any, source: Path, out: Path
) -> None:
    save("a.png", (64, 64))
    again()
    retouched = out / "00000-0-a.png"
    Image.new("RGB", (64, 64), "green").save(retouched)
    before = retouched.read_bytes()
    events = again()
    assert what_happened(events) == {"a.png": "unchanged"}
    assert "00000-0-a.png was changed since it was written, and stays so" in notes_of(events)
    save("a.png", (64, 64), "blue")
    (skipped,) = of_kind(again(), PictureSkipped)
    assert "00000-0-a.png was changed since this program wrote it" in skipped.reason
    assert retouched.read_bytes() == before


def test_a_picture_of_somebody_else_by_that_name_is_left_alone(save: Any, again: Any, out: Path) -> None:
    save("a.png", (64, 64))
    out.mkdir()
    Image.new("RGB", (8, 8)).save(out / "00000-0-a.png")
    (skipped,) = of_kind(again(), PictureSkipped)
    assert "00000-0-a.png is there, and not by this program" in skipped.reason
    assert "Replace files of the same name" in skipped.reason
    with Image.open(out / "00000-0-a.png") as picture:
        assert picture.size == (8, 8)
