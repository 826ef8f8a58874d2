from __future__ import annotations

from pathlib import Path

import pytest
import torch

from traintab.models.model import Model
from traintab.models.transformers_adapter import (
    input_embeddings,
    load_text_encoder,
    load_tokenizer,
    max_positions,
)


def test_the_tokenizer_reads_its_vocabulary_and_merges(tiny_model_dir: Path) -> None:
    import json

    vocabulary = json.loads((tiny_model_dir / "tokenizer" / "vocab.json").read_text(encoding="utf-8"))
    tokenizer = load_tokenizer(str(tiny_model_dir), "tokenizer", local_files_only=True)

    assert tokenizer(["red hat"], add_special_tokens=False).input_ids == [
        [vocabulary["red</w>"], vocabulary["hat</w>"]]
    ]


def test_weights_are_read_in_the_dtype_asked_for(tiny_model_dir: Path) -> None:
    module = load_text_encoder(
        str(tiny_model_dir), "text_encoder", dtype=torch.float16, local_files_only=True
    )

    assert input_embeddings(module).weight.dtype is torch.float16


def test_reading_a_folder_draws_no_progress_bar(
    tiny_model_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    load_text_encoder(str(tiny_model_dir), "text_encoder", dtype=torch.float32, local_files_only=True)

    assert capfd.readouterr() == ("", "")


def test_a_chunk_has_as_many_places_as_the_encoder_has_positions(tiny_model: Model) -> None:
    assert max_positions(tiny_model.text_encoders[0].module) == 77
