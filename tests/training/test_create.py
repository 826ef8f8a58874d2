"""New embeddings."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from traintab.configs import CreateConfig
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.errors import BusyError, ConfigError, EmbeddingNameError
from traintab.models.model import Model
from traintab.paths import Paths
from traintab.training.create import create_embedding
from traintab.training.lock import embedding_lock


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


def test_a_taken_name_is_refused_and_the_file_left_alone(model: Model, paths: Paths) -> None:
    create_embedding(CreateConfig(name="new"), model=model, paths=paths)
    before = (paths.embeddings_dir / "new.pt").read_bytes()
    with pytest.raises(EmbeddingNameError, match=r"called 'new' already.*Overwrite Old Embedding"):
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
