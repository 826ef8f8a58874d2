"""Models from the Hugging Face Hub, for which a small server stands in."""

from __future__ import annotations

import errno
import hashlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from traintab.errors import ModelError, StorageError
from traintab.file_lock import FileLock
from traintab.models.fetching import FetchInterrupted, fetch_model
from traintab.models.model_files import ModelFiles

FILES = ModelFiles(
    setting="Caption model",
    needed=("config.json",),
    useful=("*.txt", "*.json"),
    weights=("model.safetensors", "model-*-of-*.safetensors", "pytorch_model.bin"),
)
MEGABYTE = 1_000_000
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CHUNK = 1 << 16


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, small_hub: Any) -> Iterator[Any]:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", CHUNK)
    server = small_hub.SmallHub()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(model: str, models_dir: Path, *, interrupted: Any = lambda: False) -> tuple[Path, list[str]]:
    told: list[str] = []
    return fetch_model(model, FILES, models_dir, report=told.append, interrupted=interrupted), told


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


WHOLE = {
    "config.json": b"{}",
    "vocab.txt": b"a",
    "model.safetensors": b"w" * 3_000_000,
    "pytorch_model.bin": b"older",
    "README.md": b"# long",
    "onnx/model.safetensors": b"another format",
    "modeling_new.py": b"raise SystemExit",
}


def test_only_the_files_that_are_wanted_come_and_the_weights_last(hub: Any, tmp_path: Path) -> None:
    hub.repositories["maker/model"] = WHOLE
    folder, _told = fetch("maker/model", tmp_path)
    assert folder == tmp_path / "maker--model"
    assert contents(folder) == {
        name: WHOLE[name] for name in ("config.json", "vocab.txt", "model.safetensors")
    }
    assert hub.fetched() == ["config.json", "vocab.txt", "model.safetensors"]


def test_old_weights_come_where_there_are_no_others(hub: Any, tmp_path: Path) -> None:
    hub.repositories["maker/old"] = {"config.json": b"{}", "pytorch_model.bin": b"older", "tf_model.h5": b"x"}
    assert sorted(contents(fetch("maker/old", tmp_path)[0])) == ["config.json", "pytorch_model.bin"]


def test_progress_is_told_in_megabytes(hub: Any, tmp_path: Path) -> None:
    hub.repositories["maker/model"], hub.pause = WHOLE, 0.03
    _folder, told = fetch("maker/model", tmp_path)
    assert told[0] == "Looking up maker/model on the Hugging Face Hub."
    megabytes = [line for line in told if "model.safetensors" in line]
    assert "Fetching model.safetensors of maker/model: 1 of 3 MB." in megabytes
    assert len(megabytes) == len(set(megabytes)), "no sentence twice"


def test_what_was_fetched_is_used_without_the_network(hub: Any, tmp_path: Path) -> None:
    hub.repositories["maker/model"] = WHOLE
    fetch("maker/model", tmp_path)
    hub.asked.clear()
    hub.refusal = (500, "")
    folder, told = fetch("maker/model", tmp_path)
    assert (folder / "model.safetensors").stat().st_size == 3_000_000
    assert hub.asked == [] and told == []


def test_a_folder_that_was_filled_by_hand_is_used_without_the_network(tmp_path: Path) -> None:
    for folder in (tmp_path / "maker--model", tmp_path / "elsewhere"):
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "pytorch_model.bin").write_bytes(b"w")
    assert fetch("maker/model", tmp_path)[0] == tmp_path / "maker--model"
    assert fetch(str(tmp_path / "elsewhere"), tmp_path) == (tmp_path / "elsewhere", [])


def test_an_interrupted_fetch_stops_soon_and_goes_on_where_it_was(hub: Any, tmp_path: Path) -> None:
    hub.repositories["maker/model"], hub.pause = {**WHOLE, "model.safetensors": b"w" * 20_000_000}, 0.02

    def some_came() -> bool:
        half = list(tmp_path.rglob("model.safetensors.*"))
        return any(path.stat().st_size > 1_000_000 for path in half)

    begun = time.monotonic()
    with pytest.raises(FetchInterrupted):
        fetch("maker/model", tmp_path, interrupted=some_came)
    assert time.monotonic() - begun < 4
    assert not (tmp_path / "maker--model" / "model.safetensors").exists()
    hub.pause = 0.0
    folder, _told = fetch("maker/model", tmp_path)
    assert (folder / "model.safetensors").read_bytes() == b"w" * 20_000_000
    assert re.fullmatch(r"model.safetensors from \d{7,}", hub.fetched()[-1]), "the rest only"
    assert sorted(contents(folder)) == ["config.json", "model.safetensors", "vocab.txt"]
    assert not (folder / ".fetching").exists(), "no part is left behind"
    assert hub.fetched().count("config.json") == 1, "and no file twice"


def part_name(name: str) -> str:
    """A half-fetched file's, for the revision that the hub tells of."""
    return f"{name}.{hashlib.sha256(COMMIT.encode()).hexdigest()[:12]}"


def test_a_second_run_waits_for_the_first_and_fetches_nothing(hub: Any, tmp_path: Path) -> None:
    hub.repositories["maker/model"], hub.pause = WHOLE, 0.02
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(fetch("maker/model", tmp_path)[1])) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hub.fetched() == ["config.json", "vocab.txt", "model.safetensors"]
    assert "maker/model is being fetched by this program; waiting for it." in [*found[0], *found[1]]


def test_waiting_for_another_run_can_be_interrupted(hub: Any, tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "maker--model" / ".fetching" / "lock")
    assert lock.acquire()
    with pytest.raises(FetchInterrupted):
        fetch("maker/model", tmp_path, interrupted=lambda: True)
    lock.release()


def test_bytes_that_changed_on_the_way_are_thrown_away(hub: Any, tmp_path: Path) -> None:
    hub.repositories["maker/model"] = WHOLE
    part = tmp_path / "maker--model" / ".fetching" / part_name("model.safetensors")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"damaged")
    assert "its checksum is wrong" in refusal("maker/model", tmp_path)
    folder, _told = fetch("maker/model", tmp_path)
    assert (folder / "model.safetensors").read_bytes() == WHOLE["model.safetensors"]


def test_a_silent_network_can_be_left(hub: Any, tmp_path: Path) -> None:
    hub.repositories["maker/model"] = {**WHOLE, "config.json": b" " * (2 * CHUNK)}
    hub.pause = 1.5  # after the first chunk
    begun = time.monotonic()
    with pytest.raises(FetchInterrupted):
        fetch("maker/model", tmp_path, interrupted=lambda: time.monotonic() - begun > 0.5)
    assert time.monotonic() - begun < 4.5


def refusal(model: str, tmp_path: Path, kind: type[Exception] = ModelError) -> str:
    with pytest.raises(kind) as refused:
        fetch(model, tmp_path)
    return str(refused.value)


def test_without_a_network_the_error_says_where_to_put_which_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
    told = refusal("maker/model", tmp_path)
    assert told.startswith("Fetching maker/model failed: the Hugging Face Hub can't be reached")
    assert "put its files (config.json, model.safetensors and the other small ones) into" in told
    assert str(tmp_path / "maker--model") in told
    assert "give their folder as 'Caption model'" in told


def test_offline_by_choice_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert "can't be reached (OfflineModeIsEnabled" in refusal("maker/model", tmp_path)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, "RepoNotFound", "the Hugging Face Hub knows no maker/model"),
        (403, "GatedRepo", "its owner asks you to agree to terms"),
        (500, "", "can't be reached (HfHubHTTPError"),
        (200, "", "can't be reached (JSONDecodeError"),
    ],
)
def test_what_the_hub_refuses_is_told(hub: Any, tmp_path: Path, status: int, code: str, said: str) -> None:
    hub.refusal = (status, code)
    assert said in refusal("maker/model", tmp_path)


def test_a_repository_of_something_else_is_refused_before_anything_is_fetched(
    hub: Any, tmp_path: Path
) -> None:
    hub.repositories["maker/words"] = {"config.json": b"{}", "vocab.txt": b"a"}
    assert "maker/words has no model.safetensors, so it is no model of this kind" in refusal(
        "maker/words", tmp_path
    )
    assert hub.fetched() == []


def test_a_server_that_tells_no_sizes_is_refused_and_leaves_no_empty_files(hub: Any, tmp_path: Path) -> None:
    hub.repositories["maker/model"], hub.tells_sizes = WHOLE, False
    assert "the server doesn't tell how large config.json is" in refusal("maker/model", tmp_path)
    assert hub.fetched() == [] and contents(tmp_path / "maker--model") == {}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_or_closed_disk_is_told(
    hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import huggingface_hub.file_download

    def full(*_arguments: object, **_options: object) -> str:
        raise OSError(number, "No space left on device")

    hub.repositories["maker/model"] = WHOLE
    monkeypatch.setattr(huggingface_hub.file_download, "http_get", full)
    assert "No space left on device. Free some disk space" in refusal("maker/model", tmp_path, StorageError)


def test_a_model_that_the_disk_has_no_room_for_is_refused_at_once(
    hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repositories["maker/model"] = WHOLE
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=2 * MEGABYTE))
    told = refusal("maker/model", tmp_path, StorageError)
    assert "takes 3 MB, and 2 MB are free" in told and hub.fetched() == []
