from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from traintab.errors import ModelError
from traintab.models.discovery import Checkpoint
from traintab.models.facts import default_guidance_scale_of, default_size_of, family_of, is_sdxl, widths_of
from traintab.models.model import Model

HUB = Checkpoint(name="owner/name", path=None, kind="hub")


def folder_checkpoint(folder: Path) -> Checkpoint:
    return Checkpoint(name=folder.name, path=folder, kind="folder")


def test_the_facts_are_those_of_the_loaded_model(tiny_model: Model, tiny_model_dir: Path) -> None:
    checkpoint = folder_checkpoint(tiny_model_dir)

    assert default_size_of(checkpoint) == tiny_model.default_size
    assert widths_of(checkpoint) == tiny_model.widths


def test_a_size_given_as_height_and_width_is_understood(tiny_model_dir: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model_dir, tmp_path / "copy"))
    config = json.loads((folder / "unet" / "config.json").read_text(encoding="utf-8"))
    (folder / "unet" / "config.json").write_text(
        json.dumps({**config, "sample_size": [16, 16]}), encoding="utf-8"
    )

    assert default_size_of(folder_checkpoint(folder)) == 128


@pytest.mark.parametrize(
    ("text", "scale"), [('{"guidance_scale": 4}', 4.0), ('{"guidance_scale": 2.5}', 2.5)]
)
def test_a_folder_can_ask_for_a_guidance_scale(tmp_path: Path, text: str, scale: float) -> None:
    (tmp_path / "generation_config.json").write_text(text, encoding="utf-8")

    assert default_guidance_scale_of(folder_checkpoint(tmp_path)) == scale


def test_a_folder_that_asks_for_none_gets_seven(tmp_path: Path) -> None:
    assert default_guidance_scale_of(folder_checkpoint(tmp_path)) == 7.0
    assert default_guidance_scale_of(HUB) == 7.0


@pytest.mark.parametrize("value", ["0", "31", "true", '"4"', "null"])
def test_a_guidance_scale_out_of_range_is_named(tmp_path: Path, value: str) -> None:
    (tmp_path / "generation_config.json").write_text(f'{{"guidance_scale": {value}}}', encoding="utf-8")

    with pytest.raises(ModelError, match=r"generation_config\.json is .*expected a number from 1 to 30"):
        default_guidance_scale_of(folder_checkpoint(tmp_path))


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_every_family_s_widths_are_those_of_the_loaded_model(tiny_families: Any, family: str) -> None:
    checkpoint = folder_checkpoint(tiny_families.folder(family))

    assert widths_of(checkpoint) == tiny_families.model(family).widths
    assert is_sdxl(checkpoint) == (family == "sdxl")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"Reading hidden_size of .*text_encoder/config\.json failed"):
        widths_of(folder_checkpoint(tmp_path))


def test_a_hub_model_s_files_come_from_the_hub(tiny_model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", lambda name, file: str(tiny_model_dir / file))

    assert default_size_of(HUB) == 64


def test_a_hub_that_cannot_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def fail(name: str, file: str) -> str:
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fail)

    with pytest.raises(ModelError, match="of owner/name failed: no network"):
        widths_of(HUB)


@pytest.mark.parametrize(
    ("name", "family", "widths", "size"),
    [
        ("sd1", "sd1", {"clip_l": 768}, 512),
        ("sd2", "sd2", {"clip_h": 1024}, 768),
        ("sdxl", "sdxl", {"clip_l": 768, "clip_g": 1280}, 1024),
    ],
)
def test_a_single_file_and_a_folder_tell_the_same_of_a_model(
    tiny_families: Any,
    original_layout: Any,
    tmp_path: Path,
    name: str,
    family: str,
    widths: dict[str, int],
    size: int,
) -> None:
    file = original_layout.write_single_file(tiny_families.folder(name), tmp_path / "model.safetensors")
    checkpoint = Checkpoint(name=file.name, path=file, kind="file")

    assert family_of(checkpoint) == family_of(folder_checkpoint(tiny_families.folder(name))) == family
    assert widths_of(checkpoint) == widths_of(folder_checkpoint(tiny_families.folder(name))) == widths
    assert default_size_of(checkpoint) == size
    assert default_guidance_scale_of(checkpoint) == 7.0
    assert is_sdxl(checkpoint) == (name == "sdxl")
