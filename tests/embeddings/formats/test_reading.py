"""Files that other programs write, made here the way they make them."""

from __future__ import annotations

import base64
import json
import pickle
from pathlib import Path

import numpy
import pytest
import safetensors.torch
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from traintab.embeddings.formats import EmbeddingFormat, read_embedding, read_embedding_file
from traintab.errors import EmbeddingFileError

VECTORS = torch.linspace(-0.5, 0.5, 2 * 768).reshape(2, 768)
WEBUI = {
    "string_to_token": {"*": 265},
    "string_to_param": {"*": VECTORS},
    "name": "inner",
    "step": 1234,
    "sd_checkpoint": "0123456789",
    "sd_checkpoint_name": "model-v1",
}


@pytest.fixture(params=["legacy", "zip"])
def save(request: pytest.FixtureRequest, tmp_path: Path) -> object:
    """Writes a tree with torch.save in either layout and returns the path."""

    def write(tree: object, name: str = "mira.pt") -> Path:
        path = tmp_path / name
        torch.save(tree, path, _use_new_zipfile_serialization=request.param == "zip")
        return path

    return write


def vectors_of(path: Path, encoder: str = "clip_l") -> torch.Tensor:
    embedding = read_embedding(path)
    assert list(embedding.vectors) == [encoder]
    return embedding.vectors[encoder]


def test_a1111s_dictionary_gives_all_its_facts_and_the_file_its_name(save) -> None:
    found = read_embedding_file(save(WEBUI))
    assert found.format is EmbeddingFormat.WEBUI
    assert found.inner_name == "inner"
    embedding = found.embedding
    assert (embedding.name, embedding.step) == ("mira", 1234)
    assert (embedding.sd_checkpoint, embedding.sd_checkpoint_name) == ("0123456789", "model-v1")
    assert embedding.source is not None and embedding.source.name == "mira.pt"
    assert torch.equal(embedding.vectors["clip_l"], VECTORS)


def test_the_vectors_are_plain_and_share_no_memory_with_anything(save) -> None:
    parameter = torch.nn.Parameter(VECTORS.clone())
    vectors = vectors_of(save(WEBUI | {"string_to_param": {"anything": parameter}}))
    assert type(vectors) is torch.Tensor
    assert vectors.is_contiguous() and vectors.dtype == torch.float32 and not vectors.requires_grad
    assert vectors.untyped_storage().nbytes() == 2 * 768 * 4


def test_the_old_parameter_dict_is_read(save) -> None:
    tree = {
        "string_to_token": {"*": torch.tensor(265)},
        "string_to_param": torch.nn.ParameterDict({"*": torch.nn.Parameter(VECTORS)}),
    }
    found = read_embedding_file(save(tree, "embeddings.pt"))
    assert found.embedding.step is None
    assert torch.equal(found.embedding.vectors["clip_l"], VECTORS)


def test_facts_of_odd_types_are_left_out(save) -> None:
    odd = {"name": 5, "step": numpy.int64(7), "sd_checkpoint": b"x", "sd_checkpoint_name": ["a"]}
    embedding = read_embedding(save(WEBUI | odd))
    assert (embedding.step, embedding.sd_checkpoint, embedding.sd_checkpoint_name) == (None, None, None)


def test_texts_of_strangers_are_cleaned(save) -> None:
    embedding = read_embedding(
        save(WEBUI | {"sd_checkpoint_name": "a\x1b[31m\nb\u202e" + "x" * 10_000, "step": -1})
    )
    assert embedding.sd_checkpoint_name is not None
    assert embedding.sd_checkpoint_name.startswith("a[31m bx")
    assert len(embedding.sd_checkpoint_name) == 200
    assert embedding.step is None


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.float32])
def test_every_float_type_becomes_float32(save, dtype: torch.dtype) -> None:
    assert torch.equal(vectors_of(save({"emb_params": VECTORS.to(dtype)})), VECTORS.to(dtype).float())


@pytest.mark.parametrize(
    ("tree", "label"),
    [
        ({"emb_params": VECTORS}, EmbeddingFormat.EMB_PARAMS),
        ({"<mira>": VECTORS}, EmbeddingFormat.DIFFUSERS),
        (VECTORS, EmbeddingFormat.DIFFUSERS),
    ],
)
def test_one_tensor_under_any_key_is_an_embedding(save, tree: object, label: EmbeddingFormat) -> None:
    found = read_embedding_file(save(tree, "mira.bin"))
    assert found.format is label
    assert found.inner_name == ("<mira>" if isinstance(tree, dict) and "<mira>" in tree else None)
    assert torch.equal(found.embedding.vectors["clip_l"], VECTORS)


def test_a_one_dimensional_tensor_is_one_vector(save) -> None:
    assert torch.equal(vectors_of(save({"<mira>": VECTORS[1]})), VECTORS[1:])


@pytest.mark.parametrize(
    "view", [VECTORS.t().contiguous().t(), VECTORS[:1].expand(2, 768), torch.cat([VECTORS] * 3)[2:4]]
)
def test_strided_views_are_read_as_they_look(save, view: torch.Tensor) -> None:
    assert torch.equal(vectors_of(save({"emb_params": view})), view)


def test_tensors_with_attributes_are_read_without_them(save) -> None:
    tensor = VECTORS.clone()
    tensor.note = "hello"  # type: ignore[attr-defined]
    assert torch.equal(vectors_of(save({"emb_params": tensor})), VECTORS)


def test_harmless_extras_beside_the_vectors_dont_matter(save) -> None:
    extras = {"device": torch.device("cuda:0"), "dtype": torch.float16, "shape": VECTORS.shape, "set": {1, 2}}
    assert torch.equal(
        vectors_of(save(WEBUI | {"more": extras, "list": [(1, 2.5, None, True, b"x")]})), VECTORS
    )


@pytest.mark.parametrize(
    ("width", "encoder"),
    [(768, "clip_l"), (1024, "clip_h"), (1280, "clip_g"), (128, "clip_l"), (32, "clip_l")],
)
def test_the_width_of_a_lone_tensor_names_its_text_encoder(save, width: int, encoder: str) -> None:
    assert vectors_of(save({"emb_params": torch.ones(1, width)}), encoder).shape == (1, width)


def test_two_text_encoders_are_read_by_their_keys(save) -> None:
    found = read_embedding_file(save({"clip_g": torch.ones(3, 1280), "clip_l": torch.zeros(3, 768)}))
    assert found.format is EmbeddingFormat.ENCODERS
    assert found.embedding.widths == {"clip_l": 768, "clip_g": 1280}


def test_a_lone_encoder_key_says_more_than_the_width(save) -> None:
    assert vectors_of(save({"clip_g": torch.ones(1, 768)}), "clip_g").shape == (1, 768)


def test_safetensors_with_metadata_gives_its_facts(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    metadata = {
        "modelspec.trigger_phrase": "trigger",
        "modelspec.steps": "77",
        "sd_checkpoint_name": "m\n\x07n",
    }
    safetensors.torch.save_file({"emb_params": VECTORS.half()}, path, metadata)
    found = read_embedding_file(path)
    assert (found.inner_name, found.embedding.step, found.embedding.sd_checkpoint_name) == (
        "trigger",
        77,
        "m n",
    )
    assert torch.equal(found.embedding.vectors["clip_l"], VECTORS.half().float())


def test_safetensors_without_metadata_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mira.safetensors"
    safetensors.torch.save_file({"clip_l": VECTORS, "clip_g": torch.ones(2, 1280)}, path)
    embedding = read_embedding(path)
    assert embedding.widths == {"clip_l": 768, "clip_g": 1280}
    assert torch.equal(embedding.vectors["clip_l"], VECTORS)


def test_suffixes_may_be_in_capitals(tmp_path: Path) -> None:
    path = tmp_path / "Mira.SAFETENSORS"
    safetensors.torch.save_file({"emb_params": VECTORS}, path)
    assert read_embedding(path).name == "Mira"


def card(path: Path, tree: object, key: str = "sd-ti-embedding", kind: str = "tEXt") -> Path:
    value = base64.b64encode(json.dumps(tree).encode()).decode()
    info = PngInfo()
    if kind == "iTXt":
        info.add_itxt(key, value, zip=True)
    else:
        info.add_text(key, value, zip=kind == "zTXt")
    Image.new("RGB", (4, 4)).save(path, pnginfo=info)
    return path


def as_json(tensor: torch.Tensor) -> object:
    return {"TORCHTENSOR": tensor.tolist()}


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt"])
def test_a_picture_card_is_called_by_its_inner_name(tmp_path: Path, kind: str) -> None:
    tree = WEBUI | {"string_to_param": {"*": as_json(VECTORS)}}
    found = read_embedding_file(card(tmp_path / "saved-as.png", tree, kind=kind))
    assert found.format is EmbeddingFormat.CARD
    assert (found.embedding.name, found.embedding.step) == ("inner", 1234)
    assert torch.equal(found.embedding.vectors["clip_l"], VECTORS)


@pytest.mark.parametrize("name", ["../../evil", "", None, "a:b", "x" * 500])
def test_a_card_with_an_impossible_name_is_called_by_its_file(tmp_path: Path, name: object) -> None:
    tree = WEBUI | {"string_to_param": {"*": as_json(VECTORS)}, "name": name}
    assert read_embedding(card(tmp_path / "file.png", tree)).name == "file"


def test_a_card_of_two_text_encoders_is_read(tmp_path: Path) -> None:
    tree = {"clip_l": as_json(VECTORS), "clip_g": as_json(torch.ones(2, 1280))}
    assert read_embedding(card(tmp_path / "mira.png", tree)).widths == {"clip_l": 768, "clip_g": 1280}


@pytest.mark.parametrize(
    ("stem", "name"), [("cafe\u0301", "caf\u00e9"), ("a\u200cb", "ab"), ("[cat]", "[cat]")]
)
def test_a_file_is_called_by_the_name_it_was_given_in(tmp_path: Path, stem: str, name: str) -> None:
    torch.save(WEBUI, tmp_path / f"{stem}.pt", _use_new_zipfile_serialization=False)
    assert read_embedding(tmp_path / f"{stem}.pt").name == name


def test_a_file_name_that_is_no_text_becomes_one(tmp_path: Path) -> None:
    path = tmp_path / "a\udcffb.pt"
    try:
        path.write_bytes(b"")
    except OSError:
        pytest.skip("this file system takes text names only")
    torch.save(WEBUI, path)
    embedding = read_embedding(path)
    assert embedding.name == "a?b"
    path.write_bytes(b"x")
    with pytest.raises(EmbeddingFileError, match=r"a\?b"):
        read_embedding(path)


def test_reading_needs_no_model_and_runs_nothing(save, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> object:
        raise AssertionError

    path = save(WEBUI)
    monkeypatch.setattr(torch, "load", forbidden)
    monkeypatch.setattr(pickle, "Unpickler", forbidden)
    assert torch.equal(vectors_of(path), VECTORS)
