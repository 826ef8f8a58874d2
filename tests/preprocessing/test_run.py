from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import PreprocessConfig, from_mapping
from traintab.errors import ConfigError, DatasetError, InputError, StorageError
from traintab.preprocessing import destination as destination_module
from traintab.preprocessing.events import (
    PictureDone,
    PictureSkipped,
    PreprocessEvent,
    PreprocessFinished,
    PreprocessInterrupted,
    PreprocessStarted,
)
from traintab.preprocessing.run import preprocess


def config_of(source: Path, destination: Path, **settings: Any) -> PreprocessConfig:
    values = {"source": str(source), "destination": str(destination), "width": 64, "height": 64, **settings}
    return from_mapping(PreprocessConfig, values)


def names_in(folder: Path) -> list[str]:
    """The files that people see: not the record of what was done."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(path.relative_to(folder).as_posix() for path in files)


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        name: (hashlib.sha256((folder / name).read_bytes()).hexdigest(), (folder / name).stat().st_mtime_ns)
        for name in names_in(folder)
    }


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def notes_of(events: list[PreprocessEvent]) -> str:
    return " ".join(note for event in events for note in getattr(event, "notes", ()))


def test_a_folder_becomes_training_pictures_with_numbered_names(
    source: Path, save: Any, tmp_path: Path
) -> None:
    save("beta.jpg", (200, 100))
    save("alpha.png", (100, 200))
    before = fingerprint(source)
    destination = tmp_path / "out"
    events = list(preprocess(config_of(source, destination, flip="horizontal")))
    assert names_in(destination) == [
        "00000-0-alpha.png",
        "00000-1-alpha.png",
        "00001-0-beta.png",
        "00001-1-beta.png",
    ]
    assert all(size_of(destination / name) == (64, 64) for name in names_in(destination))
    assert fingerprint(source) == before
    assert isinstance(events[0], PreprocessStarted)
    assert events[0].total == 2
    assert events[-1] == PreprocessFinished(written=4, skipped=0)


def test_a_picture_with_the_longest_name_there_is_becomes_one_with_a_shorter(
    source: Path, save: Any, tmp_path: Path
) -> None:
    save("é" * 125 + ".png", (64, 64))
    events = list(preprocess(config_of(source, tmp_path / "out", flip="horizontal")))
    assert events[-1] == PreprocessFinished(written=2, skipped=0)
    assert names_in(tmp_path / "out")[0] == "00000-0-" + "é" * 100 + ".png"


@pytest.mark.parametrize("folder", ["~nobody-has-this-name/photos", "n" * 5000])
def test_a_source_that_cannot_be_is_refused_in_a_sentence(folder: str, tmp_path: Path) -> None:
    config = from_mapping(PreprocessConfig, {"source": folder, "destination": str(tmp_path / "out")})
    with pytest.raises(DatasetError, match="is not a folder"):
        preprocess(config, default_size=64)


def test_unreadable_files_are_named_and_skipped_and_consume_their_number(
    source: Path, save: Any, tmp_path: Path
) -> None:
    (source / "a.png").write_bytes(b"no picture")
    save("b.png", (64, 64))
    events = list(preprocess(config_of(source, tmp_path / "out")))
    skipped = [event for event in events if isinstance(event, PictureSkipped)]
    assert [event.source.name for event in skipped] == ["a.png"]
    assert "a.png" in skipped[0].reason
    assert names_in(tmp_path / "out") == ["00001-0-b.png"]
    assert events[-1] == PreprocessFinished(written=1, skipped=1)


def test_existing_captions_come_along_by_default(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (64, 64), caption="red hair\n")
    list(preprocess(config_of(source, tmp_path / "out", flip="horizontal")))
    assert (tmp_path / "out" / "00000-0-a.txt").read_text(encoding="utf-8") == "red hair"
    assert (tmp_path / "out" / "00000-1-a.txt").read_text(encoding="utf-8") == "red hair"


def test_file_name_captions_are_written_beside_the_pictures(source: Path, save: Any, tmp_path: Path) -> None:
    save("003 blue eyes.png", (64, 64))
    list(preprocess(config_of(source, tmp_path / "out", caption="filename")))
    caption = tmp_path / "out" / "00000-0-003 blue eyes.txt"
    assert caption.read_text(encoding="utf-8") == "blue eyes"


def test_a_caption_can_be_the_file_name(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (64, 64), caption="blue eyes, smile")
    list(preprocess(config_of(source, tmp_path / "out", caption_to="filename")))
    assert names_in(tmp_path / "out") == ["00000-0-blue eyes, smile.png"]


def test_a_caption_that_is_left_out_is_said(source: Path, save: Any, tmp_path: Path) -> None:
    save("smile.png", (64, 64), caption="blue eyes")
    events = list(preprocess(config_of(source, tmp_path / "out", caption="filename")))
    assert (tmp_path / "out" / "00000-0-smile.txt").read_text(encoding="utf-8") == "smile"
    assert '"blue eyes" was left out' in notes_of(events)


def test_an_unreadable_caption_is_said_and_the_picture_is_kept(
    source: Path, save: Any, tmp_path: Path
) -> None:
    save("a.png", (64, 64))
    (source / "a.txt").write_bytes(b"\x81\xff")
    events = list(preprocess(config_of(source, tmp_path / "out")))
    assert names_in(tmp_path / "out") == ["00000-0-a.png"]
    assert "a.txt can't be read" in notes_of(events)


def test_a_dry_run_tells_everything_and_writes_nothing(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (32, 64), caption="smile")
    settings = config_of(source, tmp_path / "out", focal_crop=True, focal_debug=True)
    dry = list(preprocess(settings, dry_run=True))
    assert not (tmp_path / "out").exists()
    assert list(preprocess(settings)) == dry
    assert names_in(tmp_path / "out") == ["00000-0-a.png", "00000-0-a.txt", "debug/00000-0-a.png"]


def test_stopping_is_asked_before_each_picture(source: Path, save: Any, tmp_path: Path) -> None:
    for name in "abc":
        save(f"{name}.png", (64, 64))
    answers = iter([False, True])
    events = list(preprocess(config_of(source, tmp_path / "out"), interrupted=lambda: next(answers)))
    assert events[-1] == PreprocessInterrupted(written=1, skipped=0, remaining=2)
    assert names_in(tmp_path / "out") == ["00000-0-a.png"]


def test_source_and_destination_must_differ_however_they_are_spelled(
    source: Path, save: Any, tmp_path: Path
) -> None:
    save("a.png", (64, 64))
    (tmp_path / "link").symlink_to(source, target_is_directory=True)
    for destination in (source, source / ".." / "source", tmp_path / "link"):
        with pytest.raises(ConfigError, match="same folder") as caught:
            preprocess(config_of(source, destination))
        assert caught.value.field == "destination"
    assert names_in(source) == ["a.png"]


def test_debug_pictures_are_not_written_into_the_source(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (64, 64))
    source = source.rename(tmp_path / "debug")
    with pytest.raises(ConfigError, match="same folder"):
        preprocess(config_of(source, tmp_path, focal_crop=True, focal_debug=True))
    assert names_in(source) == ["a.png"]


def test_the_destination_may_lie_inside_the_source(source: Path, save: Any) -> None:
    save("a.png", (64, 64))
    for subfolders in (False, True, True):
        settings = config_of(source, source / "training", subfolders=subfolders)
        last = list(preprocess(settings))[-1]
        assert isinstance(last, PreprocessFinished)
        assert last.written + last.unchanged == 1
    assert names_in(source) == ["a.png", "training/00000-0-a.png"]


def test_a_destination_that_holds_pictures_is_said(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (64, 64))
    list(preprocess(config_of(source, tmp_path / "out")))
    Image.new("RGB", (8, 8)).save(tmp_path / "out" / "mine.png")
    notes = notes_of(list(preprocess(config_of(source, tmp_path / "out"))))
    assert "holds 1 pictures of earlier runs" in notes
    assert "already holds 1 pictures that are not of earlier runs" in notes


def test_an_older_caption_beside_a_new_picture_is_said(source: Path, save: Any, tmp_path: Path) -> None:
    path = save("a.png", (64, 64), caption="old words")
    list(preprocess(config_of(source, tmp_path / "out")))
    path.with_suffix(".txt").unlink()
    events = list(preprocess(config_of(source, tmp_path / "out")))
    assert "00000-0-a.txt, stays beside" in notes_of(events)


def test_a_destination_that_is_a_file_is_refused(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (64, 64))
    (tmp_path / "out").touch()
    with pytest.raises(ConfigError, match="is a file"):
        preprocess(config_of(source, tmp_path / "out"))


def test_a_missing_source_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not a folder"):
        preprocess(config_of(tmp_path / "nowhere", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_captioner_that_is_not_there_is_refused_before_anything_is_made(
    source: Path, save: Any, tmp_path: Path
) -> None:
    save("a.png", (64, 64))
    settings = {"caption": "blip", "caption_model": str(tmp_path / "nowhere")}
    with pytest.raises(InputError, match="nowhere"):
        preprocess(config_of(source, tmp_path / "out", **settings))
    assert not (tmp_path / "out").exists()


def test_an_empty_size_is_the_default_size(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (64, 64))
    list(preprocess(config_of(source, tmp_path / "out", width=None, height=72), default_size=128))
    assert size_of(tmp_path / "out" / "00000-0-a.png") == (128, 72)
    with pytest.raises(ConfigError, match="Width or height is empty"):
        preprocess(config_of(source, tmp_path / "out", width=None))


def test_a_shape_that_no_size_suits_is_cropped_and_told(source: Path, save: Any, tmp_path: Path) -> None:
    save("banner.png", (2000, 100))
    events = list(preprocess(config_of(source, tmp_path / "out", auto_size=True)))
    assert isinstance(events[1], PictureDone)
    assert "found no size" in events[1].notes[0]


def test_a_full_disk_is_an_error_that_keeps_what_was_written(
    source: Path, save: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        save(f"{name}.png", (64, 64))
    real = destination_module.write_atomically

    def full_from_b_on(path: Path, data: bytes) -> None:
        if "b" in path.stem:
            raise StorageError("Writing failed: No space left on device.")
        real(path, data)

    monkeypatch.setattr(destination_module, "write_atomically", full_from_b_on)
    events = []
    with pytest.raises(StorageError, match="No space left"):
        events.extend(preprocess(config_of(source, tmp_path / "out", workers=1)))
    assert names_in(tmp_path / "out") == ["00000-0-a.png"]
    monkeypatch.undo()
    last = list(preprocess(config_of(source, tmp_path / "out")))[-1]
    assert last == PreprocessFinished(written=1, skipped=0, unchanged=1)


def test_pictures_of_one_stem_do_not_collide(source: Path, save: Any, tmp_path: Path) -> None:
    save("a.png", (64, 64))
    save("a.jpg", (64, 64))
    events = list(preprocess(config_of(source, tmp_path / "out")))
    assert [event.outputs[0].name for event in events if isinstance(event, PictureDone)] == [
        "00000-0-a.png",
        "00001-0-a.png",
    ]
