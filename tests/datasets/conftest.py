"""Pictures to look at, and the tiny model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

PictureMaker = Callable[..., Path]


@pytest.fixture
def make_picture(tmp_path: Path) -> PictureMaker:
    """Writes a plain picture below the test's `pictures` folder and gives its path."""

    def make(name: str, color: str = "red", size: tuple[int, int] = (64, 64), **save: object) -> Path:
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, color).save(path, **save)
        return path

    return make
