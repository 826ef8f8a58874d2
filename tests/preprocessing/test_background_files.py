from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import BackgroundConfig
from traintab.errors import ModelError
from traintab.preprocessing import background_files
from traintab.preprocessing.background import load_background_remover
from traintab.preprocessing.background_files import KNOWN_MODELS, known_model_file
from traintab.preprocessing.captioners import CaptionerMeans


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder in which rembg has left nothing."""
    for name in ("U2NET_HOME", "REMBG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture
def means(tmp_path: Path) -> CaptionerMeans:
    return CaptionerMeans(
        models_dir=tmp_path / "models", device="cpu", report=lambda sentence: None, interrupted=lambda: False
    )


@pytest.fixture
def save(tiny_onnx: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], Path]:
    """Save a small model that passes for the known one of a name from now on."""

    def save_as(name: str, path: Path) -> Path:
        tiny_onnx.save_background(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        known = KNOWN_MODELS | {name: replace(KNOWN_MODELS[name], sha256=digest)}
        monkeypatch.setattr(background_files, "KNOWN_MODELS", known)
        return path

    return save_as


@pytest.mark.parametrize(
    ("name", "place"),
    [("u2net", "tomjackson2023--rembg/u2net.onnx"), ("isnet-anime", "skytnt--anime-seg/isnetis.onnx")],
)
def test_a_model_that_was_fetched_is_taken(
    save: Callable[[str, Path], Path], means: CaptionerMeans, name: str, place: str
) -> None:
    path = save(name, means.models_dir / place)
    assert known_model_file(name, means) == path
    remover = load_background_remover(BackgroundConfig(background="mask", background_model=name), means)
    assert remover is not None
    assert remover(Image.new("RGB", (8, 4), "red")).size == (8, 4)


@pytest.mark.parametrize("place", [".rembg/models/u2net/u2net.onnx", ".u2net/u2net.onnx"])
def test_a_model_that_rembg_has_fetched_is_taken(
    save: Callable[[str, Path], Path], means: CaptionerMeans, home: Path, place: str
) -> None:
    path = save("u2net", home / place)
    assert known_model_file("u2net", means) == path


def test_another_file_of_that_name_is_left_alone_and_told(means: CaptionerMeans, home: Path) -> None:
    for path in (home / ".u2net" / "u2net.onnx", means.models_dir / "tomjackson2023--rembg" / "u2net.onnx"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half of a download")
    with pytest.raises(
        ModelError, match=r"models/tomjackson2023--rembg/u2net\.onnx is torn.* Delete it, and"
    ):
        known_model_file("u2net", means)


def test_without_network_the_model_and_its_place_are_told(
    means: CaptionerMeans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nothing listens there
    with pytest.raises(ModelError, match=r"(?s)tomjackson2023.*tomjackson2023--rembg"):
        known_model_file("u2net", means)
