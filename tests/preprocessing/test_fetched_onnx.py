"""The usual tagger and background model, from a server that stands for the hub to the files."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import onnx
import pytest
from PIL import Image

from traintab.configs import BackgroundConfig, FilesConfig, PreprocessConfig
from traintab.preprocessing import PreprocessFinished, PreprocessInterrupted, background_files, preprocess
from traintab.preprocessing.background_files import KNOWN_MODELS
from traintab.preprocessing.captioners import CaptionerMeans

TAGGER = "SmilingWolf/wd-vit-tagger-v3"


@pytest.fixture
def hub(small_hub: Any, tiny_onnx: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A hub with small models by the usual names, beside files that nobody asks for."""
    server = small_hub.SmallHub()
    folder = tiny_onnx.save_tagger(tmp_path / "made" / "tagger", {"1girl": 0.99, "cat": 0.2})
    tagger = {path.name: path.read_bytes() for path in folder.iterdir()}
    model = large(tiny_onnx.save_background(tmp_path / "made" / "u2net.onnx", size=(16, 16)))
    server.repositories[TAGGER] = {**tagger, "model.safetensors": b"weights", "README.md": b"about"}
    server.repositories[KNOWN_MODELS["u2net"].repository] = {"u2net.onnx": model, "other.onnx": b"another"}
    known = replace(KNOWN_MODELS["u2net"], sha256=hashlib.sha256(model).hexdigest())
    monkeypatch.setattr(background_files, "KNOWN_MODELS", KNOWN_MODELS | {"u2net": known})
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", small_hub.CHUNK)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("U2NET_HOME", str(tmp_path / "nothing of rembg"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def large(path: Path) -> bytes:
    """The model of a file with two megabytes about it, so that there is something to wait for."""
    model = onnx.load(str(path))
    model.metadata_props.add(key="about", value="-" * 2_000_000)
    return bytes(model.SerializeToString())


@pytest.fixture
def config(source: Path, tmp_path: Path) -> PreprocessConfig:
    """Tags and masks of four pictures, by models that are named nowhere."""
    for number in range(4):
        image = Image.new("RGB", (80, 80), "blue")
        image.paste("red", (20, 20, 60, 60))
        image.save(source / f"{number}.png")
    return PreprocessConfig(
        source=str(source),
        destination=str(tmp_path / "prepared"),
        width=64,
        height=64,
        caption="tags",
        background=BackgroundConfig(background="mask"),
        files=FilesConfig(workers=4),
    )


def means_for(
    tmp_path: Path, told: list[str], interrupted: Callable[[], bool] = lambda: False
) -> CaptionerMeans:
    return CaptionerMeans(
        models_dir=tmp_path / "models", device="cpu", report=told.append, interrupted=interrupted
    )


def test_what_is_needed_is_fetched_once_and_nothing_else(
    hub: Any, config: PreprocessConfig, tmp_path: Path
) -> None:
    hub.pause, told = 0.02, []
    events = list(preprocess(config, means=means_for(tmp_path, told)))
    assert isinstance(events[-1], PreprocessFinished)
    assert sorted(hub.fetched()) == ["model.onnx", "selected_tags.csv", "u2net.onnx"]
    names = sorted(path.name for path in (tmp_path / "prepared").glob("0*"))
    assert names[:3] == ["00000-0-0-masklabel.png", "00000-0-0.png", "00000-0-0.txt"]
    assert (tmp_path / "prepared" / "00003-0-3.txt").read_text() == "1girl"
    assert told.count(f"Looking up {TAGGER} on the Hugging Face Hub.") == 1
    assert any(re.search(r"^Fetching u2net\.onnx of .*: \d of 2 MB\.", sentence) for sentence in told)


def test_a_run_that_is_stopped_while_it_fetches_is_interrupted_and_no_error(
    hub: Any, config: PreprocessConfig, tmp_path: Path
) -> None:
    hub.pause, told = 0.05, []

    def interrupted() -> bool:
        return any("Fetching" in sentence for sentence in told)

    events = list(preprocess(config, interrupted=interrupted, means=means_for(tmp_path, told, interrupted)))
    assert isinstance(events[-1], PreprocessInterrupted)
    assert events[-1].written == 0
