"""A second run over the same folder does only what has changed."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.preprocessing.events import PictureDone, PictureUnchanged, PreprocessFinished
from traintab.preprocessing.record import RECORD_NAME
from traintab.preprocessing.run import preprocess

from .runs import notes_of, of_kind, pictures_in, state_of, what_happened


def test_nothing_is_written_again_when_nothing_has_changed(save: Any, again: Any, out: Path) -> None:
    save("a.png", (64, 80), caption="red")
    save("b.png", (80, 64))
    again(flip="horizontal")
    before = state_of(out)
    events = again(flip="horizontal")
    assert what_happened(events) == {"a.png": "unchanged", "b.png": "unchanged"}
    assert [path.name for path in of_kind(events, PictureUnchanged)[0].outputs] == [
        "00000-0-a.png",
        "00000-1-a.png",
    ]
    assert events[-1] == PreprocessFinished(written=0, skipped=0, unchanged=2)
    assert state_of(out) == before


def test_a_file_that_was_only_touched_is_unchanged(save: Any, again: Any) -> None:
    path = save("a.png", (64, 64))
    again()
    os.utime(path)
    assert what_happened(again()) == {"a.png": "unchanged"}


@pytest.mark.parametrize("what", ["picture", "caption", "mask"])
def test_a_changed_file_is_done_again_alone(
    save: Any, again: Any, source: Path, out: Path, what: str
) -> None:
    for name in "ab":
        save(f"{name}.png", (64, 64), caption="red")
    again()
    if what == "picture":
        save("b.png", (64, 64), "blue")
    elif what == "caption":
        (source / "b.txt").write_text("blue", encoding="utf-8")
    else:
        Image.new("L", (64, 64), 255).save(source / "b-masklabel.png")
    assert what_happened(again()) == {"a.png": "unchanged", "b.png": "done"}
    with Image.open(out / "00001-0-b.png") as picture:
        assert picture.getpixel((0, 0)) == ((0, 0, 255) if what == "picture" else (255, 0, 0))
    assert (out / "00001-0-b.txt").read_text(encoding="utf-8") == ("blue" if what == "caption" else "red")
    assert (out / "00001-0-b-masklabel.png").exists() == (what == "mask")


def test_other_settings_make_all_anew_and_take_away_what_they_replace(
    save: Any, again: Any, out: Path
) -> None:
    save("a.png", (64, 64), caption="red")
    again(flip="horizontal")
    assert what_happened(again(output_format="webp")) == {"a.png": "done"}
    assert sorted(path.name for path in out.iterdir() if path.name != RECORD_NAME) == [
        "00000-0-a.txt",
        "00000-0-a.webp",
    ]


@pytest.mark.parametrize(
    "unimportant", [{"focal_debug": True}, {"split_overlap": 0.5}, {"quality": 50}, {"workers": 1}]
)
def test_settings_that_change_no_picture_are_no_reason(
    save: Any, again: Any, unimportant: dict[str, Any]
) -> None:
    save("a.png", (64, 64))
    again()
    assert what_happened(again(**unimportant)) == {"a.png": "unchanged"}


def test_known_files_keep_their_numbers_and_new_ones_take_the_next(save: Any, again: Any, out: Path) -> None:
    save("b.png", (64, 64))
    save("d.png", (64, 64))
    again()
    for name in ("a", "c"):
        save(f"{name}.png", (64, 64))
    again()
    assert pictures_in(out) == ["00000-0-b.png", "00001-0-d.png", "00002-0-a.png", "00003-0-c.png"]


def test_a_skipped_file_keeps_its_number_for_when_it_is_mended(
    save: Any, again: Any, source: Path, out: Path
) -> None:
    (source / "a.png").write_bytes(b"no picture")
    save("b.png", (64, 64))
    again()
    save("a.png", (64, 64))
    assert what_happened(again()) == {"a.png": "done", "b.png": "unchanged"}
    assert pictures_in(out) == ["00000-0-a.png", "00001-0-b.png"]


def test_a_picture_that_breaks_later_leaves_what_was_made_of_it(
    save: Any, again: Any, source: Path, out: Path
) -> None:
    save("a.png", (64, 64))
    again()
    (source / "a.png").write_bytes(b"no picture")
    assert what_happened(again()) == {"a.png": "skipped"}
    save("a.png", (64, 64))
    again()
    assert pictures_in(out) == ["00000-0-a.png"]


def test_files_that_are_gone_from_the_source_are_told_and_their_pictures_stay(
    save: Any, again: Any, out: Path
) -> None:
    path = save("a.png", (64, 64))
    save("b.png", (64, 64))
    again()
    path.unlink()
    events = again()
    assert "1 files of earlier runs are no longer in the source" in notes_of(events)
    assert pictures_in(out) == ["00000-0-a.png", "00001-0-b.png"]


def test_a_picture_that_was_deleted_is_made_again(save: Any, again: Any, out: Path) -> None:
    save("a.png", (64, 64))
    again()
    (out / "00000-0-a.png").unlink()
    assert what_happened(again()) == {"a.png": "done"}
    assert pictures_in(out) == ["00000-0-a.png"]


@pytest.mark.parametrize("damage", [b"", b"not ours\n", b"\xff\xfe\x00"])
def test_without_its_record_a_run_finds_its_own_pictures_by_their_bytes(
    save: Any, again: Any, out: Path, damage: bytes
) -> None:
    save("a.png", (64, 64), caption="red")
    again()
    before = {name: state for name, state in state_of(out).items() if name != RECORD_NAME}
    (out / RECORD_NAME).write_bytes(damage)
    events = again()
    assert "is damaged or not this program's" in notes_of(events)
    assert what_happened(events) == {"a.png": "unchanged"}
    assert {name: state for name, state in state_of(out).items() if name != RECORD_NAME} == before
    assert "damaged" not in notes_of(again())


def test_a_record_that_was_torn_costs_one_picture(save: Any, again: Any, out: Path) -> None:
    for name in "abc":
        save(f"{name}.png", (64, 64))
    again()
    record = out / RECORD_NAME
    record.write_bytes(record.read_bytes()[:-40])
    (out / "00002-0-c.png").unlink()
    events = again()
    assert "1 lines of the record" in notes_of(events)
    assert what_happened(events) == {"a.png": "unchanged", "b.png": "unchanged", "c.png": "done"}
    assert pictures_in(out) == ["00000-0-a.png", "00001-0-b.png", "00002-0-c.png"]


def test_two_folders_can_go_into_one_destination(save: Any, again: Any, source: Path, out: Path) -> None:
    save("a.png", (64, 64))
    again()
    other = source.parent / "other"
    other.mkdir()
    Image.new("RGB", (64, 64), "blue").save(other / "a.png")
    assert f"also holds pictures of {source}." in notes_of(again(source=str(other)))
    assert pictures_in(out) == ["00000-0-a.png", "00001-0-a.png"]
    assert what_happened(again()) == what_happened(again(source=str(other))) == {"a.png": "unchanged"}


def test_a_dry_run_tells_what_is_unchanged_and_what_is_in_the_way(save: Any, again: Any, out: Path) -> None:
    for name in "abc":
        save(f"{name}.png", (64, 64))
    again()
    save("b.png", (64, 64), "blue")
    save("c.png", (64, 64), "blue")
    Image.new("RGB", (8, 8)).save(out / "00002-0-c.png")
    before = state_of(out)
    told = again(dry_run=True)
    assert what_happened(told) == {"a.png": "unchanged", "b.png": "done", "c.png": "skipped"}
    assert state_of(out) == before
    assert again() == told


def test_an_interrupted_run_goes_on_where_it_was(save: Any, source: Path, out: Path, again: Any) -> None:
    for number in range(9):
        save(f"{number}.png", (64, 64))
    answers = iter([False] * 3 + [True])
    stopped = list(preprocess(again.config(workers=1), interrupted=lambda: next(answers)))
    done = len(of_kind(stopped, PictureDone))
    assert 0 < done < 9
    assert len(pictures_in(out)) == stopped[-1].written == done == 9 - stopped[-1].remaining
    assert Counter(what_happened(again()).values()) == {"unchanged": done, "done": 9 - done}


def test_a_run_that_was_killed_before_it_could_record_makes_no_second_copy(
    save: Any, again: Any, out: Path, source: Path
) -> None:
    (source / "0.png").write_bytes(b"no picture")
    for name in "abc":
        save(f"{name}.png", (64, 64))
    again()
    record = out / RECORD_NAME
    record.write_bytes(b"".join(record.read_bytes().splitlines(keepends=True)[:-1]))
    assert what_happened(again())["c.png"] == "unchanged"
    assert pictures_in(out) == ["00001-0-a.png", "00002-0-b.png", "00003-0-c.png"]


def test_destinations_of_earlier_runs_are_not_searched_with_the_subfolders(
    save: Any, again: Any, source: Path
) -> None:
    save("a.png", (64, 64))
    again(destination=str(source / "small"))
    events = again(destination=str(source / "large"), subfolders=True, width=128, height=128)
    assert what_happened(events) == {"a.png": "done"}
    assert f"{source / 'small'} holds training pictures of an earlier run" in notes_of(events)
    assert what_happened(again(source=str(source / "small"))) == {"00000-0-a.png": "done"}
