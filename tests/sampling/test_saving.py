from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from traintab.errors import ConfigError, StorageError
from traintab.sampling.saving import save_image, save_images
from traintab.sampling.txt2img import GeneratedImage


def make_picture(infotext: str = "cat\nSteps: 1") -> GeneratedImage:
    image = Image.fromarray(np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3))
    return GeneratedImage(image=image, infotext=infotext, seed=1)


@pytest.mark.parametrize("text", ["cat\nSteps: 1", "猫, ~ é\nSteps: 1"])
def test_the_file_holds_the_picture_and_its_infotext(text: str, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "picture.png"

    save_image(make_picture(text), path)

    with Image.open(path) as read:
        assert read.info["parameters"] == text
        assert np.array_equal(np.asarray(read), np.asarray(make_picture().image))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"only \.png keeps its prompt"):
        save_image(make_picture(), tmp_path / "picture.jpg")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError):
        save_image(make_picture(), tmp_path / "file" / "picture.png")


def test_pictures_without_a_name_are_numbered_by_day(tmp_path: Path) -> None:
    first, second = (save_images([make_picture()], tmp_path)[0] for _ in range(2))

    assert (first.name, second.name) == ("00001-1.png", "00002-1.png")
    assert first.parent.parent == tmp_path / "txt2img-images"
