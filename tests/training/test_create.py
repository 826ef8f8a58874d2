"""New embeddings."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch

from traintab.configs import CreateConfig
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.embeddings.initial_vectors import resampled
from traintab.errors import BusyError, ConfigError, EmbeddingFileError, EmbeddingNameError
from traintab.models.model import Model
from traintab.paths import ModelFolders, Paths
from traintab.training.create import create_embedding
from traintab.training.cross_initialization import cross_token_vectors
from traintab.training.lock import embedding_lock


@pytest.mark.option("name", "initialization_text", "num_vectors")
def test_it_starts_from_the_words_given(model: Model, paths: Paths) -> None:
    config = CreateConfig(name=" new one ", initialization_text="red cat", num_vectors=4)
    embedding = create_embedding(config, model=model, paths=paths)
    red, cat = (model.text_encoders[0].token_vectors(word)[0] for word in ("red", "cat"))
    assert torch.equal(embedding.vectors["clip_l"], torch.stack([red, red, cat, cat]))
    assert (embedding.name, embedding.step) == ("new one", 0)
    assert embedding.source == paths.embeddings_dir / "new one.pt"


def test_the_file_holds_what_was_made(model: Model, paths: Paths) -> None:
    made = create_embedding(CreateConfig(name="new"), model=model, paths=paths)
    read = read_embedding(paths.embeddings_dir / "new.pt")
    assert torch.equal(read.vectors["clip_l"], made.vectors["clip_l"])
    assert (read.step, read.sd_checkpoint, read.sd_checkpoint_name) == (0, model.checkpoint_hash, model.name)


@pytest.mark.parametrize("text", ["", "   "])
def test_no_words_mean_zeros(model: Model, paths: Paths, text: str) -> None:
    config = CreateConfig(name="new", initialization_text=text, num_vectors=3)
    vectors = create_embedding(config, model=model, paths=paths).vectors["clip_l"]
    assert vectors.shape == (3, 32)
    assert vectors.abs().max() == 0


def vectors_of(model: Model, paths: Paths, **fields: Any) -> torch.Tensor:
    """The new embedding's vectors `[num_vectors, 32]`."""
    made = create_embedding(CreateConfig(name="new", **fields), model=model, paths=paths)
    return made.vectors["clip_l"]


@pytest.mark.option("auto_vectors")
def test_as_many_vectors_as_the_text_has_tokens(model: Model, paths: Paths) -> None:
    vectors = vectors_of(model, paths, initialization_text="a red cat", auto_vectors=True)
    assert torch.equal(vectors, model.text_encoders[0].token_vectors("a red cat"))
    zeros = {"initialization_method": "zeros", "initialization_text": "a cat", "overwrite": True}
    assert torch.equal(vectors_of(model, paths, auto_vectors=True, **zeros), torch.zeros(2, 32))
    nothing = vectors_of(model, paths, auto_vectors=True, initialization_text="", overwrite=True)
    assert nothing.shape == (1, 32)


def test_zeros_need_no_empty_text(model: Model, paths: Paths) -> None:
    vectors = vectors_of(
        model, paths, initialization_method="zeros", initialization_text="cat", num_vectors=3
    )
    assert torch.equal(vectors, torch.zeros(3, 32))


@pytest.mark.option("initialization_method")
def test_the_mean_of_words_lies_between_them(model: Model, paths: Paths) -> None:
    encoder = model.text_encoders[0]
    girl, cat = (encoder.token_vectors(word)[0] for word in ("girl", "cat"))
    mean = {"initialization_method": "mean", "initialization_text": "girl, , cat,"}
    vectors = vectors_of(model, paths, num_vectors=2, **mean)
    assert torch.equal(vectors, torch.stack([(girl + cat) / 2] * 2))
    alone = vectors_of(model, paths, auto_vectors=True, overwrite=True, **mean)
    assert torch.equal(alone, vectors[:1])


def test_words_of_several_tokens_are_meant_whole(model: Model, paths: Paths) -> None:
    encoder = model.text_encoders[0]
    mean = {"initialization_method": "mean", "initialization_text": "red cat, hat"}
    red, cat, hat = (encoder.token_vectors(word)[0] for word in ("red", "cat", "hat"))
    one = vectors_of(model, paths, num_vectors=1, **mean)
    torch.testing.assert_close(one, ((red + cat) / 2 + hat)[None] / 2)
    two = vectors_of(model, paths, auto_vectors=True, overwrite=True, **mean)
    torch.testing.assert_close(two, torch.stack([red + hat, cat + hat]) / 2)


@pytest.mark.option("cross_initialization")
def test_the_mean_of_outputs_is_cross_initialization_s(model: Model, paths: Paths) -> None:
    mean = {"initialization_method": "mean", "initialization_text": "girl, cat", "cross_initialization": True}
    encoder = model.text_encoders[0]
    girl, cat = (cross_token_vectors(encoder, word)[0] for word in ("girl", "cat"))
    torch.testing.assert_close(vectors_of(model, paths, **mean), (girl + cat)[None] / 2)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.option("initialization_embedding")
def test_another_embedding_is_copied_with_as_many_vectors_as_wanted(
    model: Model, paths: Paths, count: int
) -> None:
    text = {"initialization_text": "a red cat", "auto_vectors": True}
    other = create_embedding(CreateConfig(name="other", **text), model=model, paths=paths)
    copied = {"initialization_method": "embedding", "initialization_embedding": "Other"}
    vectors = vectors_of(model, paths, num_vectors=count, **copied)
    assert torch.equal(vectors, resampled(other.vectors["clip_l"], count))
    whole = vectors_of(model, paths, auto_vectors=True, overwrite=True, **copied)
    assert torch.equal(whole, other.vectors["clip_l"])
    assert read_embedding(paths.embeddings_dir / "new.pt").step == 0


def test_any_file_and_any_program_s_folder_can_be_started_from(
    model: Model, paths: Paths, tmp_path: Path
) -> None:
    other = Embedding(name="theirs", vectors={"clip_l": torch.rand(2, 32)})
    write_embedding(other, tmp_path / "theirs" / "theirs.safetensors")
    theirs = ModelFolders(embeddings=(tmp_path / "theirs",))
    borrowing = dataclasses.replace(paths, borrowed=(theirs,))
    start = {"initialization_method": "embedding", "num_vectors": 2, "overwrite": True}
    by_name = vectors_of(model, borrowing, initialization_embedding="theirs", **start)
    assert torch.equal(by_name, other.vectors["clip_l"])
    file = str(tmp_path / "theirs" / "theirs.safetensors")
    assert torch.equal(vectors_of(model, paths, initialization_embedding=file, **start), by_name)


def test_an_embedding_to_start_from_has_to_be_there_and_to_fit(
    model: Model, tiny_families: Any, paths: Paths
) -> None:
    copied = {"initialization_method": "embedding", "initialization_embedding": "other"}
    with pytest.raises(EmbeddingNameError, match="no embedding called 'other' to start from"):
        vectors_of(model, paths, **copied)
    create_embedding(CreateConfig(name="other"), model=tiny_families.model("sdxl"), paths=paths)
    with pytest.raises(EmbeddingFileError, match="'other' to start from is for SDXL, but the model takes 32"):
        vectors_of(model, paths, **copied)
    assert not (paths.embeddings_dir / "new.pt").exists()


def test_both_of_sdxl_s_text_encoders_start_alike(tiny_families: Any, paths: Paths) -> None:
    model = tiny_families.model("sdxl")
    mean = {"initialization_method": "mean", "initialization_text": "girl, cat", "auto_vectors": True}
    made = create_embedding(CreateConfig(name="new", **mean), model=model, paths=paths)
    for encoder in model.text_encoders:
        girl, cat = (encoder.token_vectors(word) for word in ("girl", "cat"))
        assert torch.equal(made.vectors[encoder.name], (girl + cat) / 2)


def test_a_taken_name_is_refused_and_the_file_left_alone(model: Model, paths: Paths) -> None:
    create_embedding(CreateConfig(name="new"), model=model, paths=paths)
    before = (paths.embeddings_dir / "new.pt").read_bytes()
    with pytest.raises(EmbeddingNameError, match=r"called 'new' already.*Overwrite Old Embedding\.$"):
        create_embedding(CreateConfig(name="new", initialization_text="cat"), model=model, paths=paths)
    assert (paths.embeddings_dir / "new.pt").read_bytes() == before


def test_a_name_taken_in_another_case_or_format_is_refused(model: Model, paths: Paths) -> None:
    made = create_embedding(CreateConfig(name="new"), model=model, paths=paths)
    write_embedding(made, paths.embeddings_dir / "sub" / "other.safetensors")
    for name in ("NEW", "other"):
        with pytest.raises(EmbeddingNameError, match="already"):
            create_embedding(CreateConfig(name=name), model=model, paths=paths)


def test_even_a_broken_file_is_not_replaced_unasked(model: Model, paths: Paths) -> None:
    paths.embeddings_dir.mkdir(parents=True)
    (paths.embeddings_dir / "new.pt").write_bytes(b"somebody's")
    with pytest.raises(EmbeddingNameError, match="already"):
        create_embedding(CreateConfig(name="new"), model=model, paths=paths)


@pytest.mark.option("overwrite")
def test_overwriting_starts_anew_in_the_same_file(model: Model, paths: Paths) -> None:
    made = create_embedding(CreateConfig(name="new"), model=model, paths=paths)
    (paths.embeddings_dir / "new.pt").unlink()
    path = paths.embeddings_dir / "sub" / "new.safetensors"
    write_embedding(made, path)
    config = CreateConfig(name="new", initialization_text="cat", num_vectors=2, overwrite=True)
    assert create_embedding(config, model=model, paths=paths).source == path
    assert read_embedding(path).num_vectors == 2
    assert not (paths.embeddings_dir / "new.pt").exists()


def test_bad_input_is_told(model: Model, paths: Paths) -> None:
    with pytest.raises(ConfigError, match="Name is empty"):
        create_embedding(CreateConfig(name=""), model=model, paths=paths)
    with pytest.raises(EmbeddingNameError):
        create_embedding(CreateConfig(name="a:b"), model=model, paths=paths)
    with pytest.raises(ConfigError, match="Number of vectors per token is 76"):
        create_embedding(CreateConfig(name="new", num_vectors=76), model=model, paths=paths)


def test_an_embedding_in_training_is_not_replaced(model: Model, paths: Paths) -> None:
    with embedding_lock("new", paths), pytest.raises(BusyError):
        create_embedding(CreateConfig(name="new", overwrite=True), model=model, paths=paths)


def test_an_embedding_for_sdxl_has_vectors_for_both_text_encoders(tiny_families: Any, paths: Paths) -> None:
    model = tiny_families.model("sdxl")
    config = CreateConfig(name="new", initialization_text="cat", num_vectors=2)

    embedding = create_embedding(config, model=model, paths=paths)

    assert embedding.source == paths.embeddings_dir / "new.safetensors"
    read = read_embedding(embedding.source)
    for encoder in model.text_encoders:
        (cat,) = encoder.token_vectors("cat")
        assert torch.equal(read.vectors[encoder.name], torch.stack([cat, cat]))


def test_overwriting_leaves_another_model_s_embedding_of_the_name_alone(
    model: Model, tiny_families: Any, paths: Paths
) -> None:
    create_embedding(CreateConfig(name="new"), model=model, paths=paths)
    before = (paths.embeddings_dir / "new.pt").read_bytes()
    config = CreateConfig(name="new", overwrite=True)

    made = create_embedding(config, model=tiny_families.model("sdxl"), paths=paths)
    again = create_embedding(config, model=tiny_families.model("sdxl"), paths=paths)

    assert made.source == again.source == paths.embeddings_dir / "new.safetensors"
    assert (paths.embeddings_dir / "new.pt").read_bytes() == before
