from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
import safetensors
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import EmbeddingFormat, read_embedding_file, write_embedding
from traintab.errors import EmbeddingFileError, NonFiniteError, StorageError

ONE = Embedding(
    name="mira",
    vectors={"clip_l": torch.linspace(-0.5, 0.5, 2 * 768).reshape(2, 768)},
    step=500,
    sd_checkpoint="0123456789",
    sd_checkpoint_name="model-v1",
)
TWO = Embedding(name="mira", vectors={"clip_l": torch.ones(2, 768), "clip_g": torch.zeros(2, 1280)}, step=3)


@pytest.mark.parametrize(
    ("suffix", "label"),
    [
        (".pt", EmbeddingFormat.WEBUI),
        (".safetensors", EmbeddingFormat.EMB_PARAMS),
        (".bin", EmbeddingFormat.DIFFUSERS),
        (".png", EmbeddingFormat.CARD),
    ],
)
def test_what_is_written_is_read_back(tmp_path: Path, suffix: str, label: EmbeddingFormat) -> None:
    path = tmp_path / f"mira{suffix}"
    write_embedding(ONE, path)
    found = read_embedding_file(path)
    assert found.format is label
    assert found.inner_name == "mira"
    assert found.embedding.name == "mira"
    assert torch.equal(found.embedding.vectors["clip_l"], ONE.vectors["clip_l"])
    if suffix != ".bin":
        assert (found.embedding.step, found.embedding.sd_checkpoint) == (500, "0123456789")
        assert found.embedding.sd_checkpoint_name == "model-v1"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(1, 75),
    width=st.integers(8, 64),
    seed=st.integers(0, 1000),
    suffix=st.sampled_from([".pt", ".bin", ".safetensors", ".png"]),
)
def test_any_finite_numbers_survive_every_format_bit_by_bit(
    tmp_path: Path, rows: int, width: int, seed: int, suffix: str
) -> None:
    bits = torch.randint(-(2**31), 2**31 - 1, (rows, width), generator=torch.Generator().manual_seed(seed))
    vectors = bits.to(torch.int32).view(torch.float32)
    vectors = torch.where(torch.isfinite(vectors), vectors, 0.0)
    path = tmp_path / f"a{suffix}"
    write_embedding(Embedding(name="a", vectors={"clip_l": vectors}), path)
    found = read_embedding_file(path).embedding.vectors["clip_l"]
    assert torch.equal(found.view(torch.int32), vectors.view(torch.int32))


def test_a_pt_file_is_what_a1111_writes_and_its_checker_accepts(tmp_path: Path) -> None:
    path = tmp_path / "mira.pt"
    write_embedding(ONE, path)
    data = path.read_bytes()
    assert not data.startswith(b"PK")
    with path.open("rb") as stream:
        tree = torch.serialization.load(stream, weights_only=True)
    vectors = tree.pop("string_to_param")
    assert tree == {
        "string_to_token": {"*": 265},
        "name": "mira",
        "step": 500,
        "sd_checkpoint": "0123456789",
        "sd_checkpoint_name": "model-v1",
    }
    assert list(vectors) == ["*"]
    assert torch.equal(vectors["*"], ONE.vectors["clip_l"])


@pytest.mark.parametrize("suffix", [".pt", ".bin"])
def test_trained_leaves_and_views_are_saved_as_plain_small_tensors(tmp_path: Path, suffix: str) -> None:
    leaf = torch.nn.Parameter(torch.randn(1000, 32, dtype=torch.float64))
    path = tmp_path / f"a{suffix}"
    write_embedding(Embedding(name="a", vectors={"clip_l": leaf[:2]}), path)
    assert path.stat().st_size < 3000
    with path.open("rb") as stream:
        tree = torch.serialization.load(stream, weights_only=True)
    tensor = tree["string_to_param"]["*"] if suffix == ".pt" else tree["a"]
    assert tensor.dtype == torch.float32 and not tensor.requires_grad


def test_safetensors_carries_the_modelspec_fields(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    write_embedding(ONE, path)
    with safetensors.safe_open(path, "pt") as file:
        assert list(file.keys()) == ["emb_params"]
        metadata = file.metadata()
    assert metadata["modelspec.title"] == metadata["modelspec.trigger_phrase"] == "mira"
    assert metadata["modelspec.architecture"] == "stable-diffusion-v1/textual-inversion"
    assert metadata["modelspec.steps"] == "500"
    assert date.fromisoformat(metadata["modelspec.date"])


def test_two_text_encoders_have_exactly_their_two_keys(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    write_embedding(TWO, path)
    with safetensors.safe_open(path, "pt") as file:
        assert sorted(file.keys()) == ["clip_g", "clip_l"]
        assert file.metadata()["modelspec.architecture"] == "stable-diffusion-xl-v1-base/textual-inversion"
    found = read_embedding_file(path).embedding
    assert found.step == 3
    assert torch.equal(found.vectors["clip_l"], TWO.vectors["clip_l"])


def test_two_text_encoders_fit_into_a_card(tmp_path: Path) -> None:
    path = tmp_path / "mira.png"
    write_embedding(TWO, path)
    assert read_embedding_file(path).embedding.widths == TWO.widths


@pytest.mark.parametrize("suffix", [".pt", ".bin"])
def test_two_text_encoders_are_refused_where_no_program_reads_them(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(EmbeddingFileError, match=r"Write it as \.safetensors"):
        write_embedding(TWO, tmp_path / f"mira{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingFileError, match=r"'\.ckpt' is no embedding format"):
        write_embedding(ONE, tmp_path / "mira.ckpt")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_broken_numbers_never_replace_a_good_file(tmp_path: Path, value: float) -> None:
    path = tmp_path / "mira.pt"
    write_embedding(ONE, path)
    before = path.read_bytes()
    with pytest.raises(NonFiniteError, match="nothing was written"):
        write_embedding(Embedding(name="mira", vectors={"clip_l": torch.full((1, 768), value)}), path)
    assert path.read_bytes() == before


def test_a_folder_that_cant_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="Writing"):
        write_embedding(ONE, tmp_path / "file" / "mira.pt")


def test_a_card_on_a_plain_background_is_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "mira.png"
    write_embedding(ONE, path)
    with Image.open(io.BytesIO(path.read_bytes())) as picture:
        assert picture.size == (512, 512)


def test_diffusers_loads_the_pt_the_bin_and_the_safetensors_file(
    tmp_path: Path, tiny_model_dir: Path
) -> None:
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(
        tiny_model_dir, safety_checker=None, local_files_only=True
    )
    vectors = torch.linspace(-1, 1, 64).reshape(2, 32)
    for suffix, token in ((".pt", "one"), (".bin", "two"), (".safetensors", "three")):
        path = tmp_path / f"{token}{suffix}"
        write_embedding(Embedding(name=token, vectors={"clip_l": vectors}), path)
        pipeline.load_textual_inversion(str(path), token=token)
        table = pipeline.text_encoder.get_input_embeddings().weight
        ids = pipeline.tokenizer.convert_tokens_to_ids([token, f"{token}_1"])
        assert torch.equal(table[ids].detach(), vectors)
