"""*PNG Info* reads pictures of ours and of the web UI, and tells of files that are none."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from traintab.errors import PictureFileError
from traintab.ui.picture_info_tab import read

INFOTEXT = "mira <3\nSteps: 12, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 64x64"


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    info = PngInfo()
    info.add_text("parameters", INFOTEXT)
    Image.new("RGB", (64, 64)).save(tmp_path / "drawn.png", pnginfo=info)
    return tmp_path / "drawn.png"


def test_a_picture_tells_how_it_was_drawn(drawn: Path) -> None:
    message, shown, text, pictures = read(str(drawn))
    assert message == "" and shown["value"] == str(drawn) and shown["visible"] is True
    assert "mira &lt;3\nSteps: 12" in text
    (one,) = pictures
    assert (one.path, one.infotext) == (drawn, INFOTEXT)


def test_a_file_as_older_gradio_gives_it_is_read_too(drawn: Path) -> None:
    assert read(SimpleNamespace(name=str(drawn)))[3][0].infotext == INFOTEXT


def test_a_picture_without_a_text_can_still_be_sent(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg")
    message, _, text, pictures = read(str(tmp_path / "photo.jpg"))
    assert "photo.jpg doesn&#x27;t tell" in message and text == ""
    assert [one.infotext for one in pictures] == [""]


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_text("<html>404</html>")
    with pytest.raises(PictureFileError, match=r"page\.png"):
        read(str(tmp_path / "page.png"))


def test_an_empty_drop_zone_shows_nothing() -> None:
    message, shown, text, pictures = read(None)
    assert (message, shown["visible"], text, pictures) == ("", False, "", ())
