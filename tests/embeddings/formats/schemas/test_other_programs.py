"""Layouts of other programs, assembled field by field from what is known of them, not by our writer."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traintab.embeddings.formats import EmbeddingFormat, read_embedding, read_embedding_file
from traintab.errors import EmbeddingFileError

SD1 = torch.linspace(-0.5, 0.5, 3 * 768).reshape(3, 768)
SDXL = torch.linspace(0.5, -0.5, 3 * 1280).reshape(3, 1280)
TYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64"}


def write(path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str] | None = None) -> Path:
    """A safetensors file by its description: length, header, numbers."""
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    numbers = b""
    for name, tensor in tensors.items():
        data = tensor.contiguous().view(torch.uint8).numpy().tobytes()
        place = [len(numbers), len(numbers) + len(data)]
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": place}
        numbers += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + numbers)
    return path


def test_kohyas_file_of_sd1_is_read(tmp_path: Path) -> None:
    metadata = {"modelspec.title": "mira", "modelspec.architecture": "stable-diffusion-v1/textual-inversion"}
    found = read_embedding_file(write(tmp_path / "file.safetensors", {"emb_params": SD1}, metadata))
    assert (found.format, found.inner_name) == (EmbeddingFormat.EMB_PARAMS, "mira")
    assert torch.equal(found.embedding.vectors["clip_l"], SD1)
    assert found.embedding.name == "file"


def test_onetrainers_spelling_is_read(tmp_path: Path) -> None:
    found = read_embedding_file(write(tmp_path / "mira.safetensors", {"emp_params": SD1}))
    assert found.format is EmbeddingFormat.EMP_PARAMS
    assert torch.equal(found.embedding.vectors["clip_l"], SD1)


@pytest.mark.parametrize(
    "tensors",
    [
        {"emp_params": SD1, "emp_params_out": SD1 * 2},
        {"clip_l": SD1, "clip_g": SDXL, "clip_l_out": SD1 * 2, "clip_g_out": SDXL * 2},
    ],
    ids=["sd1", "sdxl"],
)
def test_onetrainers_output_vectors_are_left_out(tmp_path: Path, tensors: dict[str, torch.Tensor]) -> None:
    vectors = read_embedding(write(tmp_path / "mira.safetensors", tensors)).vectors
    assert len(vectors) == len(tensors) // 2
    assert torch.equal(vectors["clip_l"], SD1)


@pytest.mark.parametrize(
    "tensors",
    [{"emp_params": SD1 * 0, "emp_params_out": SD1}, {"clip_l": SD1 * 0, "clip_l_out": SD1}],
    ids=["lone", "keyed"],
)
def test_an_output_embedding_alone_is_called_so(tmp_path: Path, tensors: dict[str, torch.Tensor]) -> None:
    with pytest.raises(EmbeddingFileError, match="an output embedding of OneTrainer"):
        read_embedding(write(tmp_path / "mira.safetensors", tensors))


def test_a_token_that_ends_like_an_output_key_is_a_token(tmp_path: Path) -> None:
    found = read_embedding_file(write(tmp_path / "a.safetensors", {"fade_out": SD1}))
    assert (found.format, found.inner_name) == (EmbeddingFormat.DIFFUSERS, "fade_out")


@pytest.mark.parametrize(
    ("first", "second", "label"),
    [
        ("clip_l", "clip_g", EmbeddingFormat.ENCODERS),
        ("clip_g", "clip_l", EmbeddingFormat.ENCODERS),
        ("text_encoders_0", "text_encoders_1", EmbeddingFormat.TEXT_ENCODERS),
    ],
)
@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_the_keys_of_two_text_encoders_are_read(
    tmp_path: Path, first: str, second: str, label: EmbeddingFormat, dtype: torch.dtype
) -> None:
    values = {"clip_l": SD1.to(dtype), "clip_g": SDXL.to(dtype)}
    of_first, of_second = ("clip_g", "clip_l") if first == "clip_g" else ("clip_l", "clip_g")
    path = write(tmp_path / "mira.safetensors", {first: values[of_first], second: values[of_second]})
    found = read_embedding_file(path)
    assert found.format is label
    assert list(found.embedding.vectors) == ["clip_l", "clip_g"]
    assert torch.equal(found.embedding.vectors["clip_l"], values["clip_l"].float())
    assert torch.equal(found.embedding.vectors["clip_g"], values["clip_g"].float())


@pytest.mark.parametrize("key", ["t5", "t5xxl"])
def test_embeddings_of_newer_families_are_sound_files(tmp_path: Path, key: str) -> None:
    path = write(tmp_path / "mira.safetensors", {"clip_l": SD1, key: torch.ones(3, 4096)})
    assert read_embedding(path).widths == {"clip_l": 768, "t5": 4096}


@pytest.mark.parametrize("tensor", [SD1, SD1[0]], ids=["several", "one"])
def test_diffusers_hub_files_are_called_by_their_token(tmp_path: Path, tensor: torch.Tensor) -> None:
    path = write(tmp_path / "learned_embeds.safetensors", {"<cat-toy>": tensor}, {"format": "pt"})
    found = read_embedding_file(path)
    assert (found.format, found.inner_name, found.embedding.name) == (
        EmbeddingFormat.DIFFUSERS,
        "<cat-toy>",
        "cat-toy",
    )
    assert torch.equal(found.embedding.vectors["clip_l"], tensor.reshape(-1, 768))


@pytest.mark.parametrize("token", ["*", "a/b", "<>", "<a|b>"])
def test_a_hub_file_whose_token_is_no_name_is_called_by_its_folder(tmp_path: Path, token: str) -> None:
    (tmp_path / "cat toy").mkdir()
    path = tmp_path / "cat toy" / "learned_embeds-steps-500.bin"
    torch.save({token: SD1}, path)
    assert read_embedding(path).name == "cat toy"


def test_several_dtypes_in_one_file_are_read(tmp_path: Path) -> None:
    """diffusers casts SDXL's second text encoder to the precision it trains in."""
    vectors = read_embedding(
        write(tmp_path / "a.safetensors", {"clip_l": SD1, "clip_g": SDXL.to(torch.bfloat16)})
    ).vectors
    assert torch.equal(vectors["clip_g"], SDXL.to(torch.bfloat16).float())


def test_kohyas_pickled_files_are_read(tmp_path: Path) -> None:
    torch.save({"emb_params": SD1.half()}, tmp_path / "a.pt")
    torch.save({"clip_g": SDXL, "clip_l": SD1}, tmp_path / "b.pt", _use_new_zipfile_serialization=False)
    assert torch.equal(read_embedding(tmp_path / "a.pt").vectors["clip_l"], SD1.half().float())
    assert read_embedding(tmp_path / "b.pt").widths == {"clip_l": 768, "clip_g": 1280}


@pytest.mark.parametrize(
    ("tensors", "found"),
    [
        ({"lora_unet_x.lora_down.weight": SD1, "lora_unet_x.lora_up.weight": SD1 * 2}, "a LoRA,"),
        ({"bundle_emb.mira.clip_l": SD1, "bundle_emb.tom.clip_l": SD1 * 2}, "the embeddings mira, tom"),
        ({"model.diffusion_model.out.2.bias": SD1, "b": SD1 * 2}, "a model or a part of one"),
        ({f"{layer}": SD1 + n for n, layer in enumerate(["IN01", "MID", "OUT11"])}, "an XTI embedding"),
        ({"one": SD1, "two": SD1 * 2}, "2 tensors"),
    ],
    ids=["lora", "bundle", "model", "xti", "two"],
)
def test_other_kinds_of_safetensors_are_called_by_their_names(
    tmp_path: Path, tensors: dict[str, torch.Tensor], found: str
) -> None:
    with pytest.raises(EmbeddingFileError, match=found):
        read_embedding(write(tmp_path / "a.safetensors", tensors))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(1, 75),
    width=st.sampled_from([8, 128, 768, 1024]),
    dtype=st.sampled_from(list(TYPES)),
    layout=st.sampled_from(["zip", "legacy", "safetensors"]),
    key=st.sampled_from(["emb_params", "emp_params", "<token>", "string_to_param"]),
)
def test_every_number_of_vectors_is_read_from_every_layout(
    tmp_path: Path, rows: int, width: int, dtype: torch.dtype, layout: str, key: str
) -> None:
    tensor = torch.linspace(-2, 2, rows * width).reshape(rows, width).to(dtype)
    if layout == "safetensors":
        path = write(tmp_path / "a.safetensors", {key.replace("string_to_param", "x"): tensor})
    else:
        tree = {key: {"*": tensor} if key == "string_to_param" else tensor}
        path = tmp_path / "a.pt"
        torch.save(tree, path, _use_new_zipfile_serialization=layout == "zip")
    (vectors,) = read_embedding(path).vectors.values()
    assert torch.equal(vectors, tensor.float())
