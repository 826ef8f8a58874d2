"""Looking at a whole folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from traintab.configs import PreprocessConfig, from_mapping
from traintab.errors import ConfigError, DatasetError
from traintab.preprocessing.folder_check import FolderCheck, check_folder


def texture(seed: int, size: tuple[int, int] = (128, 128)) -> Image.Image:
    """A picture like no other: blobs of all sizes with sharp edges."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 2, (8, 8, 3), dtype=np.uint8) * 200 + 20
    return Image.fromarray(small).resize(size, Image.Resampling.NEAREST)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one of each thing that can be wrong."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, image in {
        "a": texture(1),
        "a copy": texture(1),
        "blurry": texture(2).filter(ImageFilter.GaussianBlur(6)),
        "long": texture(3, (128, 400)),
        "mirrored": ImageOps.mirror(texture(1)),
        "plain": Image.new("RGB", (128, 128), "red"),
        "small": texture(4, (50, 64)),
    }.items():
        image.save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text("a hat")
    texture(1).save(folder / "soft.jpg", quality=60)
    (folder / "torn.png").write_bytes((folder / "a.png").read_bytes()[:200])
    (folder / "long.txt").write_text("hat, " * 40)
    (folder / "small.txt").write_text(" \n")
    (folder / "plain.txt").write_bytes(b"\x00\x81\x00")
    return folder


def checked(folder: Path, **settings: object) -> FolderCheck:
    config = from_mapping(
        PreprocessConfig, {"source": str(folder), "destination": str(folder / "out"), **settings}
    )
    return check_folder(config, (128, 128))


def found(check: FolderCheck) -> dict[str, list[str]]:
    return {one.kind: [named.path.name for named in one.pictures] for one in check.findings}


def test_each_kind_of_trouble_is_found_in_the_pictures_that_have_it(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    check = checked(folder)
    assert found(check) == {
        "unreadable": ["torn.png"],
        "duplicates": ["a.png"],
        "plain": ["plain.png"],
        "too_small": ["small.png"],
        "blurry": ["blurry.png"],
        "unreadable_captions": ["plain.png"],
        "no_caption": ["small.png", "soft.jpg"],
        "near_duplicates": ["mirrored.png", "soft.jpg"],
        "oversized": ["long.png"],
        "cut_off": ["long.png"],
        "long_captions": ["long.png"],
    }
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert (check.total, check.count, check.captions) == (9, 8, 5)


def test_what_to_do_suits_one_picture_and_many(folder: Path) -> None:
    remedies = [one.remedy for one in checked(folder).findings if len(one.pictures) == 1]
    of_many = re.compile(r"\b(They|they|[Tt]hem|their|copies)\b")
    assert len(remedies) == 9
    assert [remedy for remedy in remedies if of_many.search(remedy)] == []


def test_the_check_is_told_in_lines_and_as_json(folder: Path) -> None:
    check = checked(folder)
    text = "\n".join(check.lines())
    assert "Checked 9 files: 8 pictures, 50x64 to 128x400 pixels" in text
    assert "small.png: 50 × 64 pixels, enlarged 2.6 times to 128 × 128" in text
    assert "mirrored.png: almost the same, mirrored as a copy.png" in text
    assert "long.png: 80 tokens or more" in text
    mapping = json.loads(json.dumps(check.to_mapping()))
    assert mapping["count"] == 8 and mapping["shapes"]["1:2"] == 1
    kinds = {one["kind"]: one for one in mapping["findings"]}
    assert kinds["duplicates"]["pictures"][0]["other"].endswith("a copy.png")


def test_settings_that_mend_a_thing_silence_it(folder: Path) -> None:
    assert not {"oversized", "cut_off"} & set(found(checked(folder, split=True)))
    assert "too_small" not in found(checked(folder, keep_original_size=True))
    (captionless,) = (one for one in checked(folder, caption="tags").findings if one.kind == "no_caption")
    assert not captionless.is_problem


def test_the_worst_pictures_are_named_first(tmp_path: Path) -> None:
    for number, size in enumerate([(100, 128), (40, 128), (256, 128), (600, 128)]):
        texture(number, size).save(tmp_path / f"{number}.png")
    for number, blur in enumerate([5, 9, 7], start=4):
        texture(1).filter(ImageFilter.GaussianBlur(blur)).save(tmp_path / f"{number}.png")
    told = found(checked(tmp_path))
    assert told["too_small"] == ["1.png", "0.png"] and told["blurry"] == ["5.png", "6.png", "4.png"]
    assert told["cut_off"] == ["3.png", "1.png", "2.png"]


def test_a_few_pixels_too_few_are_no_problem(tmp_path: Path) -> None:
    for side in (120, 124):
        texture(side, (side, side)).save(tmp_path / f"{side}.png")
    assert found(checked(tmp_path))["too_small"] == ["120.png"]


def test_a_picture_that_is_cropped_all_the_same_is_told(tmp_path: Path) -> None:
    texture(1, (200, 128)).save(tmp_path / "wide.png")
    texture(2, (128, 800)).save(tmp_path / "tower.png")
    assert found(checked(tmp_path, split=True))["cut_off"] == ["wide.png"]
    sizes = {"auto_size": True, "dimension_lower": 64, "dimension_upper": 256, "area_lower": 4096}
    by_size = found(checked(tmp_path, **sizes))
    assert by_size["cut_off"] == by_size["oversized"] == ["tower.png"]


def test_captions_are_counted_by_the_models_tokenizer_when_it_is_there(folder: Path) -> None:
    config = PreprocessConfig(source=str(folder), destination="")
    check = check_folder(config, (128, 128), count_tokens=lambda text: 76 if text == "a hat" else 1)
    (finding,) = (one for one in check.findings if one.kind == "long_captions")
    assert {one.detail for one in finding.pictures} == {"76 tokens"} and len(finding.pictures) == 4


def test_an_interrupt_leaves_the_rest_unseen_and_progress_is_told(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    config = PreprocessConfig(source=str(folder), destination="")
    check = check_folder(
        config,
        (128, 128),
        progress=lambda done, total: told.append((done, total)),
        interrupted=lambda: len(told) > 3,
    )
    assert told == [(0, 9), (1, 9), (2, 9), (3, 9)]
    assert check.advice == (), "3 pictures looked at are not a folder of 3"
    assert check.not_looked_at == 6 and "6 not looked at" in check.lines()[0]


def test_a_folder_without_anything_broken_has_no_findings(tmp_path: Path) -> None:
    for number in range(20):
        texture(number).save(tmp_path / f"{number}.png")
        (tmp_path / f"{number}.txt").write_text("a hat")
    check = checked(tmp_path)
    assert check.findings == () and check.advice == ()


def test_a_missing_or_empty_source_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Source directory is empty"):
        check_folder(PreprocessConfig(source="", destination=""), (128, 128))
    with pytest.raises(DatasetError, match="holds no pictures"):
        checked(tmp_path)
