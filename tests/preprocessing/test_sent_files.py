"""Pictures and captions that a browser has sent: what is taken, by which names, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from traintab.errors import StorageError
from traintab.files import write_atomically
from traintab.preprocessing import sent_files
from traintab.preprocessing.sent_files import destination_for, is_made_here, take_sent_files

Send = Callable[..., Path]


@pytest.fixture
def send(tmp_path: Path) -> Send:
    """`send("a.png")` is a file in a folder of its own, as gradio keeps what is sent."""
    count = iter(range(100))

    def make(name: str, content: bytes | str | None = None, color: str = "red") -> Path:
        path = tmp_path / "sent" / str(next(count)) / name
        path.parent.mkdir(parents=True)
        if content is None:
            Image.new("RGB", (64, 48), color).save(path, "PNG")
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    return tmp_path / "data" / "pictures"


def names(folder: Path | None) -> list[str]:
    assert folder is not None
    return sorted(path.name for path in folder.iterdir())


def test_pictures_and_captions_come_into_a_new_folder_byte_by_byte(parent: Path, send: Send) -> None:
    files = [send("a.png"), send("b.PNG", color="blue"), send("a.txt", "a red field, 红")]
    found = take_sent_files(files, parent)
    assert (found.pictures, found.captions, found.refused) == (2, 1, ())
    assert found.folder is not None and found.folder.parent == parent and is_made_here(found.folder, parent)
    for file in files:
        assert (found.folder / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("torn.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "torn.png"),
        ("page.jpg", "<html>not found</html>", "is not a picture"),
        ("run.exe", b"MZ", "neither a picture"),
        ("notes.json", "{}", "neither a picture"),
        ("long.txt", "a" * 70_000, "64 KiB"),
        ("odd.txt", b"a\0b", "zero bytes"),
        ("draw.png", "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nquit", "is not a picture"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_stops_no_other(
    parent: Path, send: Send, name: str, content: bytes | str, words: str
) -> None:
    found = take_sent_files([send(name, content), send("a.png")], parent)
    (sentence,) = found.refused
    assert name in sentence and words in sentence
    assert names(found.folder) == ["a.png"]


def test_where_nothing_is_sound_no_folder_is_made(parent: Path, send: Send) -> None:
    found = take_sent_files([send("page.jpg", "<html>"), parent / "gone.png"], parent)
    assert found.folder is None and len(found.refused) == 2 and not parent.exists()


def test_equal_names_get_a_number_and_nothing_is_replaced(parent: Path, send: Send) -> None:
    first = take_sent_files([send("image.png"), send("image.png", color="blue")], parent)
    assert names(first.folder) == ["image-2.png", "image.png"]
    again = take_sent_files(
        [send("IMAGE.png", color="green"), send("IMAGE.txt", "green"), send("IMAGE-masklabel.png")],
        parent,
        first.folder,
    )
    assert again.folder == first.folder and not again.refused
    assert {"IMAGE-3.png", "IMAGE-3.txt", "IMAGE-3-masklabel.png"} < set(names(first.folder))
    assert first.folder is not None
    assert Image.open(first.folder / "image.png").getpixel((0, 0)) == (255, 0, 0)


def test_a_caption_that_comes_alone_goes_to_its_picture_once(parent: Path, send: Send) -> None:
    folder = take_sent_files([send("a.png")], parent).folder
    assert take_sent_files([send("a.txt", "one")], parent, folder).captions == 1
    found = take_sent_files([send("a.txt", "two")], parent, folder)
    assert found.folder is None and "there" not in names(folder) and "a.txt was not taken" in found.refused[0]
    assert folder is not None and (folder / "a.txt").read_text() == "one"


def test_a_picture_of_another_kind_does_not_get_the_caption_of_its_namesake(parent: Path, send: Send) -> None:
    folder = take_sent_files([send("a.png"), send("a.txt", "one")], parent).folder
    take_sent_files([send("a.webp")], parent, folder)
    assert names(folder) == ["a-2.webp", "a.png", "a.txt"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..png.png", "png.png"),
        (".hidden.png", "hidden.png"),
        ('a<b>:"|?*.png', "a b.png"),
        ("..\\..\\evil.png", "evil.png"),
        ("con.png", "con-picture.png"),
        ("?.png", "picture.png"),
        ("1girl, red hat.png", "1girl, red hat.png"),
        ("米拉.png", "米拉.png"),
    ],
)
def test_names_are_made_safe(parent: Path, send: Send, name: str, safe: str) -> None:
    assert names(take_sent_files([send(name)], parent).folder) == [safe]


def test_a_full_disk_is_told_and_what_was_written_stays(
    parent: Path, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.name == "b.png":
            raise StorageError("Writing failed: the disk is full.")
        write_atomically(path, data)

    monkeypatch.setattr(sent_files, "write_atomically", full)
    found = take_sent_files([send("a.png"), send("b.png")], parent)
    assert names(found.folder) == ["a.png"] and found.refused == ("Writing failed: the disk is full.",)
    none = take_sent_files([send("b.png")], parent)
    assert none.folder is None and list(parent.iterdir()) == [found.folder]


def test_a_folder_that_cannot_be_made_is_told(parent: Path, send: Send) -> None:
    parent.parent.mkdir()
    parent.write_text("a file")
    with pytest.raises(StorageError, match="data-dir"):
        take_sent_files([send("a.png")], parent)


def test_only_a_folder_that_was_made_here_is_added_to(tmp_path: Path, parent: Path) -> None:
    made, own = parent / "2026-11-22_15-00-00", parent / "holiday"
    elsewhere, link = tmp_path / made.name, parent / "2026-11-22_15-00-01"
    for folder in (made, own, elsewhere):
        folder.mkdir(parents=True)
    link.symlink_to(elsewhere)
    assert is_made_here(made, parent)
    gone = parent / "2026-11-22_15-00-02"
    assert not any(is_made_here(folder, parent) for folder in (own, elsewhere, link, gone, Path(), parent))


def test_a_destination_is_proposed_where_none_is_chosen(parent: Path) -> None:
    folder = parent / "2026-11-22_15-00-00"
    proposed = destination_for(folder, "  ")
    assert proposed == f"{folder}-prepared" and not is_made_here(Path(proposed), parent)
    assert destination_for(folder, str(parent / "2026-11-21_09-00-00-prepared")) == proposed
    assert destination_for(folder, "my/ready") == "my/ready"
    assert re.fullmatch(r"/.*", destination_for(folder, "/ready"))
