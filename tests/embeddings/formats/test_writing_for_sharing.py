"""Comments, and files in half precision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding_file, write_embedding
from traintab.embeddings.formats.writing import EmbeddingWriter

ONE = Embedding(name="mira", vectors={"clip_l": torch.linspace(-0.5, 0.5, 2 * 768).reshape(2, 768)}, step=5)
TWO = Embedding(name="mira", vectors={"clip_l": torch.ones(2, 768), "clip_g": torch.zeros(2, 1280)}, step=3)


@pytest.mark.parametrize("embedding", [ONE, TWO])
@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".png"])
def test_a_comment_is_read_back(tmp_path: Path, suffix: str, embedding: Embedding) -> None:
    if suffix == ".pt" and embedding is TWO:
        pytest.skip("A .pt holds one text encoder.")
    path = tmp_path / f"mira{suffix}"
    write_embedding(replace(embedding, comment="A girl with\nred hair, 猫"), path)
    assert read_embedding_file(path).embedding.comment == "A girl with red hair, 猫"


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("suffix", [".pt", ".bin", ".safetensors", ".png"])
def test_a_file_is_rounded_to_its_number_format_and_halved_but_for_cards(
    tmp_path: Path, suffix: str, dtype: torch.dtype
) -> None:
    whole, half = tmp_path / f"whole{suffix}", tmp_path / f"mira{suffix}"
    write_embedding(ONE, whole)
    EmbeddingWriter(ONE, dtype=dtype).write(half)
    found, expected = read_embedding_file(half).embedding.vectors["clip_l"], ONE.vectors["clip_l"]
    if suffix == ".png":
        assert torch.equal(found, expected)
        return
    assert torch.equal(found, expected.to(dtype).float()) and not torch.equal(found, expected)
    assert whole.stat().st_size - half.stat().st_size == pytest.approx(2 * expected.numel(), abs=64)
