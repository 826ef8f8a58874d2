"""The file that keeps the result of a training, for every kind of file that one can begin from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.embeddings.formats.writing import TARGETS
from traintab.embeddings.library import EmbeddingLibrary
from traintab.errors import EmbeddingFileError
from traintab.training.target import find_target

SD1 = {"clip_l": torch.full((2, 768), 0.1)}
SDXL = {**SD1, "clip_g": torch.full((2, 1280), 0.2)}


@pytest.fixture
def library(tmp_path: Path) -> EmbeddingLibrary:
    (tmp_path / "embeddings").mkdir()
    return EmbeddingLibrary(tmp_path / "embeddings")


def embedding(vectors: dict[str, torch.Tensor], step: int | None = None) -> Embedding:
    return Embedding(name="mira", vectors=vectors, step=step)


KINDS = [
    pytest.param(target, suffix, vectors, id=f"{family}-{target}{suffix}")
    for family, vectors in (("sd1", SD1), ("sdxl", SDXL))
    for target, suffixes in TARGETS.items()
    for suffix in suffixes
    if (family, target) != ("sdxl", "webui")  # which has no room for two text encoders
]


@pytest.mark.parametrize(("target", "suffix", "vectors"), KINDS)
@pytest.mark.parametrize("folder", ["", "mine"])
def test_what_is_trained_from_any_file_is_found_under_its_name_afterwards(
    library: EmbeddingLibrary, target: str, suffix: str, vectors: dict[str, torch.Tensor], folder: str
) -> None:
    source = library.folder / folder / f"mira{suffix}"
    write_embedding(embedding(vectors), source, target)
    library.refresh()

    found = find_target("mira", library.find("mira"), library, len(vectors))
    trained = {encoder: tensor + 1 for encoder, tensor in vectors.items()}
    write_embedding(embedding(trained, step=5), found.path)

    library.refresh()
    known = library.find("mira")
    assert known is not None and known.step == 5 and known.source == found.path
    assert all(torch.equal(known.vectors[encoder], tensor) for encoder, tensor in trained.items())
    assert (found.path == source) == (suffix in (".pt", ".safetensors"))


def test_a_file_that_keeps_its_name_inside_keeps_it(library: EmbeddingLibrary) -> None:
    path = library.folder / "learned_embeds.safetensors"
    write_embedding(embedding(SD1), path, "diffusers")
    library.refresh()

    found = find_target("mira", library.find("mira"), library, 1)
    write_embedding(embedding(SD1, step=3), found.path)

    assert found.path == path and read_embedding(path).name == "mira"


def test_a_file_that_cannot_keep_a_training_is_told(library: EmbeddingLibrary) -> None:
    write_embedding(embedding(SD1), library.folder / "mira.bin")
    library.refresh()

    count, moved = find_target("mira", library.find("mira"), library, 1).notices

    assert count == "mira.bin doesn't tell how long mira has been trained; its steps count from 0."
    assert moved == "mira.bin can't keep a training, so mira is saved to mira.pt, which is used from then on."


def test_two_files_that_become_one_are_told(library: EmbeddingLibrary) -> None:
    write_embedding(embedding(SDXL), library.folder / "mira.safetensors", "diffusers")
    library.refresh()

    found = find_target("mira", library.find("mira"), library, 2)

    assert found.path == library.folder / "mira.safetensors"
    assert found.notices[-1].endswith("mira_2.safetensors is left as it is and not needed any more.")


def test_what_tells_its_step_and_stays_where_it_is_needs_no_words(library: EmbeddingLibrary) -> None:
    write_embedding(embedding(SD1, step=7), library.folder / "mira.pt")
    library.refresh()

    assert find_target("mira", library.find("mira"), library, 1).notices == ()


def test_another_embedding_is_never_written_over(library: EmbeddingLibrary) -> None:
    other = Embedding(name="mira", vectors={"clip_h": torch.ones(1, 1024)})
    write_embedding(embedding(SD1), library.folder / "mira.png")
    for suffix in (".pt", ".safetensors"):
        write_embedding(other, library.folder / f"mira{suffix}")
    library.refresh()
    card = library.find("mira", {"clip_l": 768})

    with pytest.raises(EmbeddingFileError, match="hold another embedding; rename or remove"):
        find_target("mira", card, library, 1)
    (library.folder / "mira.safetensors").unlink()
    library.refresh()
    assert find_target("mira", card, library, 1).path == library.folder / "mira.safetensors"


def test_a_broken_file_gives_way_to_a_resumed_run(library: EmbeddingLibrary) -> None:
    (library.folder / "mira.pt").write_bytes(b"cut off")
    library.refresh()

    assert find_target("mira", None, library, 1).path == library.folder / "mira.pt"
