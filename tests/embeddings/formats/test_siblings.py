"""Files that belong together."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from traintab.embeddings.formats import negative_sibling, read_embedding_file, second_file

FIRST, SECOND = torch.full((2, 768), 0.25), torch.full((2, 1280), 0.5)


def pair(folder: Path, first: str, second: str, token: str = "<mira>", rows: int = 2) -> Path:
    torch.save({"<mira>": FIRST}, folder / first)
    torch.save({token: SECOND[:rows].to(torch.float16)}, folder / second)
    return folder / first


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("learned_embeds.bin", "learned_embeds_2.bin"),
        ("learned_embeds-steps-500.bin", "learned_embeds_2-steps-500.bin"),
        ("mira.bin", "mira_2.bin"),
    ],
)
def test_diffusers_two_files_are_one_embedding(tmp_path: Path, first: str, second: str) -> None:
    found = read_embedding_file(pair(tmp_path, first, second))
    assert found.second == tmp_path / second
    assert found.embedding.name == "mira"
    assert list(found.embedding.vectors) == ["clip_l", "clip_g"]
    assert torch.equal(found.embedding.vectors["clip_l"], FIRST)
    assert torch.equal(found.embedding.vectors["clip_g"], SECOND)


def test_the_second_file_alone_is_an_embedding_for_its_encoder(tmp_path: Path) -> None:
    pair(tmp_path, "learned_embeds.bin", "learned_embeds_2.bin")
    found = read_embedding_file(tmp_path / "learned_embeds_2.bin")
    assert (list(found.embedding.vectors), found.second) == (["clip_g"], None)


@pytest.mark.parametrize(("token", "rows"), [("<tom>", 2), ("<mira>", 1)])
def test_files_of_different_tokens_or_lengths_stay_apart(tmp_path: Path, token: str, rows: int) -> None:
    found = read_embedding_file(pair(tmp_path, "mira.bin", "mira_2.bin", token, rows))
    assert (list(found.embedding.vectors), found.second) == (["clip_l"], None)


def test_a_second_file_that_is_refused_leaves_the_first_alone(tmp_path: Path) -> None:
    path = pair(tmp_path, "mira.bin", "mira_2.bin")
    (tmp_path / "mira_2.bin").write_bytes(b"nonsense")
    assert read_embedding_file(path).second is None


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("learned_embeds.safetensors", "learned_embeds_2.safetensors"),
        ("learned_embeds-steps-9.bin", "learned_embeds_2-steps-9.bin"),
        ("learned_embeds_2.bin", None),
        ("a.b.pt", "a.b_2.pt"),
    ],
)
def test_the_place_of_a_second_file_follows_from_the_name(name: str, second: str | None) -> None:
    assert second_file(Path("x") / name) == (None if second is None else Path("x") / second)


@pytest.mark.parametrize("sibling", ["mira-neg.pt", "mira-neg.safetensors"])
def test_dreamartists_negative_is_found_beside_the_positive(tmp_path: Path, sibling: str) -> None:
    (tmp_path / sibling).write_bytes(b"x")
    assert negative_sibling(tmp_path / "mira.pt") == tmp_path / sibling


def test_only_what_is_there_by_the_callers_account_is_a_negative() -> None:
    known = {Path("a/mira-neg.bin")}
    assert negative_sibling(Path("a/mira.pt"), known.__contains__) == Path("a/mira-neg.bin")
    assert negative_sibling(Path("b/mira.pt"), known.__contains__) is None


def test_without_a_negative_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "mira-neg.txt").write_bytes(b"x")
    (tmp_path / "mira-neg-neg.pt").write_bytes(b"x")
    assert negative_sibling(tmp_path / "mira.pt") is None
    assert negative_sibling(tmp_path / "mira-neg.pt") is None
