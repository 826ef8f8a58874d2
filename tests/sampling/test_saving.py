from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from traintab.configs import SavingConfig
from traintab.errors import ConfigError, StorageError
from traintab.sampling.picture_info import read_infotext
from traintab.sampling.saving import save_image, save_images
from traintab.sampling.txt2img import GeneratedImage


def make_picture(infotext: str = "cat\nSteps: 1", side: int = 8) -> GeneratedImage:
    image = Image.fromarray((np.arange(side * side * 3) % 256).astype(np.uint8).reshape(side, side, 3))
    return GeneratedImage(image=image, infotext=infotext, seed=1)


@pytest.mark.parametrize("text", ["cat\nSteps: 1", "猫, ~ é\nSteps: 1"])
def test_the_file_holds_the_picture_and_its_infotext(text: str, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "picture.png"

    save_image(make_picture(text), path)

    with Image.open(path) as read:
        assert read.info["parameters"] == text
        assert np.array_equal(np.asarray(read), np.asarray(make_picture().image))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.JPEG", "a.webp"])
@pytest.mark.parametrize("text", ["cat\nSteps: 1", "猫, ~ é 🐈\nSteps: 1"])
def test_every_format_keeps_its_infotext(name: str, text: str, tmp_path: Path) -> None:
    save_image(make_picture(text), tmp_path / name)

    assert read_infotext(tmp_path / name) == text


@pytest.mark.parametrize("name", ["picture.gif", "picture", "picture.png.txt"])
def test_a_file_of_another_kind_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"only \.png, \.jpg, \.jpeg, \.webp keep its prompt; name it so"):
        save_image(make_picture(), tmp_path / name)


def test_a_prompt_too_long_for_jpeg_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"longer than a JPEG can keep; name it \.png or \.webp"):
        save_image(make_picture("cat " * 10_000), tmp_path / "picture.jpg")

    save_image(make_picture("cat " * 10_000), tmp_path / "picture.webp")
    assert read_infotext(tmp_path / "picture.webp") == "cat " * 10_000


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_less_quality_is_a_smaller_file(name: str, tmp_path: Path) -> None:
    sizes = []
    for quality in (95, 20):
        save_image(make_picture(side=64), tmp_path / name, SavingConfig(picture_quality=quality))
        sizes.append((tmp_path / name).stat().st_size)

    assert sizes[1] < sizes[0]


def test_webp_without_loss_keeps_every_pixel(tmp_path: Path) -> None:
    picture = make_picture(side=16)
    save_image(picture, tmp_path / "a.webp", SavingConfig(lossless_webp=True))

    with Image.open(tmp_path / "a.webp") as read:
        assert np.array_equal(np.asarray(read), np.asarray(picture.image))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError):
        save_image(make_picture(), tmp_path / "file" / "picture.png")


def test_pictures_without_a_name_are_numbered_by_day(tmp_path: Path) -> None:
    first, second = (save_images([make_picture()], tmp_path)[0] for _ in range(2))

    assert (first.name, second.name) == ("00001-1.png", "00002-1.png")
    assert first.parent.parent == tmp_path / "txt2img-images"


def test_pictures_are_written_in_the_chosen_format_and_by_kind(tmp_path: Path) -> None:
    saving = SavingConfig(picture_format="webp")
    (path,) = save_images([make_picture()], tmp_path, kind="img2img", saving=saving)

    assert (path.parent.parent.name, path.name) == ("img2img-images", "00001-1.webp")
    assert read_infotext(path) == "cat\nSteps: 1"


def test_numbers_go_on_over_formats_and_beyond_five_digits(tmp_path: Path) -> None:
    (first,) = save_images([make_picture()], tmp_path, saving=SavingConfig(picture_format="jpg"))
    second, third = save_images([make_picture()] * 2, tmp_path)
    third.rename(third.with_name("99999-1.png"))
    (fourth,) = save_images([make_picture()], tmp_path)
    (fifth,) = save_images([make_picture()], tmp_path)

    names = [path.name for path in (first, second, fourth, fifth)]
    assert names == ["00001-1.jpg", "00002-1.png", "100000-1.png", "100001-1.png"]


def test_files_of_others_in_the_folder_are_passed_over(tmp_path: Path) -> None:
    (first,) = save_images([make_picture()], tmp_path)
    (first.parent / "7up-photo.png").write_bytes(b"")
    (first.parent / "notes.txt").write_bytes(b"")

    assert save_images([make_picture()], tmp_path)[0].name == "00002-1.png"


def test_a_drawn_picture_is_never_lost_to_its_long_prompt(tmp_path: Path) -> None:
    saving = SavingConfig(picture_format="jpg")
    long, short = save_images([make_picture("cat " * 10_000), make_picture()], tmp_path, saving=saving)

    assert (long.suffix, short.suffix) == (".png", ".jpg")
    assert read_infotext(long) == "cat " * 10_000
