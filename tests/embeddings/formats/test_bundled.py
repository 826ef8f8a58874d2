"""Embeddings inside LoRA files."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path

import pytest
import safetensors.torch
import torch

from traintab.embeddings.formats import Bundle, EmbeddingFormat, read_bundled
from traintab.errors import EmbeddingFileError

SD1, SDXL = torch.full((2, 768), 0.25), torch.full((2, 1280), 0.5)
LORA = {"lora_unet_mid.lora_down.weight": torch.ones(4, 320), "lora_unet_mid.alpha": torch.tensor(4.0)}


def lora(path: Path, **bundled: torch.Tensor) -> Path:
    tensors = {f"bundle_emb.{key}": tensor.clone() for key, tensor in bundled.items()}
    safetensors.torch.save_file({**LORA, **tensors}, path, {"ss_output_name": "x"})
    return path


def test_every_bundled_embedding_is_listed_by_name(tmp_path: Path) -> None:
    path = lora(
        tmp_path / "lora.safetensors",
        **{"tom.clip_l": SD1, "tom.clip_g": SDXL, "mira.string_to_param.*": SD1, "a.b.emp_params": SD1},
    )
    found = {file.embedding.name: file for file in read_bundled(path).files}
    assert list(found) == ["a.b", "mira", "tom"]
    assert found["tom"].embedding.widths == {"clip_l": 768, "clip_g": 1280}
    assert torch.equal(found["mira"].embedding.vectors["clip_l"], SD1)
    assert all(file.format is EmbeddingFormat.BUNDLE for file in found.values())
    assert all(file.embedding.source == path for file in found.values())


def test_a_lora_without_embeddings_brings_none(tmp_path: Path) -> None:
    assert read_bundled(lora(tmp_path / "lora.safetensors")) == Bundle()


def test_names_in_keys_become_ones_that_can_be_typed(tmp_path: Path) -> None:
    (found,) = read_bundled(lora(tmp_path / "lora.safetensors", **{"<mi:ra>\x1b.clip_l": SD1})).files
    assert found.embedding.name == "_mi_ra_"
    assert found.inner_name == "<mi:ra>"


def test_a_bad_embedding_is_told_beside_the_good_ones(tmp_path: Path) -> None:
    path = tmp_path / "lora.safetensors"
    bundle = read_bundled(lora(path, **{"good.clip_l": SD1, "b\x1bad.clip_l": SD1 * float("nan")}))
    assert [file.embedding.name for file in bundle.files] == ["good"]
    assert list(bundle.refused) == ["bad"]
    assert bundle.refused["bad"].startswith(
        f"The embedding 'bad' in {path} was refused: found vectors with NaN"
    )


def test_a_large_lora_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "lora.safetensors"
    safetensors.torch.save_file({"bundle_emb.mira.clip_l": SD1, "up": torch.zeros(20 << 20)}, path)
    assert path.stat().st_size > 64 << 20
    tracemalloc.start()
    assert read_bundled(path).files[0].embedding.num_vectors == 2
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("count", [101, 0])
def test_too_many_or_too_large_embeddings_are_refused(tmp_path: Path, count: int) -> None:
    tensors = {f"e{n}.clip_l": torch.zeros(1, 8) for n in range(count)} or {"e.x": torch.zeros(17 << 20)}
    with pytest.raises(EmbeddingFileError, match="was refused: found a LoRA"):
        read_bundled(lora(tmp_path / "lora.safetensors", **tensors))


@pytest.mark.parametrize("data", [b"", b"x", b"\xff" * 8, b"\x02\0\0\0\0\0\0\0[]", b"\x40\0\0\0\0\0\0\0{}"])
def test_files_that_are_no_safetensors_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "lora.safetensors"
    path.write_bytes(data)
    with pytest.raises(EmbeddingFileError, match=r"lora\.safetensors was refused"):
        read_bundled(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loras").mkdir()
    outside = lora(tmp_path / "out.safetensors", **{"a.clip_l": SD1})
    (tmp_path / "loras" / "in.safetensors").symlink_to(outside)
    assert read_bundled(tmp_path / "loras" / "in.safetensors").files
    with pytest.raises(EmbeddingFileError, match="leads out of the folder"):
        read_bundled(tmp_path / "loras" / "in.safetensors", within=tmp_path / "loras")
