from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from traintab.configs import GenerationConfig
from traintab.models import single_file
from traintab.models.loading import load_model
from traintab.models.model import Model
from traintab.paths import Paths

FAMILIES = ("sd1", "sd2", "sdxl", "sd1-inpainting", "sdxl-inpainting")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a single file must load without network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def small_vocabulary(tiny_families: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny models' own tokenizer in place of the 49,408 tokens that real ones have a row for."""
    monkeypatch.setattr(single_file, "TOKENIZER_DIR", tiny_families.folder("sd1") / "tokenizer")


def load(file: Path, **options: Any) -> Model:
    return load_model(str(file), Paths.under(file.parent), device="cpu", **options)


def picture(model: Model) -> list[int]:
    from traintab.sampling.txt2img import txt2img

    config = GenerationConfig(
        prompt="a photo of a (red:1.2) cat", num_inference_steps=2, seed=3, width=64, height=64
    )
    return list(txt2img(model, config, {})[0].image.tobytes())


@pytest.mark.parametrize("name", FAMILIES)
def test_folder_safetensors_and_ckpt_give_the_same_picture(
    tiny_families: Any, original_layout: Any, small_vocabulary: None, tmp_path: Path, name: str
) -> None:
    folder = tiny_families.folder(name)
    expected = picture(tiny_families.model(name))

    for suffix in ("safetensors", "ckpt"):
        file = original_layout.write_single_file(folder, tmp_path / f"model.{suffix}")
        model = load(file)
        assert model.prediction_type == ("v_prediction" if name == "sd2" else "epsilon")
        assert picture(model) == expected
