"""From a model on the hub to captions in files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import CaptioningConfig, PreprocessConfig
from traintab.errors import ModelError
from traintab.preprocessing import preprocess
from traintab.preprocessing.captioners import CaptionerMeans, load_captioner
from traintab.preprocessing.events import PreprocessFinished, PreprocessInterrupted

MODEL = "maker/tiny-blip"


@pytest.fixture
def hub(small_hub: Any, tiny_captioners: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A hub with the tiny BLIP, and one model that isn't for pictures."""
    server = small_hub.SmallHub()
    files = {path.name: path.read_bytes() for path in tiny_captioners.folder("blip").iterdir()}
    server.repositories[MODEL] = files
    server.repositories["maker/words"] = {**files, "config.json": b'{"model_type": "brand_new"}'}
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for name in ("white", "gold"):
        Image.new("RGB", (80, 60), name).save(folder / f"{name}.png")
    return folder


def config_for(source: Path, model: str = MODEL) -> PreprocessConfig:
    return PreprocessConfig(
        source=str(source),
        destination=str(source.parent / "made"),
        width=64,
        height=64,
        caption="blip",
        captioning=CaptioningConfig(caption_model=model, caption_min_length=1, caption_max_length=12),
    )


def means_for(tmp_path: Path, told: list[str], interrupted: Any = lambda: False) -> CaptionerMeans:
    return CaptionerMeans(
        models_dir=tmp_path / "models", device="cpu", report=told.append, interrupted=interrupted
    )


def test_a_model_is_fetched_once_and_its_captions_are_written(
    hub: Any, source: Path, tmp_path: Path, tiny_captioners: Any
) -> None:
    told: list[str] = []
    config, means = config_for(source), means_for(tmp_path, told)
    assert isinstance(list(preprocess(config, means=means))[-1], PreprocessFinished)
    folder = tiny_captioners.folder("blip")
    captioner = load_captioner(config_for(source, str(folder)), means)
    assert captioner is not None
    for name in ("00000-0-gold", "00001-0-white"):
        with Image.open(tmp_path / "made" / f"{name}.png") as picture:
            expected = captioner.captions([picture.convert("RGB")])[0]
        written = tmp_path / "made" / f"{name}.txt"
        assert (written.read_text(encoding="utf-8") if written.exists() else "") == expected
    assert told[0] == f"Looking up {MODEL} on the Hugging Face Hub."
    assert f"Loading the caption model {MODEL} to cpu." in told
    hub.refusal = (500, "")
    load_captioner(config, means)


def test_a_model_that_can_t_be_used_is_refused_before_its_weights_are_fetched(
    hub: Any, source: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="is of the kind 'brand_new'"):
        load_captioner(config_for(source, "maker/words"), means_for(tmp_path, []))
    assert "config.json" in hub.fetched() and "model.safetensors" not in hub.fetched()


def test_a_run_that_is_stopped_while_it_fetches_is_interrupted_and_no_error(
    hub: Any, source: Path, tmp_path: Path
) -> None:
    hub.pause, told = 0.3, []

    def interrupted() -> bool:
        return any("Fetching" in sentence for sentence in told)

    events = preprocess(
        config_for(source), interrupted=interrupted, means=means_for(tmp_path, told, interrupted)
    )
    assert isinstance(list(events)[-1], PreprocessInterrupted)
