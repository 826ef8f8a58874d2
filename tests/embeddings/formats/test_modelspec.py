from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import safetensors
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding
from traintab.embeddings.formats.modelspec import modelspec_metadata
from traintab.embeddings.formats.writing import EmbeddingWriter

EMBEDDING = Embedding(
    name="mira",
    vectors={"clip_l": torch.ones(2, 768)},
    step=500,
    sd_checkpoint="0123456789",
    sd_checkpoint_name="model-v1",
)


def metadata_of(path: Path) -> dict[str, str]:
    with safetensors.safe_open(path, "pt") as file:
        return dict(file.metadata())


def test_safetensors_carries_the_modelspec_fields(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    write_embedding(EMBEDDING, path)
    with safetensors.safe_open(path, "pt") as file:
        assert list(file.keys()) == ["emb_params"]
    metadata = metadata_of(path)
    assert date.fromisoformat(metadata.pop("modelspec.date"))
    assert metadata == {
        "format": "pt",
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.architecture": "stable-diffusion-v1/textual-inversion",
        "modelspec.title": "mira",
        "modelspec.trigger_phrase": "mira",
        "modelspec.resolution": "512x512",
        "modelspec.prediction_type": "epsilon",
        "modelspec.steps": "500",
        "sd_checkpoint": "0123456789",
        "sd_checkpoint_name": "model-v1",
    }


@pytest.mark.parametrize(
    ("vectors", "architecture", "resolution"),
    [
        ({"clip_h": torch.ones(1, 1024)}, "stable-diffusion-v2-512", None),
        ({"clip_l": torch.ones(1, 128)}, "custom-128", None),
        (
            {"clip_l": torch.ones(1, 768), "clip_g": torch.ones(1, 1280)},
            "stable-diffusion-xl-v1-base",
            "1024x1024",
        ),
    ],
)
def test_the_architecture_follows_from_the_text_encoders_and_nothing_is_guessed(
    tmp_path: Path, vectors: dict[str, torch.Tensor], architecture: str, resolution: str | None
) -> None:
    path = tmp_path / "mira.safetensors"
    write_embedding(Embedding(name="mira", vectors=vectors), path)
    metadata = metadata_of(path)
    assert metadata["modelspec.architecture"] == f"{architecture}/textual-inversion"
    assert metadata.get("modelspec.resolution") == resolution
    assert "modelspec.steps" not in metadata


def test_what_is_known_of_the_model_goes_before_what_its_family_tells(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    known = {"modelspec.resolution": "768x768", "modelspec.prediction_type": "v"}
    EmbeddingWriter(EMBEDDING, metadata=known).write(path)
    assert known.items() <= metadata_of(path).items()


@pytest.mark.parametrize("target", ["emb_params", "diffusers"])
def test_every_safetensors_file_carries_it(tmp_path: Path, target: str) -> None:
    path = tmp_path / "mira.safetensors"
    write_embedding(EMBEDDING, path, target)
    assert metadata_of(path)["modelspec.trigger_phrase"] == "mira"


def test_a_field_that_is_known_to_be_empty_is_left_out() -> None:
    fields = modelspec_metadata(EMBEDDING, date(2026, 1, 2), {"modelspec.prediction_type": ""})
    assert "modelspec.prediction_type" not in fields
    assert fields["modelspec.date"] == "2026-01-02"


def test_a_comment_is_the_description(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    write_embedding(replace(EMBEDDING, comment="Prompt it with 'red hair'. 猫"), path)
    assert metadata_of(path)["modelspec.description"] == "Prompt it with 'red hair'. 猫"
