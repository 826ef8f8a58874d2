from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.embeddings.formats import read_embedding


def test_create_writes_an_embedding_and_says_where(line: Any, tiny_model_dir: Path) -> None:
    answer = line("create", "cat", "--init-text", "girl", "--vectors", "2", "--model", tiny_model_dir)
    path = line.data_dir / "embeddings" / "cat.pt"
    assert answer.status == 0
    assert f"Created {path} with 2 vectors." in answer.out
    assert answer.err == ""
    assert read_embedding(path).num_vectors == 2


def test_auto_takes_a_vector_for_each_token(line: Any, tiny_model_dir: Path) -> None:
    answer = line(
        "create",
        "cat",
        "--init-text",
        "red cat hat",
        "--vectors",
        "auto",
        "--model",
        tiny_model_dir,
        "--json",
    )
    (created,) = answer.objects
    assert created["event"] == "embedding_created"
    assert created["encoders"] == {"clip_l": [3, 32]}
    assert created["path"] == str(line.data_dir / "embeddings" / "cat.pt")


def test_auto_takes_one_vector_for_an_empty_text(line: Any, tiny_model_dir: Path) -> None:
    answer = line(
        "create", "cat", "--init-text", "", "--vectors", "auto", "--model", tiny_model_dir, "--json"
    )
    assert answer.objects[0]["encoders"] == {"clip_l": [1, 32]}


def test_a_taken_name_is_refused_unless_overwrite_is_given(
    line: Any, cat: Path, tiny_model_dir: Path
) -> None:
    before = cat.read_bytes()
    answer = line("create", "cat", "--model", tiny_model_dir)
    assert (answer.status, answer.out) == (2, "")
    assert "--overwrite" in answer.err
    assert cat.read_bytes() == before
    assert line("create", "cat", "--overwrite", "--model", tiny_model_dir).status == 0
    assert cat.read_bytes() != before


@pytest.mark.parametrize("name", ["", "a/b", "..", "a:b"])
def test_a_name_no_file_or_prompt_can_carry_is_refused(line: Any, name: str) -> None:
    answer = line("create", name)
    assert answer.status == 2
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize("vectors", ["0", "76", "2.5", "many", "-1"])
def test_a_bad_number_of_vectors_is_refused(line: Any, vectors: str) -> None:
    answer = line("create", "cat", "--vectors", vectors)
    assert answer.status == 2
    assert answer.err.startswith("--vectors: Number of vectors per token is")


def test_an_unknown_model_is_refused(line: Any) -> None:
    answer = line("create", "cat", "--model", "no-such-model")
    assert answer.status == 2
    assert "no-such-model" in answer.err
    assert not (line.data_dir / "embeddings" / "cat.pt").exists()


def test_a_name_that_clashes_with_words_or_names_is_warned_of_and_made(
    line: Any, tiny_model_dir: Path
) -> None:
    for name, said in (
        ("girl", "already knows the word 'girl'"),
        ("girl2", "'girl2' and 'girl' begin alike"),
    ):
        answer = line("create", name, "--model", tiny_model_dir)
        assert answer.status == 0
        assert said in answer.out
        assert (line.data_dir / "embeddings" / f"{name}.pt").is_file()


def test_it_starts_as_it_is_told_to(line: Any, cat: Path, tiny_model_dir: Path) -> None:
    start = ("--init-method", "mean", "--init-text", "girl, hat", "--vectors", "auto")
    answer = line("create", "dog", *start, "--model", tiny_model_dir, "--json")
    assert answer.objects[0]["encoders"] == {"clip_l": [1, 32]}
    copy = ("--init-method", "embedding", "--init-embedding", "cat", "--auto-vectors")
    assert line("create", "cow", *copy, "--model", tiny_model_dir).status == 0
    copied = read_embedding(line.data_dir / "embeddings" / "cow.pt")
    assert torch.equal(copied.vectors["clip_l"], read_embedding(cat).vectors["clip_l"])


def test_ways_to_start_that_contradict_each_other_are_refused_before_a_model_loads(line: Any) -> None:
    answer = line("create", "cat", "--init-embedding", "other", "--model", "no-such-model")
    assert answer.status == 2
    assert (
        "--init-embedding: Initialization embedding is 'other', but Initialization method is text"
        in answer.err
    )
    assert "no-such-model" not in answer.err
