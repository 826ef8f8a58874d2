"""A folder of every kind of file, through the command line: right pictures, right captions, right reasons."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.cli import main

from .odd_pictures import RED, SIZE, SOUND, Broken, Sound, broken

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse some of the names")


@dataclass(frozen=True)
class Run:
    """A finished run: the folder, what was made of it, and what was expected."""

    source: Path
    destination: Path
    sound: list[Sound]
    broken: list[Broken]
    report: dict[str, Any]
    status: int
    before: dict[str, str]

    def written(self) -> dict[str, dict[str, Any]]:
        return {Path(item["source"]).name: item for item in self.report["written"]}


def contents(folder: Path) -> dict[str, str]:
    """What each entry below a folder is: a hash, where a link leads, or what else it is."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        elif path.is_file():
            found[name] = f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mtime_ns}"
        else:
            found[name] = f"mode {path.stat().st_mode:o}"
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`preprocess` over the whole folder, with masks in it and a caption in reach of each picture."""
    root = tmp_path_factory.mktemp("odd")
    source, destination = root / "source", root / "out"
    (source / "mask").mkdir(parents=True)
    sound = [expected for make in SOUND for expected in make(source)]
    Image.new("L", SIZE, 255).save(source / "rgb-masklabel.png")
    Image.new("L", SIZE, 128).save(source / "mask" / "grey.png")
    unreadable = broken(source)
    (source / os.fsdecode(b"caf\xe9.png")).write_bytes((source / "rgb.png").read_bytes())
    before = contents(source)
    report = root / "report.json"
    arguments = [
        "preprocess",
        source,
        destination,
        "--width",
        64,
        "--height",
        64,
        "--existing-caption",
        "copy",
    ]
    status = main([*map(str, arguments), "--report", str(report), "--data-dir", str(root / "data")])
    told = json.loads(report.read_text(encoding="utf-8"))
    return Run(source, destination, sound, unreadable, told, status, before)


def test_there_are_at_least_forty_kinds_of_files(run: Run) -> None:
    assert run.status == 0
    assert len(run.sound) >= 40
    assert len(run.broken) >= 15


def test_every_sound_file_became_a_picture_of_the_target_size_and_the_right_colour(run: Run) -> None:
    written = run.written()
    wrong = []
    for expected in run.sound:
        (output,) = written[expected.name]["outputs"]
        with Image.open(output) as picture:
            seen = picture.getpixel((32, 32))
            near = all(abs(a - b) <= 12 for a, b in zip(seen, expected.color, strict=True))
            if (picture.format, picture.mode, picture.size) != ("PNG", "RGB", (64, 64)) or not near:
                wrong.append((expected.name, picture.mode, picture.size, seen, expected.color))
    assert wrong == []


def test_every_caption_arrived_and_no_other_did(run: Run) -> None:
    written = run.written()
    captions = {}
    for expected in run.sound:
        beside = Path(written[expected.name]["outputs"][0]).with_suffix(".txt")
        captions[expected.name] = beside.read_text(encoding="utf-8") if beside.exists() else ""
    assert captions == {expected.name: expected.caption for expected in run.sound}


def test_what_is_odd_about_a_file_is_told_and_nothing_of_others(run: Run) -> None:
    written = run.written()
    for expected in run.sound:
        notes = written[expected.name]["notes"]
        assert expected.note in " ".join(notes), expected.name
        assert bool(notes) == bool(expected.note), (expected.name, notes)


def test_every_broken_file_is_named_with_one_sentence(run: Run) -> None:
    skipped = {Path(item["source"]).name: item["reason"] for item in run.report["skipped"]}
    assert set(skipped) == {expected.name for expected in run.broken}
    for expected in run.broken:
        reason = skipped[expected.name]
        assert re.search(expected.reason, reason), (expected.name, reason)
        assert reason.startswith(expected.name)
        assert "\n" not in reason
        assert len(reason) < 250
        assert str(run.source) not in reason


def test_nothing_is_left_out_silently(run: Run) -> None:
    told = len(run.report["written"]) + len(run.report["skipped"])
    # captions and masks aren't pictures; all else is told of, the name in no encoding too
    assert told == run.report["total"] == len(run.sound) + len(run.broken) + 1


def test_a_name_in_no_encoding_does_no_harm(run: Run) -> None:
    (item,) = (item for item in run.report["written"] if "caf" in item["source"])
    (output,) = item["outputs"]
    with Image.open(output) as picture:
        assert picture.getpixel((32, 32)) == RED


def test_masks_go_with_their_pictures_and_are_none_themselves(run: Run) -> None:
    written = run.written()
    for name, light in (("rgb.png", 255), ("grey.png", 128)):
        output = Path(written[name]["outputs"][0])
        with Image.open(output.with_name(f"{output.stem}-masklabel.png")) as mask:
            assert (mask.mode, mask.size, mask.getpixel((32, 32))) == ("L", (64, 64), light)
    assert not [item for item in run.report["written"] if "masklabel" in item["source"]]


def test_the_source_is_as_it_was(run: Run) -> None:
    assert contents(run.source) == run.before
