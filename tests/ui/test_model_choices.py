"""What the model picker offers, from files of every kind."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from traintab.models import facts
from traintab.models.discovery import find_checkpoints
from traintab.ui.model_choices import ModelChoices


@pytest.fixture
def folder(studio: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checkpoint folder of a studio that lists what lies there."""
    monkeypatch.setattr(
        studio, "list_models", lambda: [checkpoint.name for checkpoint in find_checkpoints(studio.paths)]
    )
    folder = Path(studio.paths.models_dir) / "Stable-diffusion"
    folder.mkdir(parents=True)
    return folder


def labels(studio: Any) -> dict[str, str]:
    return {name: label for label, name in ModelChoices(studio).labelled()}


def write_folder(folder: Path, width: int) -> None:
    """The configs of a diffusers folder, which is all that is looked at."""
    (folder / "text_encoder").mkdir(parents=True)
    (folder / "text_encoder" / "config.json").write_text(json.dumps({"hidden_size": width}))
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))


@pytest.mark.parametrize(("width", "family"), [(768, "SD1"), (1024, "SD2")])
def test_a_folder_is_offered_with_its_family(studio: Any, folder: Path, width: int, family: str) -> None:
    write_folder(folder / "mine", width)

    assert labels(studio)["mine"] == f"mine · {family}"


def test_the_demo_model_is_built_in(studio: Any, folder: Path) -> None:
    assert labels(studio)["demo"] == "demo · built in"


def test_a_file_that_is_no_model_is_marked(studio: Any, folder: Path) -> None:
    save_file({"lora_unet_x.lora_up.weight": torch.zeros(1, 1)}, folder / "style.safetensors")
    (folder / "torn.safetensors").write_bytes(b"\0")

    found = labels(studio)

    assert found["style.safetensors"] == "style.safetensors · can't be used"
    assert found["torn.safetensors"] == "torn.safetensors · can't be used"


def test_a_ckpt_is_not_opened_for_its_label(studio: Any, folder: Path) -> None:
    (folder / "old.ckpt").write_bytes(b"nothing that could be read")

    assert labels(studio)["old.ckpt"] == "old.ckpt"


def test_a_family_is_read_again_only_when_the_model_has_changed(
    studio: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    family_of = facts.family_of

    def counted(checkpoint: Any) -> Any:
        read.append(checkpoint.name)
        return family_of(checkpoint)

    monkeypatch.setattr(facts, "family_of", counted)
    write_folder(folder / "mine", 768)
    choices = ModelChoices(studio)

    choices.labelled()
    choices.labelled()
    assert read == ["mine"]
    os.utime(folder / "mine", ns=(1, 1))
    choices.labelled()
    assert read == ["mine", "mine"]


def test_a_model_that_vanishes_meanwhile_has_no_family(
    studio: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(folder / "mine", 768)
    found = find_checkpoints(studio.paths)
    shutil.rmtree(folder / "mine")
    monkeypatch.setattr("traintab.models.discovery.find_checkpoints", lambda paths: found)
    monkeypatch.setattr(studio, "list_models", lambda: ["mine"])

    assert labels(studio) == {"mine": "mine"}


def test_names_are_offered_at_once_without_opening_a_file(studio: Any, folder: Path) -> None:
    (folder / "torn.safetensors").write_bytes(b"\0")

    assert ("torn.safetensors", "torn.safetensors") in ModelChoices(studio).at_once()
