"""States on disk."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.errors import EmbeddingFileError
from traintab.training.run_folder import RunFolder, new_run_folder
from traintab.training.state_files import (
    read_newest_state,
    read_state,
    read_state_of,
    state_paths,
    write_state,
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return new_run_folder(tmp_path, "cat")


def state(step: int) -> dict[str, Any]:
    return {"step": step, "vectors": {"clip_l": torch.full((2, 3), float(step))}, "lines": ["a [name]"]}


def test_a_state_comes_back_as_it_was(run: RunFolder) -> None:
    loaded = read_state(write_state(run, state(7)))
    assert loaded is not None
    assert (loaded["step"], loaded["lines"]) == (7, ["a [name]"])
    assert torch.equal(loaded["vectors"]["clip_l"], torch.full((2, 3), 7.0))


def test_the_newest_two_are_kept_by_number_not_by_name(run: RunFolder) -> None:
    for step in (8, 9, 10, 100):
        write_state(run, state(step))
    assert [path.name for path in state_paths(run)] == ["state-100.pt", "state-10.pt"]


def test_the_newest_is_read(run: RunFolder) -> None:
    write_state(run, state(9))
    write_state(run, state(10))
    loaded, said = read_newest_state(run)
    assert (loaded["step"], said) == (10, "")


@pytest.mark.parametrize("keep", [0, 20, 100, -1])
def test_a_torn_state_falls_back_to_the_one_before(run: RunFolder, keep: int) -> None:
    write_state(run, state(9))
    path = write_state(run, state(10))
    path.write_bytes(path.read_bytes()[:keep])
    loaded, said = read_newest_state(run)
    assert loaded["step"] == 9
    assert said == "state-10.pt is damaged; going on from step 9."


def test_a_single_changed_bit_is_noticed(run: RunFolder) -> None:
    path = write_state(run, state(10))
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(bytes(data))
    assert read_state(path) is None


def test_without_a_whole_state_there_is_a_sentence(run: RunFolder) -> None:
    with pytest.raises(EmbeddingFileError, match=r"but there is none\. Start a new run"):
        read_newest_state(run)
    for step in (1, 2):
        write_state(run, state(step)).write_bytes(b"")
    with pytest.raises(EmbeddingFileError, match=r"state-2\.pt and state-1\.pt are damaged"):
        read_newest_state(run)


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("hacked",)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_state_is_never_run(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    stream = io.BytesIO()
    torch.save({"step": Hostile()}, stream, _use_new_zipfile_serialization=zipped)
    body = stream.getvalue()
    path = write_state(run, state(1))
    path.write_bytes(b"train-tab-state 1 " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    assert read_state(path) is None
    assert not (tmp_path / "hacked").exists()


def test_a_plain_pickle_is_no_state(run: RunFolder) -> None:
    body = pickle.dumps([1, 2], protocol=2)
    path = write_state(run, state(1))
    path.write_bytes(b"train-tab-state 1 " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    assert read_state(path) is None


def test_a_missing_file_is_no_state(tmp_path: Path) -> None:
    assert read_state(tmp_path / "none.pt") is None


def test_going_on_from_before_a_damaged_state_leaves_it_behind(run: RunFolder) -> None:
    write_state(run, state(9))
    write_state(run, state(10)).write_bytes(b"torn")
    write_state(run, state(9))
    assert [path.name for path in state_paths(run)] == ["state-9.pt"]
    assert read_newest_state(run)[1] == ""


def test_an_old_state_that_cannot_be_removed_is_no_failure(run: RunFolder, monkeypatch) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)
    for step in (8, 9, 10):
        write_state(run, state(step))
    assert len(state_paths(run)) == 3


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_a_state_stays_with_its_copy_and_is_fallen_back_to(run: RunFolder, suffix: str) -> None:
    copy = run.checkpoint(5, suffix)
    copy.parent.mkdir()
    copy.write_bytes(b"")
    for step in (4, 5, 8, 9, 10):
        write_state(run, state(step))
    assert run.state_steps() == [10, 9, 5]
    for step in (9, 10):
        run.state(step).write_bytes(b"torn")
    loaded, said = read_newest_state(run)
    assert loaded["step"] == 5
    assert said == "state-10.pt and state-9.pt is damaged; going on from step 5."


def test_the_state_of_a_step_is_read_or_the_other_steps_are_told(run: RunFolder) -> None:
    for step in (9, 10):
        write_state(run, state(step))
    assert read_state_of(run, 9)["step"] == 9
    run.state(9).write_bytes(b"torn")
    with pytest.raises(EmbeddingFileError, match=r"from step 9 .*Choose another step \(10\)"):
        read_state_of(run, 9)
