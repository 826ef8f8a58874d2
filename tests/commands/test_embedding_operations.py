from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.commands.embedding_operations import vector_numbers
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.errors import InputError


def put(line: Any, name: str, *rows: float, width: int = 32) -> Path:
    """An embedding in the folder, each row filled with one number."""
    path = line.data_dir / "embeddings" / f"{name}.pt"
    vectors = torch.tensor(rows).unsqueeze(1).expand(-1, width)
    write_embedding(Embedding(name=name, vectors={"clip_l": vectors}, step=7), path)
    return path


def rows_of(path: Path) -> list[float]:
    return read_embedding(path).vectors["clip_l"][:, 0].tolist()


@pytest.fixture
def two(line: Any) -> Path:
    """Two embeddings in the folder, which is given."""
    put(line, "a", 1.0, 2.0)
    return put(line, "b", 3.0, 6.0).parent


def test_a_mix_lies_in_the_embeddings_folder_under_its_name(line: Any, two: Path) -> None:
    answer = line("embeddings", "mix", "a:0.75", "b:0.25", "-o", "c", "--json")
    assert (answer.status, answer.err) == (0, "")
    assert rows_of(two / "c.pt") == [1.5, 3.0]
    (row,) = answer.objects
    assert (row["name"], row["status"], row["encoders"], row["step"]) == ("c", "ok", {"clip_l": [2, 32]}, 0)


def test_a_part_without_a_weight_counts_one(line: Any, two: Path) -> None:
    line("embeddings", "mix", "a:3", "b", "-o", "c")
    assert rows_of(two / "c.pt") == [1.5, 3.0]


def test_files_can_be_mixed_into_a_file(line: Any, two: Path, tmp_path: Path) -> None:
    output = tmp_path / "mixed.safetensors"
    answer = line("embeddings", "mix", f"{two / 'a.pt'}:1", two / "b.pt", "-o", output)
    assert answer.out == f"Wrote {output}\n"
    assert rows_of(output) == [2.0, 4.0]


def test_shorter_ones_are_filled_up_or_refused_when_strict(line: Any, two: Path) -> None:
    put(line, "short", 4.0)
    answer = line("embeddings", "mix", "b:1", "short:1", "-o", "c", "--strict")
    assert answer.status == 2
    assert "short has 1 vectors" in answer.err
    line("embeddings", "mix", "b:1", "short:1", "-o", "c")
    assert rows_of(two / "c.pt") == [3.5, 3.0]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (("a:1", "wide:1"), "width 64"),
        (("a:1", "c:1"), "no embedding called 'c'"),
        (("a:1", "b:much"), "'much' is no weight"),
        (("a:1", "b:nan"), "'nan' is no weight"),
        (("a:1", "b:-1"), "the weights add up to 0"),
        (("a:1",), "at least two"),
    ],
)
def test_what_cannot_be_mixed_is_said_in_one_line(
    line: Any, two: Path, parts: tuple[str, ...], said: str
) -> None:
    put(line, "wide", 1.0, width=64)
    answer = line("embeddings", "mix", *parts, "-o", "new")
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1
    assert not (two / "new.pt").exists()


def test_a_misspelt_name_has_the_nearest_suggested(line: Any, two: Path) -> None:
    put(line, "character", 1.0)
    assert "did you mean character?" in line("embeddings", "mix", "charakter:1", "b:1", "-o", "c").err


def test_nothing_is_replaced_unless_told(line: Any, two: Path, tmp_path: Path) -> None:
    file = write_file = tmp_path / "file.pt"
    write_file.write_bytes(b"mine")
    for output, taken in (("b", two / "b.pt"), (file, file)):
        before = taken.read_bytes()
        answer = line("embeddings", "mix", "a:1", "b:1", "-o", output)
        assert answer.status == 2
        assert taken.read_bytes() == before
        assert line("embeddings", "mix", "a:1", "b:1", "-o", output, "--overwrite").status == 0
        assert taken.read_bytes() != before
    assert [path.name for path in (line.data_dir / "trash").rglob("*.pt")] == ["b.pt"]


def test_the_second_file_of_a_pair_is_no_more_replaced_unless_told(
    line: Any, two: Path, tmp_path: Path
) -> None:
    xl = Embedding(name="xl", vectors={"clip_l": torch.ones(1, 768), "clip_g": torch.ones(1, 1280)})
    write_embedding(xl, two / "xl.safetensors")
    (tmp_path / "new_2.bin").write_bytes(b"mine")
    command = ("embeddings", "edit", "xl", "--keep", "1", "-o", tmp_path / "new.bin")
    answer = line(*command)
    assert answer.status == 2
    assert "new_2.bin: there is a file already" in answer.err
    assert not (tmp_path / "new.bin").exists()
    assert line(*command, "--overwrite").status == 0
    assert read_embedding(tmp_path / "new.bin").widths == {"clip_l": 768, "clip_g": 1280}


def test_vectors_are_kept_and_dropped_by_number(line: Any, two: Path) -> None:
    put(line, "four", 1.0, 2.0, 3.0, 4.0)
    line("embeddings", "edit", "four", "--keep", "1-2,4", "-o", "kept")
    line("embeddings", "edit", "four", "--drop", "1-2,4", "-o", "dropped")
    assert rows_of(two / "kept.pt") == [1.0, 2.0, 4.0]
    assert rows_of(two / "dropped.pt") == [3.0]


def test_rescaled_vectors_are_as_long_as_the_models_words(line: Any, two: Path, tiny_model_dir: Path) -> None:
    answer = line("embeddings", "edit", "a", "--rescale", "-o", "short", "--model", tiny_model_dir)
    assert answer.status == 0
    first, second = read_embedding(two / "short.pt").vectors["clip_l"].norm(dim=1).tolist()
    assert first == pytest.approx(second)
    assert 0 < first < 3


def test_an_edit_without_anything_to_do_is_refused(line: Any, two: Path) -> None:
    answer = line("embeddings", "edit", "a", "-o", "c")
    assert answer.status == 2
    assert "--keep, --drop or --rescale" in answer.err


def test_vector_numbers_are_single_ones_and_ranges() -> None:
    assert vector_numbers("1-3, 7") == [1, 2, 3, 7]


@pytest.mark.parametrize("text", ["", "a", "1-", "-1", "1;2", "1,,2", "1.5"])
def test_other_texts_are_no_vector_numbers(text: str) -> None:
    with pytest.raises(InputError, match="such as 1-3,7"):
        vector_numbers(text)
