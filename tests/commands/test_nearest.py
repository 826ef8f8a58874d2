from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.commands.nearest import nearest_lines
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import write_embedding


def test_inspect_tells_the_words_that_a_vector_is_like(line: Any, cat: Path, tiny_model_dir: Path) -> None:
    answer = line("embeddings", "inspect", cat, "--nearest", "--model", tiny_model_dir, "--json")
    (row,) = answer.objects
    ((near, *others),) = row["nearest"]["clip_l"]
    assert (near["token"], len(others)) == ("girl", 2)
    assert near["cosine"] == pytest.approx(1, abs=1e-3)
    assert row["vocabulary_norms"]["clip_l"] > 0
    answer = line("embeddings", "inspect", cat, "--nearest", "--model", tiny_model_dir)
    assert "  clip_l 1: " in answer.out
    assert "times as long as a word, like girl 1.00, " in answer.out


def test_an_embedding_for_another_model_is_not_compared(
    line: Any, tmp_path: Path, tiny_model_dir: Path
) -> None:
    wide = tmp_path / "wide.pt"
    write_embedding(Embedding(name="wide", vectors={"clip_l": torch.ones(1, 768)}), wide)
    answer = line("embeddings", "inspect", wide, "--nearest", "--model", tiny_model_dir)
    assert answer.status == 0
    assert "another kind of model" in answer.out


def test_without_being_asked_no_words_are_told(line: Any, cat: Path) -> None:
    (row,) = line("embeddings", "inspect", cat, "--json").objects
    assert "nearest" not in row
    assert nearest_lines(row) == []
