"""What one source can do to a run: nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.preprocessing import one_picture
from traintab.preprocessing.events import PictureSkipped, PreprocessFinished

from .runs import Runs, of_kind, pictures_in, what_happened


def test_a_name_too_long_for_a_caption_beside_it_is_no_hindrance(
    save: Any, again: Runs, source: Path, out: Path
) -> None:
    save("a.png", (64, 64))
    name = "x" * 255  # with .txt the system has no such name
    try:
        Image.new("RGB", (64, 64)).save(source / name, format="PNG")
    except OSError:
        pytest.skip("this disk has no such long names")
    assert what_happened(again()) == {"a.png": "done", name: "done"}
    assert what_happened(again()) == {"a.png": "unchanged", name: "unchanged"}
    assert len(pictures_in(out)) == 2


def test_a_picture_too_large_to_be_encoded_is_skipped_alone(
    save: Any, again: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = one_picture.encoded

    def fails_on_blue(image: Image.Image, *rest: Any) -> bytes:
        if image.getpixel((0, 0)) == (0, 0, 255):
            raise MemoryError
        return real(image, *rest)

    monkeypatch.setattr(one_picture, "encoded", fails_on_blue)
    save("a.png", (64, 64))
    save("b.png", (64, 64), "blue")
    save("c.png", (64, 64))
    events = again()
    (skipped,) = of_kind(events, PictureSkipped)
    assert skipped.reason.startswith("b.png needs more memory than there is")
    assert events[-1] == PreprocessFinished(written=2, skipped=1)


def test_a_picture_saved_anew_while_it_was_read_is_made_again_by_the_next_run(
    save: Any, again: Runs, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("a.png", (64, 64))
    real = one_picture.open_source

    def and_then_it_changes(*rest: Any, **named: Any) -> Any:
        opened = real(*rest, **named)
        save("a.png", (64, 64), "blue")
        return opened

    monkeypatch.setattr(one_picture, "open_source", and_then_it_changes)
    again()
    monkeypatch.setattr(one_picture, "open_source", real)
    assert what_happened(again()) == {"a.png": "done"}
    with Image.open(out / "00000-0-a.png") as picture:
        assert picture.getpixel((0, 0)) == (0, 0, 255)
