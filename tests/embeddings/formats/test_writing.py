from __future__ import annotations

import io
import pickletools
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load_file

from traintab.embeddings.card_pixels import decode_card_pixels
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import EmbeddingFormat, read_embedding_file, write_embedding
from traintab.embeddings.formats.writing import TARGETS, EmbeddingWriter
from traintab.errors import EmbeddingFileError, NonFiniteError, StorageError

ONE = Embedding(
    name="mira",
    vectors={"clip_l": torch.linspace(-0.5, 0.5, 2 * 768).reshape(2, 768)},
    step=500,
    sd_checkpoint="0123456789",
    sd_checkpoint_name="model-v1",
)
TWO = Embedding(name="mira", vectors={"clip_l": torch.ones(2, 768), "clip_g": torch.zeros(2, 1280)}, step=3)
# What the checker of A1111 1.10 lets a pickle name, of what torch.save could need here.
A1111_ALLOWS = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    "torch FloatStorage",
    "torch HalfStorage",
}


@pytest.mark.parametrize(
    ("suffix", "label"),
    [
        (".pt", EmbeddingFormat.WEBUI),
        (".safetensors", EmbeddingFormat.EMB_PARAMS),
        (".bin", EmbeddingFormat.DIFFUSERS),
        (".png", EmbeddingFormat.CARD),
        (".webp", EmbeddingFormat.CARD),
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


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(1, 75),
    width=st.sampled_from([32, 128]),
    seed=st.integers(0, 1000),
    suffix=st.sampled_from([".pt", ".bin", ".safetensors", ".png", ".webp"]),
)
def test_the_numbers_survive_every_format_bit_by_bit(
    tmp_path: Path, rows: int, width: int, seed: int, suffix: str
) -> None:
    bits = torch.randint(-(2**31), 2**31 - 1, (rows, width), generator=torch.Generator().manual_seed(seed))
    vectors = bits.to(torch.int32).view(torch.float32)
    vectors = torch.where(vectors.abs() < 1e4, vectors, 0.0)
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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("suffix", [".pt", ".bin"])
def test_pickled_files_name_nothing_that_a1111s_checker_forbids(
    tmp_path: Path, suffix: str, dtype: torch.dtype
) -> None:
    path = tmp_path / f"mira{suffix}"
    EmbeddingWriter(replace(ONE, comment="Hello."), dtype=dtype).write(path)
    stream, named = io.BytesIO(path.read_bytes()), set()
    for _ in range(5):  # magic number, version, machine, the tree, the storages' keys
        for opcode, argument, _ in pickletools.genops(stream):
            assert opcode.name not in ("STACK_GLOBAL", "INST", "BUILD")
            if opcode.name == "GLOBAL":
                named.add(argument)
    assert named <= A1111_ALLOWS


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


def test_two_text_encoders_have_exactly_their_two_keys(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    write_embedding(TWO, path)
    with safetensors.safe_open(path, "pt") as file:
        assert sorted(file.keys()) == ["clip_g", "clip_l"]
        assert file.metadata()["modelspec.architecture"] == "stable-diffusion-xl-v1-base/textual-inversion"
    found = read_embedding_file(path).embedding
    assert found.step == 3
    assert torch.equal(found.vectors["clip_l"], TWO.vectors["clip_l"])


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_two_text_encoders_fit_into_a_card(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mira{suffix}"
    write_embedding(TWO, path)
    found = read_embedding_file(path).embedding
    assert all(torch.equal(found.vectors[key], TWO.vectors[key]) for key in TWO.vectors)
    assert found.step == (3 if suffix == ".png" else None), "WebP has no place for it that A1111 bears"


@pytest.mark.parametrize("suffix", [".bin", ".safetensors"])
def test_diffusers_has_a_file_for_each_text_encoder(tmp_path: Path, suffix: str) -> None:
    first, second = write_embedding(TWO, tmp_path / f"mira{suffix}", "diffusers")
    assert (first.name, second.name) == (f"mira{suffix}", f"mira_2{suffix}")
    for path, vectors in zip((first, second), (TWO.vectors["clip_l"], TWO.vectors["clip_g"]), strict=True):
        tree = torch.load(path, weights_only=True) if suffix == ".bin" else load_file(path)
        assert list(tree) == ["mira"]
        assert torch.equal(tree["mira"], vectors)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("learned_embeds.bin", "learned_embeds_2.bin"),
        ("learned_embeds-steps-9.safetensors", "learned_embeds_2-steps-9.safetensors"),
        ("my.face.bin", "my.face_2.bin"),
    ],
)
def test_the_second_file_is_called_as_diffusers_calls_it(tmp_path: Path, first: str, second: str) -> None:
    assert [path.name for path in write_embedding(TWO, tmp_path / first, "diffusers")] == [first, second]


def test_the_name_of_a_second_file_is_refused_for_the_first(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingFileError, match="gives this name to the second"):
        write_embedding(TWO, tmp_path / "learned_embeds_2.bin")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".bin", ".safetensors"])
def test_the_two_files_are_read_back_as_one_embedding(tmp_path: Path, suffix: str) -> None:
    first, _ = write_embedding(TWO, tmp_path / f"mira{suffix}", "diffusers")
    found = read_embedding_file(first).embedding
    assert found.vectors.keys() == TWO.vectors.keys()
    assert all(torch.equal(found.vectors[key], TWO.vectors[key]) for key in TWO.vectors)


def test_three_text_encoders_fit_into_the_file_for_sharing_only(tmp_path: Path) -> None:
    vectors = {"clip_l": torch.ones(1, 768), "clip_g": torch.ones(1, 1280), "t5": torch.ones(1, 4096)}
    three = Embedding(name="mira", vectors=vectors)
    with pytest.raises(EmbeddingFileError, match="one or two text encoders, and mira has 3"):
        write_embedding(three, tmp_path / "mira.bin")
    (path,) = write_embedding(three, tmp_path / "mira.safetensors")
    assert read_embedding_file(path).embedding.widths == three.widths


def test_a_lone_text_encoder_that_its_width_doesnt_tell_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    write_embedding(Embedding(name="mira", vectors={"clip_g": torch.ones(1, 768)}), path)
    with safetensors.safe_open(path, "pt") as file:
        assert list(file.keys()) == ["clip_g"]


def test_the_order_of_the_encoders_is_the_pipelines_whatever_order_they_were_given_in(tmp_path: Path) -> None:
    turned = Embedding(name="mira", vectors=dict(reversed(TWO.vectors.items())))
    first, _ = write_embedding(turned, tmp_path / "mira.bin")
    assert torch.load(first, weights_only=True)["mira"].shape == (2, 768)


def test_two_text_encoders_are_refused_where_no_program_reads_them(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingFileError, match=r"clip_l and clip_g\)\. Write it as \.safetensors"):
        write_embedding(TWO, tmp_path / "mira.pt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", TARGETS)
def test_a_format_is_written_to_its_suffixes_only(tmp_path: Path, target: str) -> None:
    for suffix in (".pt", ".safetensors", ".bin", ".png", ".webp"):
        path = tmp_path / f"{target}{suffix}"
        if suffix in TARGETS[target]:
            assert write_embedding(ONE, path, target) == (path,)
        else:
            with pytest.raises(EmbeddingFileError, match=f"{target} is written to"):
                write_embedding(ONE, path, target)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingFileError, match="'tiff' is no format; use one of webui, emb_params"):
        write_embedding(ONE, tmp_path / "mira.pt", "tiff")


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingFileError, match=r"'\.ckpt' is no embedding format"):
        write_embedding(ONE, tmp_path / "mira.ckpt")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -6e4])
def test_broken_numbers_never_replace_a_good_file(tmp_path: Path, value: float) -> None:
    path = tmp_path / "mira.pt"
    write_embedding(ONE, path)
    before = path.read_bytes()
    with pytest.raises(NonFiniteError, match="nothing was written"):
        write_embedding(Embedding(name="mira", vectors={"clip_l": torch.full((1, 768), value)}), path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("vectors", "counts"),
    [
        ({"clip_l": torch.zeros(76, 32)}, "vectors are 76 for clip_l; programs"),
        ({"clip_l": torch.zeros(0, 32)}, "are 0 for clip_l"),
        ({"clip_l": torch.zeros(1, 768), "clip_g": torch.zeros(2, 1280)}, "1 for clip_l and 2 for clip_g"),
        ({}, "none"),
    ],
    ids=["too many", "no row", "unequal", "no encoder"],
)
def test_what_no_program_reads_again_is_not_written(
    tmp_path: Path, vectors: dict[str, torch.Tensor], counts: str
) -> None:
    with pytest.raises(EmbeddingFileError, match=counts):
        write_embedding(Embedding(name="mira", vectors=vectors), tmp_path / "mira.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cant_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="Writing"):
        write_embedding(ONE, tmp_path / "file" / "mira.pt")


def test_a_card_without_a_preview_is_on_a_plain_background(tmp_path: Path) -> None:
    path = tmp_path / "mira.png"
    write_embedding(ONE, path)
    with Image.open(path) as picture:
        assert picture.height == 512
        red, green, blue = picture.getpixel((picture.width // 2, 250))  # type: ignore[misc]
    assert red == green == blue


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_card_shows_its_preview(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mira{suffix}"
    EmbeddingWriter(ONE, preview=Image.new("RGB", (400, 500), "red")).write(path)
    with Image.open(path) as picture:
        assert picture.height == 500
        assert picture.getpixel((picture.width // 2, 250)) == (255, 1, 1)
        assert b'"name": "mira"' in (decode_card_pixels(picture) or b"")


def test_nothing_is_written_while_encoding(tmp_path: Path) -> None:
    files = EmbeddingWriter(TWO).encoded(tmp_path / "mira.bin")
    assert [path.name for path in files] == ["mira.bin", "mira_2.bin"]
    assert list(tmp_path.iterdir()) == []
