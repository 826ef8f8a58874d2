"""A folder through the tagger and a background model, from the files to the files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from traintab.configs import BackgroundConfig, CaptioningConfig, FilesConfig, PreprocessConfig, TaggingConfig
from traintab.errors import ModelError
from traintab.preprocessing import PictureDone, PreprocessFinished, models_at_hand, preprocess
from traintab.preprocessing.captioners import CaptionerMeans

RED, BLUE = 2, 0
Run = Callable[..., list[Any]]


@pytest.fixture
def run(tiny_onnx: Any, source: Path, tmp_path: Path) -> Run:
    """`run(background="mask")` preprocesses to 64 pixels; red is tagged, and red is the subject."""
    tagger = tiny_onnx.save_tagger(
        tmp_path / "tagger", {"red_hat": (2, 1, RED), "blue_sky_(left)": (0, 0, BLUE)}, side=4
    )
    model = tiny_onnx.save_background(tmp_path / "u2net.onnx", size=(16, 16))
    means = CaptionerMeans(
        models_dir=tmp_path, device="cpu", report=lambda sentence: None, interrupted=lambda: False
    )

    def preprocessed(**settings: Any) -> list[Any]:
        background = settings.pop("background", "keep")
        config = PreprocessConfig(
            source=str(source),
            destination=str(tmp_path / "prepared"),
            width=64,
            height=64,
            tagging=TaggingConfig(tagger_model=str(tagger)),
            background=BackgroundConfig(background=background, background_model=str(model)),
            **settings,
        )
        return list(preprocess(config, means=means))

    return preprocessed


@pytest.fixture
def pictures(source: Path) -> Path:
    """Six pictures of a red block on blue, and one that is nothing but blue."""
    for number in range(6):
        image = Image.new("RGB", (80, 80), "blue")
        image.paste("red", (20, 20, 60, 60))
        image.save(source / f"{number}.png")
    Image.new("RGB", (80, 80), (0, 0, 255)).save(source / "plain.png")
    return source


def test_each_picture_gets_its_tags(run: Run, pictures: Path, tmp_path: Path) -> None:
    (pictures / "0.txt").write_text("my cat")
    events = run(
        caption="tags", existing_caption="prepend", captioning=CaptioningConfig(caption_batch_size=4)
    )
    assert isinstance(events[-1], PreprocessFinished)
    texts = {path.name: path.read_text() for path in (tmp_path / "prepared").glob("*.txt")}
    assert texts == {
        "00000-0-0.txt": "my cat, blue sky \\(left\\), red hat",
        **{f"{number:05d}-0-{number}.txt": "blue sky \\(left\\), red hat" for number in range(1, 6)},
        "00006-0-plain.txt": "blue sky \\(left\\)",
    }


def test_mirrored_copies_take_the_tags_of_their_original(run: Run, pictures: Path, tmp_path: Path) -> None:
    swapped = CaptioningConfig(swap_left_and_right=True)
    run(caption="tags", flip="horizontal", captioning=swapped)
    assert (tmp_path / "prepared" / "00000-0-0.txt").read_text() == "blue sky \\(left\\), red hat"
    assert (tmp_path / "prepared" / "00000-1-0.txt").read_text() == "blue sky \\(right\\), red hat"


def test_masks_lie_beside_the_pictures(run: Run, pictures: Path, tmp_path: Path) -> None:
    run(background="mask", files=FilesConfig(output_format="jpeg"))
    with Image.open(tmp_path / "prepared" / "00000-0-0-masklabel.png") as mask:
        assert (mask.mode, mask.size) == ("L", (64, 64))
        assert (mask.getpixel((32, 32)), mask.getpixel((2, 2))) == (255, 0)
    with Image.open(tmp_path / "prepared" / "00000-0-0.jpg") as picture:
        assert picture.size == (64, 64)


def test_transparency_goes_into_the_file(run: Run, pictures: Path, tmp_path: Path) -> None:
    run(background="transparent", files=FilesConfig(output_format="webp"))
    with Image.open(tmp_path / "prepared" / "00000-0-0.webp") as picture:
        alpha = picture.convert("RGBA").getchannel("A")
        assert (alpha.getpixel((32, 32)), alpha.getpixel((2, 2))) == (255, 0)


def test_a_picture_without_a_subject_keeps_its_background_and_is_told(
    run: Run, tiny_onnx: Any, pictures: Path, tmp_path: Path
) -> None:
    tiny_onnx.save_background(tmp_path / "u2net.onnx", scale=0.0, shift=0.1)
    events = run(background="color")
    notes = [event.notes for event in events if isinstance(event, PictureDone)]
    assert len(notes) == 7
    assert all("found no subject" in " ".join(each) for each in notes)
    with Image.open(tmp_path / "prepared" / "00000-0-0.png") as picture:
        assert picture.getpixel((2, 2)) == (0, 0, 255)


def test_a_model_that_cant_be_loaded_is_tried_once_and_told_once(
    run: Run, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many threads want it."""
    tried = []
    monkeypatch.setattr(models_at_hand, "load_background_remover", lambda *_: tried.append(1) or load_torn())
    with pytest.raises(ModelError, match="torn"):
        run(background="color", files=FilesConfig(workers=4))
    assert tried == [1]
    assert not list((tmp_path / "prepared").glob("*.png"))


def load_torn() -> None:
    raise ModelError("The model is torn.")


def test_a_second_run_finds_everything_done(run: Run, pictures: Path, tmp_path: Path) -> None:
    run(caption="tags", background="color")
    whole = {path.name: path.read_bytes() for path in (tmp_path / "prepared").glob("0*")}
    again = run(caption="tags", background="color")
    assert not [event for event in again if isinstance(event, PictureDone)]
    assert {path.name: path.read_bytes() for path in (tmp_path / "prepared").glob("0*")} == whole
