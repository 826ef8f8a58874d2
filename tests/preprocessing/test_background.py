from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import BackgroundConfig
from traintab.errors import InputError, ModelError
from traintab.preprocessing.background import (
    BackgroundRemover,
    check_background,
    load_background_remover,
    without_background,
)
from traintab.preprocessing.captioners import CaptionerMeans

SUBJECT, OUTSIDE = (32, 16), (2, 2)


@pytest.fixture
def model(tiny_onnx: Any, tmp_path: Path) -> str:
    """The path of a model to which red is the subject."""
    return str(tiny_onnx.save_background(tmp_path / "u2net.onnx", size=(32, 64)))


@pytest.fixture
def means(tmp_path: Path) -> CaptionerMeans:
    return CaptionerMeans(
        models_dir=tmp_path, device="cpu", report=lambda sentence: None, interrupted=lambda: False
    )


@pytest.fixture
def picture() -> Image.Image:
    """A red block in the middle of blue, 64 x 32 pixels."""
    image = Image.new("RGB", (64, 32), "blue")
    image.paste("red", (16, 8, 48, 24))
    return image


def remover_of(config: BackgroundConfig, means: CaptionerMeans) -> BackgroundRemover:
    remover = load_background_remover(config, means)
    assert remover is not None
    return remover


def pixels(image: Image.Image | None) -> tuple[Any, Any]:
    assert image is not None
    return image.getpixel(SUBJECT), image.getpixel(OUTSIDE)


def test_kept_backgrounds_need_no_model(means: CaptionerMeans) -> None:
    config = BackgroundConfig(background_model="nowhere.onnx")
    check_background(config)
    assert load_background_remover(config, means) is None


@pytest.mark.preprocess_option("background")
def test_the_background_becomes_transparent(model: str, means: CaptionerMeans, picture: Image.Image) -> None:
    config = BackgroundConfig(background="transparent", background_model=model)
    done = without_background(picture, None, remover_of(config, means), config)
    assert done.image.mode == "RGBA"
    assert pixels(done.image) == ((255, 0, 0, 255), (0, 0, 255, 0))
    assert done.mask is None
    assert done.notes == ()


@pytest.mark.preprocess_option("background_color")
@pytest.mark.parametrize(("color", "filled"), [("white", (255, 255, 255)), ("#00ff80", (0, 255, 128))])
def test_the_background_is_filled_with_a_colour(
    model: str, means: CaptionerMeans, picture: Image.Image, color: str, filled: tuple[int, int, int]
) -> None:
    config = BackgroundConfig(background="color", background_model=model, background_color=color)
    done = without_background(picture, None, remover_of(config, means), config)
    assert done.image.mode == "RGB"
    assert pixels(done.image) == ((255, 0, 0), filled)


@pytest.mark.preprocess_option("background_model")
def test_another_model_finds_another_subject(
    tiny_onnx: Any, tmp_path: Path, model: str, means: CaptionerMeans, picture: Image.Image
) -> None:
    opposite = str(tiny_onnx.save_background(tmp_path / "u2netp.onnx", size=(32, 64), scale=-0.1))
    found = [
        pixels(remover_of(BackgroundConfig(background="mask", background_model=each), means)(picture))
        for each in (model, opposite)
    ]
    assert found == [(255, 0), (0, 255)]


def test_a_mask_leaves_the_picture_as_it_is(model: str, means: CaptionerMeans, picture: Image.Image) -> None:
    config = BackgroundConfig(background="mask", background_model=model)
    done = without_background(picture, None, remover_of(config, means), config)
    assert done.image is picture
    assert pixels(done.mask) == (255, 0)


def test_a_pictures_own_mask_holds_as_well(model: str, means: CaptionerMeans, picture: Image.Image) -> None:
    own = Image.new("L", (32, 16), 255)  # of half the size; the left half is masked
    own.paste(0, (0, 0, 16, 16))
    config = BackgroundConfig(background="mask", background_model=model)
    done = without_background(picture, own, remover_of(config, means), config)
    assert done.mask is not None
    assert done.mask.size == picture.size
    assert [done.mask.getpixel((x, 16)) for x in (20, 44, 60)] == [0, 255, 0]


@pytest.mark.parametrize("background", ["color", "transparent"])
def test_a_pictures_own_mask_stays_where_none_is_made(
    model: str, means: CaptionerMeans, picture: Image.Image, background: str
) -> None:
    own = Image.new("L", picture.size, 200)
    config = BackgroundConfig(background=background, background_model=model)
    assert without_background(picture, own, remover_of(config, means), config).mask is own


@pytest.mark.parametrize(
    ("background", "outside"), [("color", (255, 255, 255)), ("transparent", (255, 0, 0, 0))]
)
def test_what_was_transparent_is_background(
    model: str, means: CaptionerMeans, background: str, outside: Any
) -> None:
    """Even where what lies below looks like the subject."""
    picture = Image.new("RGBA", (64, 32), (255, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (16, 8, 48, 24))
    picture.paste((0, 0, 255, 255), (0, 28, 64, 32))
    config = BackgroundConfig(background=background, background_model=model)
    done = without_background(picture, None, remover_of(config, means), config)
    assert pixels(done.image)[1] == outside
    assert pixels(done.image)[0][:3] == (255, 0, 0)


def test_a_picture_without_a_subject_is_kept_and_told(
    tiny_onnx: Any, tmp_path: Path, means: CaptionerMeans, picture: Image.Image
) -> None:
    path = tiny_onnx.save_background(tmp_path / "blind.onnx", scale=0.0, shift=0.2)
    config = BackgroundConfig(background="color", background_model=str(path))
    done = without_background(picture, None, remover_of(config, means), config)
    assert done.image is picture
    assert done.notes == ("The background model found no subject, so the background was kept.",)


def test_the_folder_of_a_model_stands_for_it(
    tiny_onnx: Any, tmp_path: Path, model: str, means: CaptionerMeans, picture: Image.Image
) -> None:
    config = BackgroundConfig(background="mask", background_model=str(tmp_path))
    assert pixels(remover_of(config, means)(picture)) == (255, 0)
    tiny_onnx.save_background(tmp_path / "isnet.onnx")
    with pytest.raises(ModelError, match=r"holds 2 background models; give the path of one, such as .*isnet"):
        check_background(config)


def test_a_missing_model_is_told_before_anything_starts(tmp_path: Path) -> None:
    config = BackgroundConfig(background="mask", background_model=str(tmp_path / "none.ONNX"))
    with pytest.raises(ModelError, match=r"no background model .*none\.ONNX; check the path"):
        check_background(config)


def test_without_onnx_runtime_the_command_is_told(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"Removing backgrounds needs ONNX Runtime.*pip install onnxruntime"):
        check_background(BackgroundConfig(background="mask", background_model=model))


def test_without_rembg_both_ways_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rembg", None)
    config = BackgroundConfig(background="mask", background_model="birefnet-general")
    with pytest.raises(
        InputError, match=r"'birefnet-general' needs rembg.*isnet-anime, .*\.onnx.*rembg\[cpu"
    ):
        check_background(config)


def test_the_usual_models_need_no_rembg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rembg", None)
    check_background(BackgroundConfig(background="mask"))
    check_background(BackgroundConfig(background="mask", background_model=" isnet-anime "))
