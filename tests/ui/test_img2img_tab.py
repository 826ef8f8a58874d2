"""*Generate* in img2img: the picture comes from a file that may be anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import GenerationConfig, all_options
from traintab.errors import PictureFileError
from traintab.ui.img2img_tab import generate
from traintab.ui.page import Page


@pytest.fixture
def values() -> dict[str, Any]:
    found = {name: declared.default for name, declared in all_options(GenerationConfig).items()}
    return {**found, "prompt": "mira", "denoising_strength": 0.4}


def test_the_picture_is_drawn_over(page: Page, studio: Any, values: dict[str, Any], tmp_path: Path) -> None:
    Image.new("RGBA", (40, 24), (0, 0, 0, 0)).save(tmp_path / "start.png")
    assert generate(page, values, str(tmp_path / "start.png")) == ("",)
    config = GenerationConfig(prompt="mira", denoising_strength=0.4)
    assert studio.calls == [("draw", (config, (40, 24)))]
    assert page.remembered.values("img2img")["denoising_strength"] == 0.4


def test_without_a_picture_nothing_begins(page: Page, studio: Any, values: dict[str, Any]) -> None:
    with pytest.raises(PictureFileError, match="no picture to begin with"):
        generate(page, values, None)
    assert studio.calls == [] and page.remembered.values("img2img")["prompt"] == "mira"


def test_a_broken_picture_is_refused_by_its_name(
    page: Page, studio: Any, values: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "half.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(PictureFileError, match=r"half\.png"):
        generate(page, values, str(tmp_path / "half.png"))
    assert studio.calls == []
