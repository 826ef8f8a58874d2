from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from .conftest import put, refreshed


def test_the_top_folder_owns_a_name_and_the_other_is_listed(tmp_path: Path) -> None:
    put(tmp_path / "a-sub" / "mira.pt", value=0.25)
    put(tmp_path / "mira.safetensors")
    library = refreshed(tmp_path)
    assert library.path_of("mira") == tmp_path / "mira.safetensors"
    (skipped,) = library.skipped()
    assert skipped.path == tmp_path / "a-sub" / "mira.pt"
    assert (
        skipped.reason == "The name 'mira' already belongs to mira.safetensors; rename or remove one of them."
    )


def test_side_by_side_the_pt_file_owns_the_name(tmp_path: Path) -> None:
    put(tmp_path / "mira.safetensors")
    put(tmp_path / "mira.pt")
    assert refreshed(tmp_path).path_of("mira") == tmp_path / "mira.pt"


def test_a_name_belongs_to_the_file_that_fits_the_model(tmp_path: Path) -> None:
    put(tmp_path / "mira.pt", width=768)
    put(tmp_path / "tiny" / "mira.pt")
    library = refreshed(tmp_path)
    found = library.find("mira", {"clip_l": 32})
    assert found is not None
    assert found.source == tmp_path / "tiny" / "mira.pt"


def test_names_are_found_in_any_case_and_differ_by_more_than_case(tmp_path: Path) -> None:
    put(tmp_path / "Mira.pt")
    put(tmp_path / "sub" / "mira.pt")
    library = refreshed(tmp_path)
    found = library.find(" MIRA ")
    assert found is not None
    assert found.name == "Mira"
    assert len(library.skipped()) == 1


def test_an_unknown_name_has_the_path_of_a_new_file(tmp_path: Path) -> None:
    library = refreshed(tmp_path)
    assert library.find("new") is None
    assert library.path_of("new") == tmp_path / "new.pt"


def test_hub_concepts_are_called_by_their_token_or_their_folder(tmp_path: Path) -> None:
    for folder, token in (("a", "<cat-toy>"), ("b", "sks")):
        path = tmp_path / folder / "learned_embeds.bin"
        path.parent.mkdir()
        torch.save({token: torch.zeros(768)}, path)
    (tmp_path / "my-style").mkdir()
    tensors = {"emb_params": torch.zeros(2, 768)}
    save_file(tensors, tmp_path / "my-style" / "learned_embeds.safetensors")
    assert list(refreshed(tmp_path).embeddings()) == ["cat-toy", "my-style", "sks"]


def test_of_steps_of_one_token_the_final_file_owns_the_name(tmp_path: Path) -> None:
    for name in ("learned_embeds-steps-500", "learned_embeds"):
        save_file({"sks": torch.zeros(1, 768)}, tmp_path / f"{name}.safetensors")
    assert refreshed(tmp_path).path_of("sks") == tmp_path / "learned_embeds.safetensors"


def test_two_files_of_one_sdxl_embedding_are_one_and_change_together(tmp_path: Path) -> None:
    first, second = tmp_path / "learned_embeds.safetensors", tmp_path / "learned_embeds_2.safetensors"
    save_file({"sks": torch.zeros(1, 768)}, first)
    library = refreshed(tmp_path)
    assert library.embeddings()["sks"].widths == {"clip_l": 768}
    save_file({"sks": torch.ones(1, 1280)}, second)
    library.refresh()
    assert library.embeddings()["sks"].widths == {"clip_l": 768, "clip_g": 1280}
    assert (len(library.embeddings()), library.skipped()) == (1, [])
    save_file({"sks": torch.full((1, 1280), 2.0)}, second)
    library.refresh()
    assert library.embeddings()["sks"].vectors["clip_g"][0, 0] == 2
    second.unlink()
    library.refresh()
    assert library.embeddings()["sks"].widths == {"clip_l": 768}


@pytest.mark.parametrize("name", ["style (v2)", "a,b", "x AND y"])
def test_a_found_file_whose_name_cannot_be_typed_is_there_all_the_same(tmp_path: Path, name: str) -> None:
    put(tmp_path / f"{name}.pt")
    assert list(refreshed(tmp_path).embeddings()) == [name]


def test_names_of_other_normal_forms_are_found_as_they_are_typed(tmp_path: Path) -> None:
    put(tmp_path / "e\u0301mile.pt")
    assert refreshed(tmp_path).find("\u00e9mile") is not None
