"""`embeddings convert`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from traintab.commands.embeddings import FORMATS
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats import read_embedding, write_embedding
from traintab.embeddings.formats.writing import TARGETS

XL = {"clip_l": torch.ones(1, 768), "clip_g": torch.full((1, 1280), 0.5)}


def write(path: Path, **vectors: torch.Tensor) -> Path:
    tensors = vectors or {"clip_l": torch.full((2, 32), 0.5)}
    write_embedding(Embedding(name=path.stem, vectors=tensors, step=7), path)
    return path


def middle(path: Path) -> object:
    with Image.open(path) as card:
        return card.getpixel((card.width // 2, card.height // 2))


def test_the_formats_are_those_that_are_written() -> None:
    assert tuple(TARGETS) == FORMATS


def test_convert_writes_every_format_with_the_same_vectors(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "cat.pt")
    outputs = [tmp_path / f"cat{suffix}" for suffix in (".safetensors", ".bin", ".png", ".webp")]
    answer = line("embeddings", "convert", source, *outputs, "--json")
    assert answer.status == 0
    assert [row["format"] for row in answer.objects] == ["emb_params", "diffusers", "card", "card"]
    vectors = read_embedding(source).vectors["clip_l"]
    for output in outputs:
        assert torch.equal(read_embedding(output).vectors["clip_l"], vectors)


def test_a_format_gives_the_suffix_where_there_is_none(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "cat.pt")
    (tmp_path / "folder").mkdir()
    line("embeddings", "convert", source, tmp_path / "other", tmp_path / "folder", "--format", "emb_params")
    assert (tmp_path / "other.safetensors").is_file()
    assert (tmp_path / "folder" / "cat.safetensors").is_file()


def test_a_slash_at_the_end_is_a_folder_that_is_made(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "cat.pt")
    assert line("embeddings", "convert", source, f"{tmp_path}/shared/", "--format", "emb_params").status == 0
    assert (tmp_path / "shared" / "cat.safetensors").is_file()
    answer = line("embeddings", "convert", source, f"{tmp_path}/more.pt/")
    assert answer.status == 2 and "it is a folder" in answer.err


@pytest.mark.parametrize(
    ("output", "wanted"), [("a.txt", None), ("a", None), ("a.pt", "card"), (".", None)], ids=str
)
def test_an_output_without_a_format_is_refused_before_anything_is_written(
    line: Any, tmp_path: Path, output: str, wanted: str | None
) -> None:
    source = write(tmp_path / "cat.pt")
    options = () if wanted is None else ("--format", wanted)
    answer = line(
        "embeddings", "convert", source, tmp_path / "first.safetensors", tmp_path / output, *options
    )
    assert (answer.status, answer.out) == (2, "")
    assert not (tmp_path / "first.safetensors").exists()


def test_two_text_encoders_do_not_fit_into_a_pt(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "xl.safetensors", clip_l=torch.ones(1, 768), clip_g=torch.ones(1, 1280))
    answer = line("embeddings", "convert", source, tmp_path / "ok.safetensors", tmp_path / "xl.pt")
    assert answer.status == 2
    assert "clip_l and clip_g" in answer.err
    assert not (tmp_path / "ok.safetensors").exists()


@pytest.mark.parametrize("suffix", [".bin", ".safetensors"])
def test_diffusers_gets_two_files_for_two_text_encoders(line: Any, tmp_path: Path, suffix: str) -> None:
    source = write(tmp_path / "xl.safetensors", **XL)
    first, second = tmp_path / f"a{suffix}", tmp_path / f"a_2{suffix}"
    answer = line("embeddings", "convert", source, first, "--format", "diffusers")
    assert answer.out.splitlines() == [f"Wrote {first}", f"Wrote {second}"]
    found = read_embedding(first).vectors
    assert all(torch.equal(found[key], XL[key]) for key in XL)


def test_the_second_file_never_replaces_a_stranger(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "xl.safetensors", **XL)
    stranger = write(tmp_path / "a_2.bin")
    before = stranger.read_bytes()
    answer = line("embeddings", "convert", source, tmp_path / "a.bin")
    assert answer.status == 2
    assert "a_2.bin is its second file and is there already" in answer.err
    assert stranger.read_bytes() == before
    assert not (tmp_path / "a.bin").exists()


@pytest.mark.parametrize("name", ["cat.png", "model.safetensors"])
def test_what_is_no_embedding_is_never_replaced(line: Any, tmp_path: Path, name: str) -> None:
    """The preview picture beside the file, a checkpoint."""
    source = write(tmp_path / "cat.pt")
    Image.new("RGB", (400, 400)).save(tmp_path / name, "PNG")
    before = (tmp_path / name).read_bytes()
    answer = line("embeddings", "convert", source, tmp_path / "other.pt", tmp_path / name)
    assert answer.status == 2
    assert f"{name}: what is there is no embedding and would be lost" in answer.err
    assert (tmp_path / name).read_bytes() == before
    assert not (tmp_path / "other.pt").exists()


@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".bin", ".png", ".webp"])
def test_an_embedding_is_written_again(line: Any, tmp_path: Path, suffix: str) -> None:
    source = write(tmp_path / "cat.pt")
    for _ in range(2):
        assert line("embeddings", "convert", source, tmp_path / f"dog{suffix}").status == 0


def test_a_pair_can_be_written_again(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "xl.safetensors", **XL)
    for _ in range(2):
        assert line("embeddings", "convert", source, tmp_path / "a.bin").status == 0


def test_an_output_named_twice_is_refused(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "cat.pt")
    output = tmp_path / "b.pt"
    answer = line("embeddings", "convert", source, output, output)
    assert answer.status == 2
    assert "name it once" in answer.err
    assert not output.exists()


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_card_shows_the_files_own_preview(line: Any, tmp_path: Path, suffix: str) -> None:
    source = write(tmp_path / "cat.pt")
    Image.new("RGB", (400, 400), (1, 200, 3)).save(tmp_path / "cat.preview.png")
    assert line("embeddings", "convert", source, tmp_path / f"card{suffix}").status == 0
    assert middle(tmp_path / f"card{suffix}") == (1, 200, 3)


def test_a_card_shows_the_preview_that_was_named(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "cat.pt")
    Image.new("RGB", (400, 400), (1, 200, 3)).save(tmp_path / "cat.preview.png")
    Image.new("RGB", (400, 400), (200, 1, 3)).save(tmp_path / "other.png")
    card = tmp_path / "card.png"
    assert line("embeddings", "convert", source, card, "--preview", tmp_path / "other.png").status == 0
    assert middle(card) == (200, 1, 3)


def test_a_preview_that_is_none_is_refused_before_anything_is_written(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "cat.pt")
    answer = line("embeddings", "convert", source, tmp_path / "a.png", "--preview", source)
    assert answer.status == 2
    assert "Opening the preview" in answer.err
    assert not (tmp_path / "a.png").exists()


def test_a_card_keeps_its_looks_as_another_card(line: Any, tmp_path: Path) -> None:
    source = write(tmp_path / "cat.png")
    assert line("embeddings", "convert", source, tmp_path / "cat.webp").status == 0
    with Image.open(source) as old, Image.open(tmp_path / "cat.webp") as new:
        assert old.convert("RGB").tobytes() == new.convert("RGB").tobytes()
    assert read_embedding(tmp_path / "cat.webp").name == "cat"


def test_the_embeddings_of_a_lora_are_written_to_a_folder(line: Any, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    lora = tmp_path / "lora.safetensors"
    rows = {"one": torch.ones(1, 768), "two": torch.full((2, 768), 2.0)}
    save_file({f"bundle_emb.{name}.emb_params": tensor for name, tensor in rows.items()}, lora)
    (tmp_path / "out").mkdir()
    assert line("embeddings", "convert", lora, tmp_path / "out", "--format", "webui").status == 0
    for name, tensor in rows.items():
        assert torch.equal(read_embedding(tmp_path / "out" / f"{name}.pt").vectors["clip_l"], tensor)
    answer = line("embeddings", "convert", lora, tmp_path / "one.pt")
    assert answer.status == 2
    assert "written twice" in answer.err


def test_what_of_a_lora_cannot_be_written_is_said(line: Any, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    lora, output = tmp_path / "lora.safetensors", tmp_path / "one.pt"
    rows = {"one": torch.ones(1, 768), "two": torch.full((2, 768), float("nan"))}
    save_file({f"bundle_emb.{name}.emb_params": tensor for name, tensor in rows.items()}, lora)
    answer = line("embeddings", "convert", lora, output)
    assert answer.status == 0
    assert answer.err.startswith("Left out: The embedding 'two' in")
    assert torch.equal(read_embedding(output).vectors["clip_l"], rows["one"])
    save_file({"bundle_emb.two.emb_params": rows["two"]}, lora)
    answer = line("embeddings", "convert", lora, output)
    assert answer.status == 2
    assert "The embedding 'two' in" in answer.err


def test_what_is_no_embedding_is_refused_by_its_own_reason(line: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.pt").write_bytes(b"nonsense")
    answer = line("embeddings", "convert", tmp_path / "bad.pt", tmp_path / "a.png")
    assert answer.status == 2
    assert "bad.pt was refused" in answer.err
