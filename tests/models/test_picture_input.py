"""How a picture becomes an encoder's numbers: as transformers' own processor makes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from traintab.models.picture_input import PictureInput


def gradient(width: int, height: int) -> Image.Image:
    picture = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (picture, picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM), picture))


def written(folder: Path, **content: Any) -> Path:
    (folder / "preprocessor_config.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.mark.parametrize("size", [(64, 64), (70, 40), (33, 90), (20, 20)])
def test_a_picture_is_seen_as_transformers_shows_it_to_clip(
    tiny_encoders: Any, size: tuple[int, int]
) -> None:
    from transformers import CLIPImageProcessor

    folder, picture = tiny_encoders.folder("clip"), gradient(*size)
    theirs = CLIPImageProcessor.from_pretrained(folder)(picture, return_tensors="pt")["pixel_values"]
    ours = PictureInput.of_folder(folder, 32).tensor([picture])
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


@given(width=st.integers(1, 300), height=st.integers(1, 300), mode=st.sampled_from(["RGB", "RGBA", "L", "P"]))
@settings(max_examples=30)
def test_pictures_of_any_size_and_mode_become_one_batch(width: int, height: int, mode: str) -> None:
    pictures = [Image.new(mode, (width, height)), gradient(50, 60)]
    found = PictureInput(shortest=16, crop=(16, 16)).tensor(pictures)
    assert found.shape == (2, 3, 16, 16) and torch.isfinite(found).all()


def test_without_a_file_pictures_are_seen_as_clip_sees_them(tmp_path: Path) -> None:
    assert PictureInput.of_folder(tmp_path, 32) == PictureInput(shortest=32, crop=(32, 32))


def test_the_settings_of_a_file_count(tmp_path: Path) -> None:
    folder = written(
        tmp_path, size={"height": 20, "width": 30}, resample=2, image_mean=[0, 0, 0], image_std=[1, 1, 1]
    )
    found = PictureInput.of_folder(folder, 32)
    assert found == PictureInput(size=(30, 20), resample=2, mean=(0, 0, 0), std=(1, 1, 1))
    assert found.tensor([Image.new("RGB", (5, 5), "white")]).amin() == 1


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"size": 24, "do_center_crop": True, "crop_size": 16}, {"shortest": 24, "crop": (16, 16)}),
        ({"size": 24}, {"size": (24, 24)}),
        ({"do_resize": False}, {"crop": (32, 32)}),
        ({"do_resize": False, "size": 24}, {"crop": (32, 32)}),
        ({"size": {"shortest_edge": 24}}, {"shortest": 24, "crop": (32, 32)}),
    ],
)
def test_files_of_old_versions_are_understood(tmp_path: Path, content: Any, wanted: dict[str, Any]) -> None:
    assert PictureInput.of_folder(written(tmp_path, **content), 32) == PictureInput(**wanted)


@pytest.mark.parametrize("size", [0, -4, 100_000, {"height": 9_999_999, "width": 4}])
def test_a_size_that_no_memory_holds_is_refused(tmp_path: Path, size: Any) -> None:
    with pytest.raises(ValueError, match="pixels a side"):
        PictureInput.of_folder(written(tmp_path, size=size), 32)
