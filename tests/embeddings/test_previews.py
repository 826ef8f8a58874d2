from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from traintab.embeddings import previews
from traintab.embeddings.embedding import Embedding
from traintab.embeddings.formats.writing import EmbeddingWriter
from traintab.embeddings.previews import find_preview

EMBEDDING = Embedding(name="mira", vectors={"clip_l": torch.ones(1, 32)})


def draw(path: Path, color: str = "red") -> Path:
    Image.new("RGB", (400, 300), color).save(path)
    return path


def color_of(path: Path) -> object:
    preview = find_preview(path)
    return None if preview is None else preview.image.getpixel((200, 150))


def test_a_file_alone_has_no_preview(tmp_path: Path) -> None:
    assert find_preview(tmp_path / "mira.pt") is None


@pytest.mark.parametrize("name", ["mira.preview.png", "mira.png", "mira.webp", "mira.preview.jpeg"])
def test_a_picture_of_the_files_name_is_its_preview(tmp_path: Path, name: str) -> None:
    draw(tmp_path / name)
    preview = find_preview(tmp_path / "mira.pt")
    assert preview is not None
    assert (preview.image.size, preview.is_captioned) == ((400, 300), False)
    assert find_preview(tmp_path / "mirabelle.pt") is None


def test_a1111s_preview_goes_before_another_picture(tmp_path: Path) -> None:
    draw(tmp_path / "mira.png", "lime")
    draw(tmp_path / "mira.preview.png", "red")
    assert color_of(tmp_path / "mira.pt") == (255, 0, 0)


def test_what_cant_be_opened_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "mira.preview.png").write_bytes(b"no picture")
    (tmp_path / "mira.preview.webp").mkdir()
    draw(tmp_path / "mira.png", "lime")
    assert color_of(tmp_path / "mira.pt") == (0, 255, 0)


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_card_shows_what_lies_between_its_blocks(tmp_path: Path, suffix: str) -> None:
    (path,) = EmbeddingWriter(EMBEDDING, preview=Image.new("RGB", (400, 300), "lime")).write(
        tmp_path / f"mira{suffix}"
    )
    for asked in (path, tmp_path / "mira.pt"):
        preview = find_preview(asked)
        assert preview is not None
        assert (preview.image.size, preview.is_captioned) == ((400, 300), True)


def test_huge_pictures_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(tmp_path / "mira.png")
    monkeypatch.setattr(previews, "_MAX_PIXELS", 400 * 300 - 1)
    assert find_preview(tmp_path / "mira.pt") is None
