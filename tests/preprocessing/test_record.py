from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from traintab.errors import StorageError
from traintab.preprocessing.record import RECORD_NAME, Entry, Stamp, read_record, stamp_of

ROOT = Path("/pictures")


def entry_of(source: str, number: int, **more: object) -> Entry:
    stamp = Stamp(size=3, mtime_ns=5, sha256="ab")
    files = {f"{number:05d}-0-{Path(source).stem}.png": stamp}
    return replace(
        Entry(root=str(ROOT), source=source, number=number, stamp=stamp, settings="s", files=files), **more
    )


def recorded(folder: Path, *entries: Entry) -> None:
    record = read_record(folder, ROOT)
    for entry in entries:
        record.add(entry)
    record.close()


def test_what_was_added_is_known_next_time(tmp_path: Path) -> None:
    entry = entry_of("süß/a\udcff.png", 3, texts={"00003-0-a.txt": "cd"})
    recorded(tmp_path, entry)
    record = read_record(tmp_path, ROOT)
    assert record.entry("süß/a\udcff.png") == entry
    assert record.problem == ""
    assert (record.number_of("süß/a\udcff.png"), record.number_of("new.png")) == (3, 4)
    assert record.files() == {"00003-0-a\udcff.png", "00003-0-a.txt"}


def test_an_entry_is_on_the_disk_as_soon_as_it_is_added(tmp_path: Path) -> None:
    record = read_record(tmp_path, ROOT)
    record.add(entry_of("a.png", 0))
    assert read_record(tmp_path, ROOT).entry("a.png") == entry_of("a.png", 0)
    record.close()


def test_the_newest_entry_of_a_source_counts_and_old_lines_go(tmp_path: Path) -> None:
    recorded(tmp_path, entry_of("a.png", 0), entry_of("b.png", 1))
    recorded(tmp_path, entry_of("a.png", 0, settings="t"))
    recorded(tmp_path, entry_of("b.png", 1, settings="t"))
    record = read_record(tmp_path, ROOT)
    assert [record.entry(name).settings for name in ("a.png", "b.png")] == ["t", "t"]
    recorded(tmp_path, entry_of("c.png", 2))
    assert len((tmp_path / RECORD_NAME).read_bytes().splitlines()) == 1 + 3


def test_a_skipped_source_keeps_its_number_and_hides_nothing(tmp_path: Path) -> None:
    skipped = Entry(root=str(ROOT), source="a.png", number=0)
    recorded(tmp_path, skipped)
    assert not (tmp_path / RECORD_NAME).exists()
    recorded(tmp_path, skipped, entry_of("b.png", 1))
    assert read_record(tmp_path, ROOT).number_of("a.png") == 0
    recorded(tmp_path, replace(skipped, source="b.png", number=1))
    record = read_record(tmp_path, ROOT)
    assert record.entry("b.png") == entry_of("b.png", 1)
    assert record.sources == {"b.png"}


def test_other_folders_have_entries_and_numbers_of_their_own(tmp_path: Path) -> None:
    recorded(tmp_path, entry_of("a.png", 4))
    other = read_record(tmp_path, Path("/others"))
    assert (other.entry("a.png"), other.number_of("a.png"), other.sources) == (None, 5, frozenset())


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b"\xff\xff",
        b"[" * 100_000,
        json.dumps({"root": "/pictures", "source": "a", "number": 1}).encode(),
        entry_of("a.png", 0).to_line().replace(b'"a.png"', b"[1]"),
        entry_of("a.png", 0).to_line().replace(b'"number":0', b'"number":-1'),
    ],
    ids=lambda line: line[:12].decode("latin-1"),
)
def test_a_line_that_is_no_entry_is_told_and_the_others_count(tmp_path: Path, line: bytes) -> None:
    recorded(tmp_path, entry_of("a.png", 0), entry_of("b.png", 1))
    path = tmp_path / RECORD_NAME
    header, first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(header + first + line.rstrip() + b"\n" + second)
    record = read_record(tmp_path, ROOT)
    assert "1 lines of the record" in record.problem
    assert record.entry("b.png") == entry_of("b.png", 1)


@pytest.mark.parametrize("place", ["../../home.png", "/etc/passwd", "a/../../b.png"])
def test_a_record_never_leads_out_of_its_folder(tmp_path: Path, place: str) -> None:
    """What it names may be replaced and removed."""
    evil = entry_of("a.png", 0, files={place: Stamp(size=3, mtime_ns=5, sha256="ab")})
    recorded(tmp_path, evil)
    record = read_record(tmp_path, ROOT)
    assert record.entry("a.png") is None
    assert "1 lines of the record" in record.problem


def test_a_record_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / RECORD_NAME).mkdir()
    record = read_record(tmp_path, ROOT)
    assert "can't be read" in record.problem
    with pytest.raises(StorageError, match="Writing"):
        record.add(entry_of("a.png", 0))


def test_a_stamp_fits_the_file_as_long_as_its_content_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"red")
    stamp = stamp_of(path)
    assert stamp.size == 3
    os.utime(path, ns=(1, 1))
    assert stamp.fits(path)
    path.write_bytes(b"tan")
    assert not stamp.fits(path)
    path.unlink()
    assert not stamp.fits(path)


def test_a_folder_that_cannot_be_made_has_no_record_that_could_be_unreadable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert read_record(tmp_path / "file" / "out", ROOT).problem == ""
