"""txt2img with checkpoints in one file and as a folder, with the network out of reach."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.models import single_file


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("drawing must not use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("name", ["sd1", "sd2", "sdxl"])
def test_a_single_file_draws_what_its_folder_draws(
    line: Any, tiny_families: Any, original_layout: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tiny_families.folder(name)
    monkeypatch.setattr(single_file, "TOKENIZER_DIR", folder / "tokenizer")
    models = line.data_dir / "models" / "Stable-diffusion"
    original_layout.write_single_file(folder, models / "anime" / "mine.safetensors")
    settings = ("--steps", 2, "--seed", 5, "--width", 64, "--height", 64)

    pictures = []
    for model in (folder, "mine"):
        out = line.data_dir / f"{len(pictures)}.png"
        answer = line("txt2img", "a (red:1.3) cat", "--model", model, "--out", out, *settings)
        assert (answer.status, answer.out.splitlines()) == (0, [str(out)])
        pictures.append(Image.open(out))

    assert pictures[0].tobytes() == pictures[1].tobytes()
    assert "Model: mine" in pictures[1].info["parameters"]


def test_a_file_of_another_kind_ends_with_2_and_what_it_is(line: Any, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    file = tmp_path / "model.safetensors"
    save_file({"lora_unet_mid_block.lora_up.weight": torch.ones(2, 2)}, file)

    answer = line("txt2img", "a cat", "--model", file)

    assert (answer.status, answer.out) == (2, "")
    assert "it is a LoRA" in answer.err and len(answer.err.splitlines()) == 1


def test_a_prediction_type_can_be_given(line: Any, tiny_families: Any) -> None:
    folder = tiny_families.folder("sd1")
    settings = ("--steps", 1, "--seed", 5, "--width", 64, "--height", 64, "--model", folder)
    drawn = []
    for choice in ("automatic", "v_prediction"):
        out = line.data_dir / f"{choice}.png"
        assert line("txt2img", "a cat", "--prediction-type", choice, "--out", out, *settings).status == 0
        drawn.append(Image.open(out).tobytes())

    assert drawn[0] != drawn[1]
    answer = line("txt2img", "a cat", "--prediction-type", "v", *settings)
    assert answer.status == 2 and "--prediction-type" in answer.err
